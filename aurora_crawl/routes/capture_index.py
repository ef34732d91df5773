"""What the indexes of web archives say of a site: its captures, kept so that no index is read twice, and which of them are asked for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from aurora_crawl.extraction.optout import ROBOTS, TDMREP
from aurora_crawl.storage.capture_choice import LEAST_OF_LONGEST, MOST_ADDRESSES

_DONE = "done"
_LONGER = 0.95


@dataclass(slots=True, frozen=True)
class CaptureRow:
    """A capture as an index tells of it; `place` is where its record is: file, offset and length, or the moment in an address."""

    url: str
    moment: str
    """Fourteen digits, in UTC."""
    status: int
    mime: str
    digest: str
    length: int
    place: str
    redirect: str = ""
    truncated: bool = False


@dataclass(slots=True, frozen=True)
class Choice:
    """The captures of an article that are asked for, the newest first, and under which addresses one of them stands too."""

    id: str
    rows: tuple[CaptureRow, ...]
    spare: CaptureRow | None = None
    """A longer one, for where the text of these is short: what all pages of a site have in common hides how little text one has."""
    twins: tuple[CaptureRow, ...] = ()


class IndexFile:
    """The rows of a site in an archive's indexes: a line a row, and one for each part of the index that was read to its end.

    Rows of a part that was not are not seen, and read again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def done(self) -> list[str]:
        """The parts that were read, in their order."""
        return [row[_DONE] for row in self._lines() if _DONE in row]

    def rows(self) -> Iterator[CaptureRow]:
        """The rows of all parts that were read."""
        waiting: list[CaptureRow] = []
        for row in self._lines():
            if _DONE in row:
                yield from waiting
                waiting = []
            elif "begun" in row:
                waiting = []
            else:
                waiting.append(CaptureRow(**row))

    def add(self, part: str, rows: Iterable[CaptureRow]) -> None:
        """Keep a part's rows. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lines = [{"begun": part}, *map(asdict, rows), {_DONE: part}]
        with self._path.open("a", encoding="utf-8") as file:
            # What a killed process left of a line ends here.
            file.write("\n" + "".join(json.dumps(line) + "\n" for line in lines))

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        try:
            with self._path.open(encoding="utf-8") as file:
                for line in file:
                    try:
                        row = json.loads(line)
                    except ValueError:
                        continue
                    if isinstance(row, dict):
                        yield row
        except FileNotFoundError:
            return


def choices(
    rows: Iterable[CaptureRow], canonical_id: Callable[[str], str], is_article: Callable[[str], bool]
) -> list[Choice]:
    """Which captures are asked for, article by article: the newest whole one, and the longest too where the newest has a record of
    less than `LEAST_OF_LONGEST` of it. What stands under many addresses is a wall, and none of them.
    """
    groups: dict[str, list[CaptureRow]] = defaultdict(list)
    addresses: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.status == 200 and "html" in row.mime and is_article(row.url):
            id = canonical_id(row.url)
            groups[id].append(row)
            if row.digest:
                addresses[row.digest].add(id)
    walls = {digest for digest, ids in addresses.items() if len(ids) > MOST_ADDRESSES}
    chosen: dict[str, Choice] = {}
    by_digest: dict[str, str] = {}
    for id in sorted(groups, key=lambda id: min((len(row.url), row.url) for row in groups[id])):
        whole = [row for row in groups[id] if row.digest not in walls]
        whole = [row for row in whole if not row.truncated] or whole
        if not whole:
            continue
        newest = max(whole, key=lambda row: (row.moment, row.length, row.place))
        longest = max(whole, key=lambda row: (row.length, row.moment, row.place))
        twin = by_digest.setdefault(newest.digest or newest.place, id)
        if twin != id:
            chosen[twin] = replace(chosen[twin], twins=(*chosen[twin].twins, newest))
        elif newest.length < LEAST_OF_LONGEST * longest.length:
            chosen[id] = Choice(id, (newest, longest))
        else:
            chosen[id] = Choice(id, (newest,), longest if newest.length < _LONGER * longest.length else None)
    return list(chosen.values())


def redirects(rows: Iterable[CaptureRow]) -> Iterator[tuple[str, str]]:
    """Addresses that led to others, as the index tells."""
    return ((row.url, row.redirect) for row in rows if 300 <= row.status < 400 and row.redirect)


def rule_files(rows: Iterable[CaptureRow]) -> list[CaptureRow]:
    """The latest robots.txt and the latest tdmrep.json of the site."""
    latest: dict[str, CaptureRow] = {}
    for row in rows:
        for path in (ROBOTS, TDMREP):
            if row.url.partition("?")[0].endswith(path) and row.status in (200, 404, 410):
                known = latest.get(path)
                if known is None or known.moment < row.moment:
                    latest[path] = row
    return list(latest.values())


def surt(host: str) -> str:
    """A host as indexes sort it: `br,org,averdade)/`."""
    name, _, port = host.lower().removeprefix("www.").partition(":")
    return ",".join(reversed(name.split("."))) + (f":{port}" if port else "") + ")/"
