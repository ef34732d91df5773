"""A finished corpus on its way to the Hub, and everything that can be known to fail before hours are spent on making it."""

from __future__ import annotations

from pathlib import Path

from aurora_crawl.corpus.options import CorpusError


class HubError(CorpusError):
    """The Hub does not take the corpus; the message says why, and what to do."""


def claim(repo: str) -> None:
    """Make a private data set of this name where there is none. Raises HubError.

    An existing one stays as it is, public or private.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError

    failures = _failures()
    try:
        HfApi().create_repo(repo, repo_type="dataset", private=True, exist_ok=True)
        # Of one that exists the call above does not say whose it is.
        HfApi().auth_check(repo, repo_type="dataset", write=True)
    except HFValidationError as error:
        raise HubError(f"--push {repo}: not the name of a data set; write OWNER/NAME") from error
    except failures as error:
        raise HubError(f"--push {repo}: {_said(error)}") from error


def push(folder: Path, repo: str) -> str:
    """Send a corpus to the data set that was claimed for it, in one commit; the commit's address. Raises HubError.

    What an earlier corpus had there and this one has not is deleted.
    """
    from huggingface_hub import HfApi

    failures = _failures()
    try:
        commit = HfApi().upload_folder(
            repo_id=repo,
            repo_type="dataset",
            folder_path=str(folder),
            commit_message="Corpus by scrapy corpus",
            delete_patterns=["train-*.jsonl.gz", "validation-*.jsonl.gz"],
        )
    except failures as error:
        again = f"the corpus is whole; `hf upload --repo-type dataset {repo} {folder}` sends it"
        raise HubError(f"--push {repo}: {_said(error)}; {again}") from error
    return str(commit.commit_url)


def _failures() -> tuple[type[Exception], ...]:
    """What the library raises when the network, the Hub or a file fails; its uploader in Rust has RuntimeError."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    return HfHubHTTPError, HTTPError, OSError, ValueError, RuntimeError


def _said(error: Exception) -> str:
    """In a line what went wrong: the library's own classes are many, those of its HTTP client and of its uploader too."""
    from huggingface_hub.errors import HfHubHTTPError

    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    if status == 401:
        return "the Hub does not know you; `hf auth login` does, or the variable HF_TOKEN"
    if status == 403:
        return "your token may not write there"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"the Hub cannot be reached or refused it ({lines[0] if lines else type(error).__name__})"
