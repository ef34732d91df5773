"""A finished corpus on its way to the Hub, and everything that can be known to fail before hours are spent on making it."""

from __future__ import annotations

from pathlib import Path

from aurora_crawl.corpus.options import CorpusError
from aurora_crawl.messages import N_, Message


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
        raise HubError(N_("--push {repo}: not the name of a data set; write OWNER/NAME"), repo=repo) from error
    except failures as error:
        raise HubError(N_("--push {repo}: {why}"), repo=repo, why=_said(error)) from error


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
        again = N_(
            "--push {repo}: {why}; the corpus is whole; `hf upload --repo-type dataset {repo} {folder}` sends it"
        )
        raise HubError(again, repo=repo, why=_said(error), folder=folder) from error
    return str(commit.commit_url)


def _failures() -> tuple[type[Exception], ...]:
    """What the library raises when the network, the Hub or a file fails; its uploader in Rust has RuntimeError."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError  # type: ignore[attr-defined]

    return HfHubHTTPError, HTTPError, OSError, ValueError, RuntimeError


def _said(error: Exception) -> Message:
    """In a line what went wrong: the library's own classes are many, those of its HTTP client and of its uploader too."""
    from huggingface_hub.errors import HfHubHTTPError

    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    if status == 401:
        return Message(N_("the Hub does not know you; `hf auth login` does, or the variable HF_TOKEN"))
    if status == 403:
        return Message(N_("your token may not write there"))
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    why = lines[0] if lines else type(error).__name__
    return Message(N_("the Hub cannot be reached or refused it ({why})"), why=why)
