"""The place of a corpus: held by one process at a time, and what stands beside it while a new one is made.

Beside `corpus` may stand `corpus.work` (finished pieces of a build, and the lock), `corpus.unfinished` (the new corpus,
until it is whole) and `corpus.old` (the old one, while the new one takes its place).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aurora_crawl.corpus.manifest import MANIFEST
from aurora_crawl.corpus.options import CorpusError
from aurora_crawl.files import OLD, UNFINISHED, LockedError, beside, hold, settle_folder
from aurora_crawl.messages import N_

WORK = ".work"
LOCK = "lock"


class PlaceError(CorpusError):
    """A corpus cannot be written where it was to be; the message says why."""


def is_corpus(folder: Path) -> bool:
    """Whether a folder is a corpus; a site's shards have a manifest too, which tells of no steps."""
    path = folder / MANIFEST
    return path.is_file() and b'"steps"' in path.read_bytes()


def work_folder(corpus: Path) -> Path:
    """Where a build keeps what is finished of it."""
    return beside(corpus, WORK)


@contextmanager
def held(corpus: Path) -> Iterator[Path]:
    """The work folder of a corpus, which no other process writes meanwhile; what a killed one began to replace is settled.

    Raises PlaceError where another process has it, and where what stands there is no corpus.
    """
    if corpus.is_file() or (corpus.is_dir() and any(corpus.iterdir()) and not is_corpus(corpus)):
        raise PlaceError(N_("{corpus}: holds something that is not a corpus; name another folder"), corpus=corpus)
    work = work_folder(corpus)
    try:
        file = hold(work / LOCK)
    except LockedError as error:
        said = N_("{corpus}: another process is writing this corpus (process {holder}); wait for it, or stop it")
        raise PlaceError(said, corpus=corpus, holder=error.holder) from error
    with file:
        # The manifest is written last, so a folder that has it is whole.
        settle_folder(corpus, is_corpus)
        yield work


def corpora_in(folder: Path) -> list[Path]:
    """The corpora in a folder, the folder itself where it is one, and those that were begun there and are not finished."""
    found = {folder} if is_corpus(folder) or (work_folder(folder) / LOCK).is_file() else set()
    for path in folder.glob("*/"):
        if path.suffix == WORK and (path / LOCK).is_file():
            found.add(path.with_name(path.name.removesuffix(WORK)))
        elif path.suffix not in {UNFINISHED, OLD} and (is_corpus(path) or _is_damaged_corpus(path)):
            found.add(path)
    return sorted(found)


def _is_damaged_corpus(path: Path) -> bool:
    return (path / MANIFEST).is_file() and any(path.glob("train-*.jsonl.gz"))
