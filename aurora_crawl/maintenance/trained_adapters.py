"""Which adapters saw a document in their training, by the list of documents that `train` leaves beside each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aurora_crawl.errors import StorageError
from aurora_crawl.items import work_of
from aurora_crawl.messages import N_

DOCUMENTS = "documents.jsonl"
"""The list of its documents in an adapter's folder."""


@dataclass(slots=True)
class TrainedAdapter:
    """An adapter's folder, and how many of some documents it was trained on, and measured on."""

    folder: Path
    trained: int = 0
    held_out: int = 0


def adapters_that_know(folders: Iterable[Path], ids: Collection[str]) -> Iterator[TrainedAdapter]:
    """The adapters at any depth that saw one of these documents.

    Raises StorageError for a list of documents that cannot be read: what is in it is then not known.
    """
    for path in sorted(path for folder in folders for path in folder.rglob(DOCUMENTS)):
        found = TrainedAdapter(path.parent)
        try:
            with path.open(encoding="utf-8") as lines:
                for row in map(json.loads, filter(str.strip, lines)):
                    if work_of(str(row.get("id"))) not in ids:
                        continue
                    if row.get("part") == "held_out":
                        found.held_out += 1
                    else:
                        found.trained += 1
        except (ValueError, AttributeError) as error:
            unread = N_("{path}: cannot be read ({why}); whether this adapter holds it is not known")
            raise StorageError(unread, path=path, why=error) from error
        if found.trained or found.held_out:
            yield found
