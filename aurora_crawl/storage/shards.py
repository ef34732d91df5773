"""Shards: JSON Lines files that are written once. Plain lines while open, compressed and listed when closed.

A shard NAME lives as `NAME.jsonl.part` while lines are added, and as `NAME.jsonl.gz` afterwards; `manifest.json` lists
the finished ones with lines, bytes and sha256. Whatever moment the process dies at, the lines are in one of the two.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any, BinaryIO

import jsonlines

from aurora_crawl.errors import StorageError
from aurora_crawl.files import clear_unfinished, sync_file, whole_file, write_whole
from aurora_crawl.items import Article, as_record
from aurora_crawl.messages import N_
from aurora_crawl.storage.typed_json import from_json

OPEN_SUFFIX = ".jsonl.part"
FINISHED_SUFFIX = ".jsonl.gz"
MANIFEST = "manifest.json"
MANIFEST_VERSION = 1
_COPY_BYTES = 1 << 20
_SHORTEST_GZIP = 18
"""Bytes of gzip's frame around nothing."""


class ShardError(StorageError):
    """A shard or manifest cannot be read or written; the message names the file, the line and what to do."""


class NewerManifestError(ShardError):
    """A manifest was written by a newer program: it is whole, and nothing is to be mended."""


@dataclass(slots=True, frozen=True)
class ShardRecord:
    """What the manifest says of a finished shard: `lines` and `bytes` of the text, `sha256` of the compressed file."""

    name: str
    lines: int
    bytes: int
    sha256: str


@dataclass(slots=True, frozen=True)
class ShardManifest:
    """`manifest.json` beside a site's shards: the finished ones, by name."""

    version: int
    shards: list[ShardRecord]


class ShardFolder:
    """The shards of one site, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def finished(self) -> dict[str, ShardRecord]:
        """The shards that the manifest lists, by name."""
        path = self.folder / MANIFEST
        if not path.exists():
            return {}
        try:
            manifest = from_json(ShardManifest, json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ShardError(
                N_("{path}: not a manifest ({why}); run `scrapy verify --repair`"), path=path, why=error
            ) from error
        if manifest.version > MANIFEST_VERSION:
            raise NewerManifestError(
                N_("{path}: written by a newer program (version {version}): update this program"),
                path=path,
                version=manifest.version,
            )
        return {record.name: record for record in manifest.shards}

    def open_names(self) -> list[str]:
        """The names of shards that were not closed."""
        return sorted(path.name.removesuffix(OPEN_SUFFIX) for path in self.folder.glob(f"*{OPEN_SUFFIX}"))

    def compressed_names(self) -> list[str]:
        """The names of closed shards that are in the folder, listed or not."""
        return sorted(path.name.removesuffix(FINISHED_SUFFIX) for path in self.folder.glob(f"*{FINISHED_SUFFIX}"))

    def paths(self) -> list[Path]:
        """Every shard of the folder: closed ones in their order, then open ones."""
        closed = [self.finished_path(name) for name in self.compressed_names()]
        return closed + [self.open_path(name) for name in self.open_names()]

    def next_name(self, site: str) -> str:
        """A name that no shard of the folder has or had."""
        names = {*self.finished(), *self.open_names(), *self.compressed_names()}
        numbers = [int(number) for name in names if (number := name.rpartition("-")[2]).isdigit()]
        return f"{site}-{max(numbers, default=0) + 1:06d}"

    def open_path(self, name: str) -> Path:
        """Where the shard is while it is open."""
        return self.folder / f"{name}{OPEN_SUFFIX}"

    def finished_path(self, name: str) -> Path:
        """Where the shard is once it is closed."""
        return self.folder / f"{name}{FINISHED_SUFFIX}"

    def mend(self) -> list[str]:
        """Finish or undo what a process that died while closing a shard left behind; the closed shards that are damaged.

        Looks at the end of each file only. A shard that is gone leaves the manifest; one that is damaged and that still stands
        there as an open one is closed anew.
        """
        clear_unfinished(self.folder)
        listed, closed = self.finished(), self.compressed_names()
        damaged = []
        for name in closed:
            is_whole = self._is_whole(name, listed.get(name))
            if not is_whole and self.open_path(name).exists():
                self.finished_path(name).unlink()
            elif not is_whole:
                damaged.append(name)
            else:
                if name not in listed:
                    self._list(shard_record(name, self.finished_path(name)))
                self.open_path(name).unlink(missing_ok=True)
        gone = listed.keys() - set(self.compressed_names())
        if gone:
            self.relist(add=(), remove=gone)
        return damaged

    def _is_whole(self, name: str, record: ShardRecord | None) -> bool:
        """Whether a closed shard ends as the manifest says: gzip's last four bytes are the length of what was packed."""
        path = self.finished_path(name)
        if record is None:
            try:
                shard_record(name, path)
            except ShardError:
                return False
            return True
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if size < _SHORTEST_GZIP:
                return False
            file.seek(-4, os.SEEK_END)
            return int.from_bytes(file.read(4), "little") == record.bytes % (1 << 32)

    def finish(self, name: str) -> ShardRecord | None:
        """Close an open shard: compress it, rename it in one step, list it. An empty one vanishes (null)."""
        source = self.open_path(name)
        if source.stat().st_size == 0:
            source.unlink()
            return None
        target = self.finished_path(name)
        with source.open("rb") as plain, whole_file(target) as file, packed(file) as lines:
            shutil.copyfileobj(plain, lines, _COPY_BYTES)
        record = shard_record(name, target)
        self._list(record)
        source.unlink()
        return record

    def relist(self, *, add: Iterable[str], remove: Iterable[str]) -> None:
        """Bring the manifest in step with closed shards that came and went. Raises ShardError for a damaged one."""
        records = {name: record for name, record in self.finished().items() if name not in set(remove)}
        records |= {name: shard_record(name, self.finished_path(name)) for name in add}
        self._write_manifest(records)

    def _list(self, record: ShardRecord) -> None:
        self._write_manifest(self.finished() | {record.name: record})

    def _write_manifest(self, records: dict[str, ShardRecord]) -> None:
        manifest = ShardManifest(MANIFEST_VERSION, [records[name] for name in sorted(records)])
        write_whole(self.folder / MANIFEST, json.dumps(asdict(manifest), indent=1) + "\n")


