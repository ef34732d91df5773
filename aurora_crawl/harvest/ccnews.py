"""CC-NEWS, file by file: streamed, its members found, wanted ones copied as they are, an index of all kept.

What becomes of a file is named by the file, and appears in one step: `NAME.warc.gz` with the wanted records, `NAME.own.gz` with where they stand
in it, `NAME.index.gz` with all records of the original, and, last, `NAME.json`, which says that the file is done. So no ledger is needed, and
a process may die at any moment. Outlets that are wanted later get `NAME+HASH.warc.gz`, from ranges.
"""

from __future__ import annotations

import gzip
import shutil
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from aurora_crawl.errors import WrongCommand
from aurora_crawl.files import whole_file, write_whole
from aurora_crawl.harvest.record_index import HarvestNote, IndexRow, read_note, read_rows, write_rows
from aurora_crawl.harvest.stream import HarvestError, NotThere, Server, pieces, read_whole, size_of
from aurora_crawl.harvest.wanted import Wanted
from aurora_crawl.messages import N_, Message
from aurora_crawl.storage.members import Damage, EndsWithin, Member, NotMembers, members

MOST_MONTHS = 240
KEPT_SHARE = 0.04
"""Of a file's bytes that are kept of all that is Portuguese (some 2.4 % of the records), and by the index; an estimate until files are done."""
NEXT_TO = 64 << 10
"""Bytes between two wanted records up to which one range takes both: a request costs more."""
RANGES_SLACK = 0.15
"""Share of the records' own bytes that may be read between them in all."""
DAMAGES_TOLD = 50


class DiskFull(HarvestError):  # noqa: N818 - it names what was met
    """The disk would fill."""


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file to be harvested into `folder`; `keep_free` bytes of the disk are left."""

    url: str
    folder: Path
    outlets: tuple[str, ...]
    server: Server
    keep_free: int

    @property
    def name(self) -> str:
        """The file's, without its ending."""
        return self.url.rpartition("/")[2].removesuffix(".warc.gz")

    def path(self, ending: str) -> Path:
        """A file made of this one."""
        return self.folder / f"{self.name}{ending}"


@dataclass(frozen=True, slots=True)
class FileDone:
    """What came of a file: bytes read, records seen and kept, and damaged places."""

    name: str
    read: int = 0
    records: int = 0
    kept: int = 0
    kept_bytes: int = 0
    damaged: tuple[str, ...] = ()
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a harvest will take: files that are not done, bytes to be read, bytes on the disk, and bytes that are free."""

    files: int
    done: int
    read: int
    disk: int
    free: int


def months(since: str, until: str) -> list[str]:
    """The months from `2024-01` to another, both included. Raises WrongCommand."""
    first, last = _month(since), _month(until)
    if last < first or last - first >= MOST_MONTHS:
        raise WrongCommand(N_("{since} to {until}: no span of months"), since=since, until=until)
    return [f"{one // 12:04d}-{one % 12 + 1:02d}" for one in range(first, last + 1)]


def files_of(base: str, month: str, server: Server) -> list[str]:
    """The addresses of a month's files. Raises HarvestError; a month that is not there has none."""
    year, number = month.split("-")
    try:
        packed = read_whole(f"{base}/crawl-data/CC-NEWS/{year}/{number}/warc.paths.gz", server)
    except NotThere:
        return []
    try:
        listed = gzip.decompress(packed).decode("ascii").split()
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise HarvestError(N_("the list of {month} is damaged; run the same command again"), month=month) from error
    wanted = [path for path in listed if path.startswith("crawl-data/CC-NEWS/") and path.endswith(".warc.gz")]
    return [f"{base}/{path}" for path in wanted if ".." not in path and path.rpartition("/")[2].isascii()]


def outstanding(tasks: Iterable[FileTask]) -> list[FileTask]:
    """The files that are not done, or not for all outlets that are wanted."""
    return [task for task in tasks if (note := read_note(task.path(".json"))) is None or not _suffices(task, note)]


