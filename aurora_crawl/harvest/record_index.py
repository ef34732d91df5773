"""The index of a harvested file: every record's place, moment and address, wanted or not; CC-NEWS itself has none by host."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aurora_crawl.files import whole_file
from aurora_crawl.storage.shards import packed

LEVEL = 6


@dataclass(slots=True, frozen=True)
class IndexRow:
    """A record: from which byte of its file, how many, when it was captured, and of what."""

    offset: int
    length: int
    date: str
    url: str


def write_rows(path: Path, rows: Iterable[IndexRow]) -> None:
    """Write an index in one step; the same rows give the same bytes. Raises OSError."""
    with whole_file(path, has_rivals=True) as file, packed(file, LEVEL) as out:
        for row in rows:
            # An address with a line end is none.
            if not set(row.url) & {"\n", "\t", "\r"}:
                out.write(f"{row.offset}\t{row.length}\t{row.date}\t{row.url}\n".encode("utf-8", "replace"))


def read_rows(path: Path) -> Iterator[IndexRow]:
    """The rows of an index. Raises OSError for a damaged one."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            offset, length, date, url = line.rstrip("\n").split("\t")
            yield IndexRow(int(offset), int(length), date, url)


def without(path: Path, is_out: Callable[[str], bool]) -> int:
    """Take addresses out of an index; how many rows went."""
    rows = list(read_rows(path))
    stay = [row for row in rows if not is_out(row.url)]
    if len(stay) < len(rows):
        write_rows(path, stay)
    return len(rows) - len(stay)


@dataclass(slots=True, frozen=True)
class HarvestNote:
    """What was done with a file: the outlets that were wanted (none: all in the language), its records, and what was damaged."""

    outlets: list[str]
    records: int
    kept: int
    bytes: int
    damaged: list[str]
    missing: bool = False
    everything: bool = False
    """Whether all pages in the language were kept, whosever they are."""

    def as_json(self) -> str:
        """The note as its file holds it."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False) + "\n"


def read_note(path: Path) -> HarvestNote | None:
    """The note of a file that is done; None where there is none, or a damaged one."""
    try:
        return HarvestNote(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
