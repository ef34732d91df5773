"""Files and folders that appear whole or not at all, and locks that one process holds at a time.

What is written under another name first is called `.NAME.unfinished`; what a killed process left of that is overwritten by the
next one, or cleared by whoever owns the folder (`clear_unfinished`).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from io import BufferedRandom, TextIOWrapper
from pathlib import Path
from typing import IO, Any, BinaryIO
from uuid import uuid4

from aurora_crawl.messages import Message

try:
    import fcntl
except ImportError:
    # Windows locks bytes of a file, and its folders cannot be synced.
    fcntl = None  # type: ignore[assignment]
msvcrt: Any = import_module("msvcrt") if fcntl is None else None

_LOOK_SECONDS = 0.05
"""Between two looks at a lock that is waited for, where the system does not wait itself."""

_LOCKED_BYTE = 1 << 30
"""Where Windows locks a byte: far behind the content, since nobody else could read what is locked."""

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
    """Return when the names in a folder are on the disk; Windows sees to that itself, and opens no folder."""
    if fcntl is None:
        return
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
        if not file.lock():
            holder = file.read().strip()
            file.close()
            raise LockedError(path, holder)
        # Whoever held it before may have removed the folder between the opening and the lock; not on Windows, where what is
        # open stays.
        with suppress(FileNotFoundError):
            if fcntl is None or os.path.samestat(path.stat(), os.fstat(file.fileno())):
                file.truncate(0)
                file.write(str(os.getpid()))
                file.flush()
                return file
        file.close()


@contextmanager
def waiting_lock(path: Path) -> Iterator[IO[str]]:
    """The open file, which this process alone has until the block ends; others wait for it. Its content is the caller's."""
    with _opened(path) as file:
        file.lock(waits=True)
        yield file


class _LockFile(TextIOWrapper):
    """A file that a process can have for itself until it closes it."""

    def lock(self, *, waits: bool = False) -> bool:
        """Take the lock; False where another process holds it and this one does not wait."""
        if fcntl is not None:
            try:
                fcntl.flock(self, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
            except BlockingIOError:
                return False
            return True
        while not self._lock_byte(msvcrt.LK_NBLCK):
            if not waits:
                return False
            time.sleep(_LOOK_SECONDS)
        return True

    def close(self) -> None:
        """Give the lock back, and close."""
        if fcntl is None and not self.closed:
            self.flush()
            # Windows gives it back too, but takes its time, and the next one may be this very process.
            self._lock_byte(msvcrt.LK_UNLCK)
        super().close()

    def _lock_byte(self, how: int) -> bool:
        place = os.lseek(self.fileno(), 0, os.SEEK_CUR)
        os.lseek(self.fileno(), _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(self.fileno(), how, 1)
        except OSError:
            return False
        finally:
            os.lseek(self.fileno(), place, os.SEEK_SET)
        return True


def _opened(path: Path) -> _LockFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    return _LockFile(os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b"), encoding="utf-8")