def packed(file: BinaryIO, level: int = 6) -> gzip.GzipFile:
    """A file into which lines are packed. No name and no time in the header: the same lines give the same bytes."""
    return gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=level)


class OpenShard:
    """A shard that lines are being added to."""

    def __init__(self, folder: ShardFolder, name: str) -> None:
        self.name = name
        # Unbuffered: what was added belongs to the system at once, and outlives this process.
        self._file = folder.open_path(name).open("ab", buffering=0)
        self.bytes = self._file.tell()

    def add(self, line: bytes) -> None:
        """Add a whole line, ending in a line feed. It outlives a killed process; a power cut only after `sync`.

        On a full disk the file is cut back to what it held before, so that no broken line stays, and OSError is raised.
        """
        written = 0
        try:
            while written < len(line):
                written += self._file.write(line[written:])
        except OSError:
            self._file.truncate(self.bytes)
            raise
        self.bytes += len(line)

    def sync(self) -> None:
        """Return when what was added is on the disk. Raises OSError."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; the shard stays open for another process."""
        self._file.close()


def encode(article: Article) -> bytes:
    """An article as a line of a shard: UTF-8, keys in their order, one line feed at the end."""
    return json.dumps(as_record(article), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def read_shard(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a shard, open or closed. The last line of an open one may be cut: it is left out.

    Raises ShardError, naming file and line, for a line that is not a JSON object and for a compressed file that is cut.
    """
    is_open = path.name.endswith(OPEN_SUFFIX)
    number = 0
    with path.open("rb") if is_open else gzip.open(path, "rb") as file:
        try:
            for record in jsonlines.Reader(_lines(file, whole=not is_open)).iter(type=dict):
                number += 1
                yield record
        except jsonlines.InvalidLineError as error:
            raise ShardError(
                N_("{path}, line {lineno}: not a JSON object; run `scrapy verify`"), path=path, lineno=error.lineno
            ) from error
        except (zlib.error, OSError) as error:
            raise ShardError(
                N_("{path}: damaged after line {number} ({why}); run `scrapy verify`"),
                path=path,
                number=number,
                why=error,
            ) from error


def _lines(file: Iterable[bytes], *, whole: bool) -> Iterator[bytes]:
    """The lines of a shard; where it is not `whole`, without an unfinished last one."""
    try:
        for line in file:
            if whole or line.endswith(b"\n"):
                yield line
    except EOFError as error:
        # gzip's word for data that is cut; jsonlines would take it for the regular end.
        raise OSError("the compressed data is cut") from error


def shards_of(articles: Path) -> Iterator[tuple[str, Path]]:
    """Site and path of every shard, finished or open, in the order of their names."""
    for folder in sorted(path for path in articles.iterdir() if path.is_dir()) if articles.is_dir() else []:
        for path in sorted(folder.iterdir()):
            if path.name.endswith((FINISHED_SUFFIX, OPEN_SUFFIX)) and not path.name.startswith("."):
                yield folder.name, path


def cut_broken_end(path: Path) -> int:
    """Cut an unfinished last line off an open shard, or the zeros that a power cut leaves; how many bytes were cut."""
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        start = end
        while start > 0:
            step = min(_COPY_BYTES, start)
            file.seek(start - step)
            found = file.read(step).rfind(b"\n")
            if found >= 0:
                start = start - step + found + 1
                break
            start -= step
        if start < end:
            file.truncate(start)
            sync_file(file)
        return end - start


def shard_record(name: str, path: Path) -> ShardRecord:
    """What a manifest says of a closed shard, counted anew. Raises ShardError for a damaged one."""
    lines = size = 0
    try:
        if not path.stat().st_size:
            raise EOFError("empty")
        with gzip.open(path, "rb") as file:
            for line in file:
                lines, size = lines + 1, size + len(line)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ShardError(N_("{path}: damaged ({why}); run `scrapy verify --repair`"), path=path, why=error) from error
    with path.open("rb") as file:
        return ShardRecord(name, lines, size, file_digest(file, "sha256").hexdigest())