def foresee(tasks: list[FileTask], done: int) -> Foreseen:
    """What is to be read and kept, by the sizes of a few files. Raises HarvestError."""
    new = [task for task in tasks if not task.outlets or not task.path(".json").exists()]
    sizes = []
    for task in new[:: max(1, len(new) // 5)][:5]:
        try:
            sizes.append(size_of(task.url, task.server))
        except NotThere:
            continue
    read = round(sum(sizes) / len(sizes) * len(new)) if sizes else 0
    free = shutil.disk_usage(_standing(tasks[0].folder)).free if tasks else 0
    return Foreseen(len(tasks), done, read, round(read * KEPT_SHARE), free)


def harvest_file(task: FileTask) -> FileDone:
    """Harvest a file, or add outlets to one that is done. Raises HarvestError and DiskFull; then nothing of it is there."""
    task.folder.mkdir(parents=True, exist_ok=True)
    note = read_note(task.path(".json"))
    try:
        if note is not None and task.outlets:
            return _with_more_outlets(task, note)
        return _whole(task)
    except NotThere:
        gone = HarvestNote(list(task.outlets), 0, 0, 0, [], True, not task.outlets)
        write_whole(task.path(".json"), gone.as_json(), has_rivals=True)
        return FileDone(task.name, missing=True)
    except OSError as error:
        raise HarvestError(N_("{folder}: {why}"), folder=task.folder, why=error.strerror or error) from error


def _whole(task: FileTask) -> FileDone:
    wanted, read = Wanted(task.outlets), _Counted(pieces(task.url, task.server))
    rows: list[IndexRow] = []
    damaged: list[str] = []

    def tell(damage: Damage) -> None:
        if len(damaged) < DAMAGES_TOLD:
            damaged.append(f"byte {damage.offset}: {damage.reason}")

    def kept() -> Iterator[Member]:
        try:
            for member in members(read, wanted.may_be, tell):
                if member.head.url.startswith("http"):
                    rows.append(IndexRow(member.offset, member.length, member.head.date, member.head.url))
                if member.packed is not None and wanted.keeps(member):
                    yield member
        except EndsWithin as error:
            damaged.append(Message("byte {offset}: the file ends within this record", offset=error.offset))
        except NotMembers as error:
            damaged.append(Message("byte {offset}: not packed record by record from here on", offset=error.offset))

    own, size = _copied(task, task.path(".warc.gz"), kept())
    write_rows(task.path(".own.gz"), own)
    write_rows(task.path(".index.gz"), rows)
    note = HarvestNote(sorted(task.outlets), len(rows), len(own), size, damaged, False, not task.outlets)
    write_whole(task.path(".json"), note.as_json(), has_rivals=True)
    for path in task.folder.glob(f"{task.name}+*"):
        # What was fetched for outlets before all was wanted is in it now.
        path.unlink(missing_ok=True)
    return FileDone(task.name, read.bytes, len(rows), len(own), size, tuple(damaged))


def _with_more_outlets(task: FileTask, note: HarvestNote) -> FileDone:
    """Fetch the records of outlets that were not wanted when the file was harvested, by ranges."""
    lacking = _lacking(task, note)
    if not lacking or note.missing:
        return FileDone(task.name, missing=note.missing)
    is_wanted = Wanted(lacking)
    there = {row.url + row.date for path in own_indexes(task.folder, task.name) for row in read_rows(path)}
    rows = [r for r in read_rows(task.path(".index.gz")) if is_wanted.of_outlet(r.url) and r.url + r.date not in there]
    read = 0

    def fetched() -> Iterator[Member]:
        nonlocal read
        for group in _ranges(rows):
            first, end = group[0].offset, group[-1].offset + group[-1].length
            data = read_whole(task.url, task.server, first, end - first)
            read += len(data)
            for row in group:
                packed = data[row.offset - first : row.offset - first + row.length]
                for member in members([packed], is_wanted.may_be, lambda damage: None):
                    if member.packed is not None:
                        yield member

    key = sha256(" ".join(lacking).encode()).hexdigest()[:8]
    own, size = _copied(task, task.path(f"+{key}.warc.gz"), fetched())
    write_rows(task.path(f"+{key}.own.gz"), own)
    grown = replace(note, outlets=sorted({*note.outlets, *lacking}), kept=note.kept + len(own), bytes=note.bytes + size)
    write_whole(task.path(".json"), grown.as_json(), has_rivals=True)
    return FileDone(task.name, read, len(rows), len(own), size)


def own_indexes(folder: Path, name: str = "") -> list[Path]:
    """The indexes of what was kept, of all files or of one."""
    if not name:
        return sorted(folder.glob("*.own.gz"))
    return sorted([*folder.glob(f"{name}.own.gz"), *folder.glob(f"{name}+*.own.gz")])


def _copied(task: FileTask, path: Path, every: Iterable[Member]) -> tuple[list[IndexRow], int]:
    """Write records as they are into a file; where each stands in it, and its size. Raises DiskFull."""
    own: list[IndexRow] = []
    place = checked = 0
    with whole_file(path, has_rivals=True) as file:
        _check_room(task)
        for member in every:
            assert member.packed is not None
            file.write(member.packed)
            own.append(IndexRow(place, member.length, member.head.date, member.head.url))
            place += member.length
            if place - checked > (16 << 20):
                checked = place
                _check_room(task)
    return own, place


def _check_room(task: FileTask) -> None:
    free = shutil.disk_usage(task.folder).free
    if free < task.keep_free:
        said = N_("{folder}: {free} MB are free, {least} are to stay so; make room, then run the same command again")
        raise DiskFull(said, folder=task.folder, free=free >> 20, least=task.keep_free >> 20)


def _ranges(rows: list[IndexRow]) -> Iterator[list[IndexRow]]:
    """Rows in groups that one range takes."""
    allowance = RANGES_SLACK * sum(row.length for row in rows)
    group: list[IndexRow] = []
    for row in sorted(rows, key=lambda row: row.offset):
        gap = row.offset - (group[-1].offset + group[-1].length) if group else 0
        if group and (gap > NEXT_TO or gap > allowance):
            yield group
            group = []
        elif group:
            allowance -= gap
        group.append(row)
    if group:
        yield group


def _lacking(task: FileTask, note: HarvestNote) -> list[str]:
    return sorted({*task.outlets} - {*note.outlets})


def _suffices(task: FileTask, note: HarvestNote) -> bool:
    """Whether a file has what is wanted of it; one that has all that is Portuguese may lack some of an outlet's."""
    return note.missing or (not _lacking(task, note) if task.outlets else note.everything)


def _month(text: str) -> int:
    year, _, month = text.partition("-")
    if not (year.isdecimal() and month.isdecimal() and len(year) == 4 and 1 <= int(month) <= 12):
        raise WrongCommand(N_("{month}: no month like 2024-05"), month=text)
    return int(year) * 12 + int(month) - 1


def _standing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


class _Counted:
    """Pieces, and how many bytes they had."""

    def __init__(self, every: Iterator[bytes]) -> None:
        self._every, self.bytes = every, 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._every:
            self.bytes += len(piece)
            yield piece
