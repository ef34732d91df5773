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
from aurora_crawl.storage.capture_choice import LEAST_OF_LONGEST, good, latest_word, most_led_to, walls
from aurora_crawl.storage.entry import State
from aurora_crawl.storage.replacement import Replacement
from aurora_crawl.storage.shard_line import body_hash, text_hash
from aurora_crawl.storage.shards import encode
from aurora_crawl.storage.store import SHARD_BYTES, SiteStore

FROM_ARCHIVES = "archive"
"""What stands as `route` in what was read from archives that no crawl recorded."""
OPTED_OUT = "opted out"

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
    url: str = ""
    moment: str = ""
    words: int = 0
    body_hash: str = ""
    truncated: bool = False
    signals: tuple[str, ...] = ()
    """What the page says against machine learning; where there is no `line`, it holds no article and says no more than this."""


@dataclass(slots=True, frozen=True)
class Lead:
    """An address of a site that led to another one when it was captured; both as ids."""

    site: str
    id: str
    url: str
    target: str


@dataclass(slots=True, frozen=True)
class Replaced:
    """How many articles a new generation has read again, how many it kept as they were, how many it passed over, and how many
    of those because their publisher says that they are not for machine learning.
    """

    read: int
    kept: int
    passed: int
    opted_out: int = 0


@dataclass(slots=True, frozen=True)
class _Place:
    """Where a line waits, and what decides whether it counts; `start` is negative for the line that is stored already."""

    start: int
    length: int
    id: str
    url: str
    moment: str
    words: int
    text_hash: str
    body_hash: str
    truncated: bool
    is_declared: bool
    signals: tuple[str, ...]


HostWord = Callable[[str], list[str]]
"""What the host of an address says against machine learning, as far as archives know."""


def _nothing_said(url: str) -> list[str]:
    return []


