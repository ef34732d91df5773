"""Data sets on the Hub, or in its cache on this machine."""

from __future__ import annotations

from train.config.load import DatasetKeys
from train.data.record import Records
from train.errors import DataError, first_line
from train.models.hub import offline_unless_hub_answers


def hub_dataset(entry: DatasetKeys, key: str = "datasets") -> Records:
    """The records of a data set on the Hub, or in its cache on this machine, each with its place for error messages.

    Raises DataError where there is neither a folder nor a data set of that name, and where the Hub is out of reach; it
    names the configuration's `key`.
    """
    reachable = offline_unless_hub_answers()
    # Only now, because datasets looks at HF_HUB_OFFLINE when it is imported.
    import datasets

    try:
        found = datasets.load_dataset(
            entry.path, entry.name, split=entry.split, revision=entry.revision, data_files=entry.data_files
        )
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        where = "on the Hub" if reachable else "in the Hub's cache, and the Hub is not asked or out of reach"
        reason = f" ({first_line(error)})" if reachable and str(error).strip() else ""
        raise DataError(f"{key}: {entry.path}: no such file or folder, nor a data set {where}{reason}") from error
    for number, record in enumerate(found, start=1):
        yield f"{entry.path}, row {number}", dict(record)
