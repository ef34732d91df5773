"""A new generation of a site's shards: articles that were read again take the place of their lines, all at once or not at all.

What was read again waits in a file without a name, which vanishes with the process; memory holds only where it stands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType

from aurora_crawl.items import Article
from aurora_crawl.storage.articles import newest_articles
from aurora_crawl.storage.entry import State
from aurora_crawl.storage.replacement import Replacement
from aurora_crawl.storage.shard_line import text_hash
from aurora_crawl.storage.shards import encode
from aurora_crawl.storage.store import SHARD_BYTES, SiteStore

_FROM_LISTINGS = ("published", "modified", "authors", "section", "tags")
"""What a listing may have told of an article, and its page does not."""

Cleaning = Callable[[Article], Article]
"""Gives a stored article as today's rules leave it."""


@dataclass(slots=True, frozen=True)
class ReadAgain:
    """An article that was read again: its line, and the hash of its title and text.

    `is_declared`: the page itself says that it is an article; posts of the REST API are.
    """

    site: str
    id: str
    line: bytes
    text_hash: str
    is_declared: bool


@dataclass(slots=True, frozen=True)
class Replaced:
    """How many articles a new generation has read again, how many it kept as they were, and how many it passed over."""

    read: int
    kept: int
    passed: int


@dataclass(slots=True, frozen=True)
class _Place:
    """Where a line waits."""

    start: int
    length: int
    text_hash: str
    is_declared: bool


class Generation:
    """Holds a site's store for as long as it is gathered. Raises StoreError while a crawl has the site's data open."""

    def __init__(self, data_dir: Path, site: str, *, shard_bytes: int = SHARD_BYTES) -> None:
        self._shard_bytes = shard_bytes
        self._found: dict[str, _Place] = {}
        # Closing a store closes its open shard: then all are replaced in the one way that survives everything.
        SiteStore(data_dir, site).close()
        self._store = SiteStore(data_dir, site)
        self._work = TemporaryFile(dir=data_dir)  # noqa: SIM115 - closed with the generation

    def __enter__(self) -> Generation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._work.close()
        self._store.close()

    def add(self, one: ReadAgain) -> None:
        """Take an article in; of several with the same id the last one counts. Raises OSError when the disk is full."""
        start = self._work.tell()
        self._work.write(one.line)
        self._found[one.id] = _Place(start, len(one.line), one.text_hash, one.is_declared)

    def replace(self, *, strangers: bool, cleaned: Cleaning = lambda article: article) -> Replaced:
        """Put the new generation in the place of the old one; articles that were not read again stay as `cleaned` gives them.

        An article that no crawl found is stored only with `strangers`, and only if its page declares one. Raises ShardError,
        LedgerError, OSError: then the old generation is as it was.
        """
        old = sorted(self._store.shards.finished())
        shards = [self._store.shards.finished_path(name) for name in old]
        hashes, read_at = {}, {}
        for article in newest_articles(shards):
            hashes[article.id], read_at[article.url] = text_hash(article), article.id
        passed = self._give_ids(hashes, read_at) + self._pass_over(hashes, strangers=strangers)
        count = len(hashes.keys() | self._found.keys())
        replacement = Replacement(self._store.shards, self._store.site)
        added = self._found.keys() - hashes.keys()
        for part in _parts(self._lines(newest_articles(shards), added, cleaned), self._shard_bytes):
            replacement.add(part)
        replacement.swap(self._store.ledger, old)
        return Replaced(len(self._found), count - len(self._found), passed)

    def _give_ids(self, hashes: dict[str, str], read_at: dict[str, str]) -> int:
        """Pages that crawls know as other addresses of an article: they stand for it where its line came from them; how many
        are left out. Only a crawl can hold against each other what stands at two addresses.
        """
        before = len(self._found)
        for id, place in list(self._found.items()):
            if id in hashes:
                continue
            entry = self._store.ledger.get(id)
            if entry is None or entry.id == id:
                continue
            del self._found[id]
            if read_at.get(self._article(place).url) == entry.id:
                self._found.setdefault(entry.id, place)
        return before - len(self._found)

    def _pass_over(self, hashes: dict[str, str], *, strangers: bool) -> int:
        """Leave out what is not to be stored: strangers, what was forgotten, what has the text of another; how many."""
        texts = {text_hash: id for id, text_hash in hashes.items() if id not in self._found}
        before = len(self._found)
        for id, place in list(self._found.items()):
            entry = self._store.ledger.get(id)
            is_wanted = entry.state is not State.FORGOTTEN if entry else strangers and place.is_declared
            if not is_wanted or texts.setdefault(place.text_hash, id) != id:
                del self._found[id]
        return before - len(self._found)

    def _lines(self, old: Iterator[Article], added: set[str], cleaned: Cleaning) -> Iterator[bytes]:
        """The lines of the new generation: first those of the old one, in its order, then those of `added`."""
        for before in old:
            place = self._found.get(before.id)
            yield encode(_merged(self._article(place), before) if place else cleaned(before))
        for id, place in self._found.items():
            if id in added:
                yield self._line(place)

    def _line(self, place: _Place) -> bytes:
        self._work.seek(place.start)
        return self._work.read(place.length)

    def _article(self, place: _Place) -> Article:
        return Article.from_record(json.loads(self._line(place)))


def _merged(article: Article, before: Article) -> Article:
    """An article that was read again, with what only its old line knows."""
    known = {name: told for name in _FROM_LISTINGS if (told := getattr(before, name)) and not getattr(article, name)}
    return replace(article, id=before.id, revision=before.revision, route=before.route or article.route, **known)


def _parts(lines: Iterator[bytes], most: int) -> Iterator[Iterator[bytes]]:
    """The lines in parts of at least `most` bytes, each to be read before the next one is asked for."""
    for first in lines:
        yield _part(first, lines, most)


def _part(line: bytes | None, lines: Iterator[bytes], most: int) -> Iterator[bytes]:
    size = 0
    while line is not None:
        yield line
        size += len(line)
        line = next(lines, None) if size < most else None