class Generation:
    """Holds a site's store for as long as it is gathered. Raises StoreError while a crawl has the site's data open."""

    def __init__(self, data_dir: Path, site: str, *, shard_bytes: int = SHARD_BYTES) -> None:
        self._shard_bytes = shard_bytes
        self._captures: dict[str, list[_Place]] = {}
        self._found: dict[str, _Place] = {}
        self._leads: dict[str, Lead] = {}
        self._out: set[str] = set()
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
        """Take a capture of an article in; `replace` chooses among several. Raises OSError when the disk is full."""
        start = self._work.tell()
        self._work.write(one.line)
        place = _Place(
            start,
            len(one.line),
            one.id,
            one.url,
            one.moment,
            one.words,
            one.text_hash,
            one.body_hash,
            one.truncated,
            one.is_declared,
            one.signals,
        )
        self._captures.setdefault(one.id, []).append(place)

    def lead(self, lead: Lead) -> None:
        """Note that an address led to another one."""
        self._leads[lead.id] = lead

    def replace(
        self,
        *,
        strangers: bool,
        cleaned: Cleaning = lambda article: article,
        host_says: HostWord = _nothing_said,
        obeys: bool = True,
    ) -> Replaced:
        """Put the new generation in the place of the old one; articles that were not read again stay as `cleaned` gives them.

        An article that no crawl found is stored only with `strangers`, which archives from elsewhere are, and only if its page declares one; those
        take the place of nothing that a crawl brought, and of no newer capture. What its publisher says is not for machine
        learning is left out where that is obeyed (`obeys`), else marked. Raises ShardError, LedgerError, OSError: then the old generation is as it was.
        """
        old = sorted(self._store.shards.finished())
        shards = [self._store.shards.finished_path(name) for name in old]
        hashes, read_at = {}, {}
        stored: dict[str, _Place] = {}
        crawled: set[str] = set()
        for article in newest_articles(shards):
            hashes[article.id], read_at[article.url] = text_hash(article), article.id
            if article.capture is None and article.route != FROM_ARCHIVES:
                crawled.add(article.id)
            else:
                stored[article.id] = _place_of(article, hashes[article.id])
        self._join_leads(hashes)
        passed = self._give_ids(hashes, read_at)
        passed += self._choose(stored, crawled, host_says, strangers=strangers, obeys=obeys)
        passed += self._pass_over(hashes, strangers=strangers)
        count = len(hashes.keys() | self._found.keys()) - len(self._out & hashes.keys())
        replacement = Replacement(self._store.shards, self._store.site)
        added = self._found.keys() - hashes.keys()
        lines = self._lines(newest_articles(shards), added, cleaned)
        for part in _parts(lines, self._shard_bytes):
            replacement.add(part)
        replacement.swap(self._store.ledger, old)
        self._note(hashes)
        return Replaced(len(self._found), count - len(self._found), passed, len(self._out))

    def _note(self, hashes: dict[str, str]) -> None:
        """Tell the ledger which addresses lead to articles, and what was left out because its publisher says so."""
        ledger = self._store.ledger
        for id in sorted(self._out & hashes.keys()):
            ledger.drop(id, reason=OPTED_OUT)
        for lead in self._leads.values():
            if lead.target in self._found or lead.target in hashes:
                ledger.alias(lead.id, lead.url, lead.target)
        ledger.commit()

    def _join_leads(self, hashes: dict[str, str]) -> None:
        """Captures of an address from before it led to another one are captures of that one, where they have its text.

        Leads to what many addresses lead to say nothing of an article, and are forgotten.
        """
        crowded = most_led_to(lead.target for lead in self._leads.values())
        self._leads = {
            id: lead
            for id, lead in self._leads.items()
            if lead.target not in crowded
            and id not in hashes
            and (lead.target in self._captures or lead.target in hashes)
        }
        for id, lead in list(self._leads.items()):
            own, target = self._captures.get(id, []), self._captures.get(lead.target, [])
            own = [one for one in own if one.length]
            target = [one for one in target if one.length]
            if own and target and not self._is_one_text(own, target):
                del self._leads[id]
                continue
            for one in self._captures.pop(id, []):
                self._captures.setdefault(lead.target, []).append(replace(one, id=lead.target))

    def _is_one_text(self, some: list[_Place], others: list[_Place]) -> bool:
        """Whether two addresses held one article: most of the words of the shorter text stand in the longer one."""
        texts = [
            set(self._article(max(places, key=lambda one: (one.words, one.text_hash))).text.split())
            for places in (some, others)
        ]
        shorter, longer = sorted(texts, key=len)
        return len(shorter & longer) >= LEAST_OF_LONGEST * len(shorter)

    def _choose(
        self,
        stored: dict[str, _Place],
        crawled: set[str],
        host_says: HostWord,
        *,
        strangers: bool,
        obeys: bool,
    ) -> int:
        """Of each article the capture that counts; how many articles have none, and are left out."""
        no_articles = walls(one for places in self._captures.values() for one in places)
        out = 0
        for id, places in self._captures.items():
            before = stored.get(id) if strangers else None
            # The same capture, read by today's rules, takes the place of its own line.
            is_other = before is not None and all(one.moment != before.moment for one in places)
            every = [*places, before] if before is not None and is_other else places
            counting = good([one for one in every if one.length or one.start < 0], no_articles)
            said = latest_word(every, counting, {number: one.signals for number, one in enumerate(every)})
            said = [*said, *host_says(every[0].url)]
            if said and obeys:
                self._out.add(id)
            elif counting and not (strangers and (id in crawled or counting[-1].start < 0)):
                self._found[id] = replace(counting[-1], signals=tuple(dict.fromkeys(said)))
                continue
            out += 1
        if strangers and obeys:
            for id, place in stored.items():
                if id not in self._captures and host_says(place.url):
                    self._out.add(id)
        # What a crawl brought was brought by what its publisher said then.
        self._out -= crawled
        return out

    def _give_ids(self, hashes: dict[str, str], read_at: dict[str, str]) -> int:
        """Pages that crawls know as other addresses of an article: they stand for it where its line came from them; how many
        are left out. Only a crawl can hold against each other what stands at two addresses.
        """
        before = len(self._captures)
        for id, places in list(self._captures.items()):
            if id in hashes:
                continue
            entry = self._store.ledger.get(id)
            if entry is None or entry.id == id:
                continue
            del self._captures[id]
            if read_at.get(places[-1].url) == entry.id:
                self._captures.setdefault(entry.id, [replace(one, id=entry.id) for one in places])
        return before - len(self._captures)

    def _pass_over(self, hashes: dict[str, str], *, strangers: bool) -> int:
        """Leave out what is not to be stored: strangers, what was forgotten, what has the text of another; how many."""
        texts = {text_hash: id for id, text_hash in hashes.items() if id not in self._found}
        before = len(self._found)
        # In an order that is not that of the files.
        for id, place in sorted(self._found.items(), key=lambda pair: (pair[0] not in hashes, pair[1].url, pair[0])):
            entry = self._store.ledger.get(id)
            is_wanted = entry.state is not State.FORGOTTEN if entry else strangers and place.is_declared
            if not is_wanted or texts.setdefault(place.text_hash, id) != id:
                del self._found[id]
        return before - len(self._found)

    def _lines(self, old: Iterator[Article], added: set[str], cleaned: Cleaning) -> Iterator[bytes]:
        """The lines of the new generation: first those of the old one, in its order, then those of `added`, by their addresses."""
        for before in old:
            place = self._found.get(before.id)
            if before.id not in self._out:
                yield encode(_merged(self._article(place), before) if place else cleaned(before))
        for _url, id in sorted((self._found[id].url, id) for id in added):
            yield encode(replace(self._article(self._found[id]), id=id))

    def _line(self, place: _Place) -> bytes:
        self._work.seek(place.start)
        return self._work.read(place.length)

    def _article(self, place: _Place) -> Article:
        article = Article.from_record(json.loads(self._line(place)))
        article.opt_out = list(place.signals)
        return article


def _place_of(article: Article, digest: str) -> _Place:
    """A stored line as one of the captures of its article."""
    moment = article.capture.moment if article.capture is not None else article.crawled_at
    return _Place(
        -1,
        0,
        article.id,
        article.url,
        moment,
        article.words,
        digest,
        body_hash(article),
        article.capture is not None and article.capture.truncated,
        True,
        tuple(article.opt_out),
    )


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
