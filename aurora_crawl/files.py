"""Files and folders that appear whole or not at all, and locks that one process holds at a time.

What is written under another name first is called `.NAME.unfinished`; what a killed process left of that is overwritten by the
next one, or cleared by whoever owns the folder (`clear_unfinished`).
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from typing import IO, BinaryIO
from uuid import uuid4

from aurora_crawl.messages import Message

UNFINISHED = ".unfinished"
OLD = ".old"


class LockedError(Exception):
    """Another process holds a lock; `holder` is its number, where it is known."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(Message("{path}: held by process {holder}", path=path, holder=holder or "?"))
        self.holder = holder or "unknown"


@contextmanager
def whole_file(path: Path, *, has_rivals: bool = False) -> Iterator[BufferedRandom]:
    """A file to be written and read again, which takes its place at `path` when the block ends, on the disk and in one step.

    When the block fails nothing is left. With `has_rivals` several processes may write the same file: the last one counts.
    """
    rival = f".{uuid4().hex}" if has_rivals else ""
    unfinished = path.with_name(f".{path.name}{rival}{UNFINISHED}")
    try:
        with unfinished.open("w+b") as file:
            yield file
            sync_file(file)
        unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
    sync_folder(path.parent)


def write_whole(path: Path, content: str | bytes, *, has_rivals: bool = False) -> None:
    """Replace a small file in one step, so that a reader sees the old content or the new one."""
    with whole_file(path, has_rivals=has_rivals) as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def clear_unfinished(folder: Path) -> None:
    """Remove files that processes which died had begun; for whoever holds the folder alone."""
    for path in folder.glob(f".*{UNFINISHED}"):
        path.unlink()


def sync_file(file: BinaryIO) -> None:
    """Return when what was written to a file is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def beside(folder: Path, ending: str) -> Path:
    """The folder of the same name with an ending."""
    return folder.with_name(folder.name + ending)


def fresh_folder(folder: Path) -> Path:
    """An empty folder, `NAME.unfinished`, in which is made what is to take the place of this one."""
    fresh = beside(folder, UNFINISHED)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    return fresh


def put_in_place(fresh: Path, folder: Path) -> None:
    """Put a finished folder in the place of another, or where none was. In between the old one is `NAME.old`."""
    if folder.exists():
        folder.rename(beside(folder, OLD))
    fresh.rename(folder)
    sync_folder(folder.parent)
    shutil.rmtree(beside(folder, OLD), ignore_errors=True)


def settle_folder(folder: Path, is_whole: Callable[[Path], bool]) -> None:
    """Finish or undo a `put_in_place` in whose middle the process died; `is_whole` tells a finished folder from a begun one."""
    fresh, old = beside(folder, UNFINISHED), beside(folder, OLD)
    if not folder.exists():
        for candidate in (fresh, old):
            if is_whole(candidate):
                candidate.rename(folder)
                break
    for path in (fresh, old):
        shutil.rmtree(path, ignore_errors=True)


def hold(path: Path) -> IO[str]:
    """The open lock file, held by this process alone until it is closed; its content is the process's number.

    Raises LockedError where another process holds it.
    """
    while True:
        file = _opened(path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = file.read().strip()
            file.close()
            raise LockedError(path, holder) from error
        # Whoever held it before may have removed the folder between the opening and the lock.
        with suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                file.truncate(0)
                file.write(str(os.getpid()))
                file.flush()
                return file
        file.close()


@contextmanager
def waiting_lock(path: Path) -> Iterator[IO[str]]:
    """The open file, which this process alone has until the block ends; others wait for it. Its content is the caller's."""
    with _opened(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _opened(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+", encoding="utf-8")
