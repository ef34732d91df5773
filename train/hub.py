"""The Hugging Face Hub: whether it can be reached, found out once and quickly, and its data sets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from train.config import DatasetKeys

HUB_PATIENCE = 5.0
"""Seconds that the Hub has for its first answer; without them every file would be tried several times, for minutes."""


@cache
def hub_answers() -> bool:
    """Whether the Hub answers; false at once where `HF_HUB_OFFLINE` is set."""
    from huggingface_hub import constants, get_session
    from huggingface_hub.errors import HfHubHTTPError

    if constants.HF_HUB_OFFLINE:
        return False
    import httpx

    try:
        get_session().head(constants.ENDPOINT, timeout=HUB_PATIENCE)
    except (OSError, httpx.HTTPError, HfHubHTTPError):
        return False
    return True


def hub_dataset(entry: DatasetKeys) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of a data set on the Hub, or in its cache on this machine, each with its place for error messages.

    Raises DataError where there is neither a folder nor a data set of that name, and where the Hub is out of reach.
    """
    import datasets

    from train.documents import DataError

    if not hub_answers():
        raise DataError(f"datasets: {entry.path}: no such file or folder here, and the Hub is out of reach")
    try:
        found = datasets.load_dataset(
            entry.path, entry.name, split=entry.split, revision=entry.revision, data_files=entry.data_files
        )
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(f"datasets: {entry.path}: neither a file here nor on the Hub: {reason}") from error
    for number, record in enumerate(found, start=1):
        yield f"{entry.path}, row {number}", dict(record)
