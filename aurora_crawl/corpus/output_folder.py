"""The place of a corpus: held by one process at a time, and what stands beside it while a new one is made.

Beside `corpus` may stand `corpus.work` (finished pieces of a build, and the lock), `corpus.unfinished` (the new corpus,
until it is whole) and `corpus.old` (the old one, while the new one takes its place).
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from aurora_crawl.corpus.manifest import MANIFEST
from aurora_crawl.corpus.options import CorpusError
from aurora_crawl.messages import N_

WORK, FRESH, OLD = ".work", ".unfinished", ".old"
LOCK = "lock"


class PlaceError(CorpusError):
    """A corpus cannot be written where it was to be; the message says why."""


def is_corpus(folder: Path) -> bool:
    """Whether a folder is a corpus; a site's shards have a manifest too, which tells of no steps."""
    path = folder / MANIFEST
    return path.is_file() and b'"steps"' in path.read_bytes()


def work_folder(corpus: Path) -> Path:
    """Where a build keeps what is finished of it."""
    return _beside(corpus, WORK)


def fresh_folder(corpus: Path) -> Path:
    """An empty folder in which a corpus is made that is to take the place of this one."""
    fresh = _beside(corpus, FRESH)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    return fresh


@contextmanager
def held(corpus: Path) -> Iterator[Path]:
    """The work folder of a corpus, which no other process writes meanwhile; what a killed one began to replace is settled.

    Raises PlaceError where another process has it, and where what stands there is no corpus.
    """
    if corpus.is_file() or (corpus.is_dir() and any(corpus.iterdir()) and not is_corpus(corpus)):
        raise PlaceError(N_("{corpus}: holds something that is not a corpus; name another folder"), corpus=corpus)
    work = work_folder(corpus)
    file = _locked(work, corpus)
    try:
        _settle(corpus)
        yield work
    finally:
        file.close()


def put_in_place(fresh: Path, corpus: Path) -> None:
    """Put a finished folder in the place of the corpus, or where none was."""
    if corpus.exists():
        corpus.rename(_beside(corpus, OLD))
    fresh.rename(corpus)
    shutil.rmtree(_beside(corpus, OLD), ignore_errors=True)


def corpora_in(folder: Path) -> list[Path]:
    """The corpora in a folder, the folder itself where it is one, and those that were begun there and are not finished."""
    found = {folder} if is_corpus(folder) or (work_folder(folder) / LOCK).is_file() else set()
    for path in folder.glob("*/"):
        if path.suffix == WORK and (path / LOCK).is_file():
            found.add(path.with_name(path.name.removesuffix(WORK)))
        elif path.suffix not in {FRESH, OLD} and (is_corpus(path) or _is_damaged_corpus(path)):
            found.add(path)
    return sorted(found)


def _is_damaged_corpus(path: Path) -> bool:
    return (path / MANIFEST).is_file() and any(path.glob("train-*.jsonl.gz"))


def _locked(work: Path, corpus: Path) -> IO[bytes]:
    while True:
        work.mkdir(parents=True, exist_ok=True)
        file = (work / LOCK).open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise PlaceError(
                N_("{corpus}: another process is writing this corpus; wait for it, or stop it"), corpus=corpus
            ) from error
        # Whoever held it before may have removed the folder between the opening and the lock.
        with suppress(FileNotFoundError):
            if os.path.samestat((work / LOCK).stat(), os.fstat(file.fileno())):
                return file
        file.close()


def _settle(corpus: Path) -> None:
    """Finish or undo a replacement in whose middle the process died. The manifest is written last, so one that has it is whole."""
    fresh, old = _beside(corpus, FRESH), _beside(corpus, OLD)
    if not corpus.exists():
        for whole in (fresh, old):
            if is_corpus(whole):
                whole.rename(corpus)
                break
    for path in (fresh, old):
        shutil.rmtree(path, ignore_errors=True)


def _beside(corpus: Path, ending: str) -> Path:
    return corpus.with_name(corpus.name + ending)
