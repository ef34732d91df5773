"""Archived answers become articles again, in as many processes as are wanted: read and cleaned as a crawl does it."""

from __future__ import annotations

import re
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC
from multiprocessing import get_context
from multiprocessing.context import BaseContext

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from aurora_crawl.addresses import host_of, refusal, resolved, same_site
from aurora_crawl.budget import OverBudget, within_budget
from aurora_crawl.crawling.archived_answer import PassedOver, articles_in
from aurora_crawl.crawling.archived_words import ArchivedWord, word_in
from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.site_reading import PAGES, SiteReading
from aurora_crawl.crawling.site_spider import SiteSpider, reading_of, scope_of
from aurora_crawl.executor import end_with_parent
from aurora_crawl.extraction.optout import header_signals
from aurora_crawl.items import Article, article_id
from aurora_crawl.pipelines.clean import TOO_SLOW, rules_in
from aurora_crawl.pipelines.optout import policy_in
from aurora_crawl.pipelines.validate import invalid
from aurora_crawl.routes.route import Scope
from aurora_crawl.storage.archive import Capture
from aurora_crawl.storage.generation import Lead, ReadAgain
from aurora_crawl.storage.shard_line import body_hash, text_hash
from aurora_crawl.storage.shards import encode
from aurora_crawl.text.clean import Dropped, Rules, clean
from aurora_crawl.text.language import detect_mostly

BATCH = 16
AHEAD = 4
"""Batches a process that wait for it."""


_HOST = re.compile(r"[a-z0-9][a-z0-9.-]{2,252}")
"""Hosts that can name a folder."""


class Sites:
    """The sites whose pages are looked for; `site_urls` names them, with the address that was crawled in their stead.

    `everyone`: pages of other hosts are read too, as far as that goes without rules of their own. `rules` says how the articles of each are cleaned. Raises BlockFileError and SettingError.
    """

    def __init__(self, settings: Settings, site_urls: dict[str, str], *, everyone: bool = False) -> None:
        self._settings, self._everyone = settings, everyone
        loader = SpiderLoader.from_settings(settings)
        loaded = {name: loader.load(name) for name in list(site_urls) or loader.list()}
        # Of a document that is more than a page, no single answer tells.
        classes = {name: one for name, one in loaded.items() if issubclass(one, SiteSpider) and one.reads == PAGES}
        names = list(classes)
        arguments = {name: CrawlArguments(site_url=site_urls.get(name) or None) for name in names}
        self.scopes = {name: scope_of(site, arguments[name]) for name, site in classes.items()}
        self.readings = {name: reading_of(site, arguments[name]) for name, site in classes.items()}
        self.rules = {name: rules_in(settings, name) for name in names}
        self.obeys = policy_in(settings) == "obey"

    def of(self, url: str) -> str | None:
        """The site whose host and path prefix fit an address best; null where none does."""
        try:
            fitting = [
                name for name, scope in self.scopes.items() if same_site(url, scope.site_url) and scope.is_wanted(url)
            ]
        except ValueError:
            # No address at all: anything may stand in archives from elsewhere.
            return None
        if not fitting and self._everyone:
            return self._stranger(url)
        return max(fitting, key=lambda name: len(self.scopes[name].only), default=None)

    def _stranger(self, url: str) -> str | None:
        """The outlet that no spider is of, named by its host; its pages are read generically."""
        host = host_of(url)
        if refusal(url) is not None or not _HOST.fullmatch(host):
            return None
        if host not in self.scopes:
            self.scopes[host] = Scope(host, f"https://{host}")
            self.readings[host] = SiteReading(host, f"https://{host}", None)
            self.rules[host] = rules_in(self._settings, host)
        return host

    def cleaned(self, article: Article, name: str) -> Article | Dropped:
        """An article that was read, as a crawl of its site would store it, but for what its publisher says: later captures may say otherwise."""
        try:
            with within_budget():
                return invalid(article, self.scopes[name].site_url) or clean(article, self.rules[name])
        except OverBudget:
            return Dropped(TOO_SLOW, article)


@dataclass(slots=True)
class ReadBatch:
    """What some answers gave: articles, addresses that led to others, what hosts say of mining, and how many answers gave none for each
    reason.
    """

    articles: list[ReadAgain] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    words: list[ArchivedWord] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)


class Reader:
    """Reads answers by the rules of the sites; one for each process."""

    def __init__(self, settings: Settings, site_urls: dict[str, str], *, everyone: bool = False) -> None:
        self._settings = settings
        self._sites = Sites(settings, site_urls, everyone=everyone)

    def read(self, captures: list[Capture]) -> ReadBatch:
        """What some answers give."""
        batch = ReadBatch()
        for capture in captures:
            if (word := word_in(capture)) is not None:
                batch.words.append(word)
                continue
            name = self._sites.of(capture.url)
            if name is None or capture.status != 200:
                batch.passed["another site" if name is None else f"HTTP {capture.status}"] += 1
                if name is not None:
                    batch.leads += self._leads(capture, name)
                    batch.articles += self._words_alone(capture, name)
                continue
            try:
                most = self._settings.getint("DOWNLOAD_MAXSIZE")
                articles = list(articles_in(capture, self._sites.readings[name], self._sites.scopes[name], most))
            except PassedOver as why:
                batch.passed[str(why)] += 1
                batch.articles += self._words_alone(capture, name)
                continue
            for article, is_declared in articles:
                outcome = self._sites.cleaned(article, name)
                if isinstance(outcome, Dropped):
                    batch.passed[outcome.reason] += 1
                    batch.articles += self._words_alone(capture, name)
                else:
                    batch.articles.append(_read_again(outcome, capture, is_declared=is_declared))
        return batch

    def _words_alone(self, capture: Capture, name: str) -> list[ReadAgain]:
        """What an answer without an article says against machine learning: it counts for other captures of the address."""
        signals, scope = header_signals(capture.headers), self._sites.scopes[name]
        if not signals or not scope.has_article(capture.url) or scope.is_listing(capture.url):
            return []
        id = article_id(self._sites.readings[name].canonical(capture.url))
        return [ReadAgain(name, id, b"", "", False, capture.url, _instant(capture), signals=tuple(signals))]

    def _leads(self, capture: Capture, name: str) -> list[Lead]:
        """Where an archived redirect leads to, where that can be an article of the site."""
        location = next((value for key, value in capture.headers if key.lower() == "location"), "")
        target = resolved(capture.url, location) if location else None
        reading, scope = self._sites.readings[name], self._sites.scopes[name]
        if target is None or not scope.has_article(target) or scope.is_listing(target):
            return []
        old, new = article_id(reading.canonical(capture.url)), article_id(reading.canonical(target))
        return [Lead(name, old, capture.url, new)] if old != new else []


def _instant(capture: Capture) -> str:
    return capture.date.astimezone(UTC).isoformat(timespec="seconds")


def _read_again(article: Article, capture: Capture, *, is_declared: bool) -> ReadAgain:
    return ReadAgain(
        article.site,
        article.id,
        encode(article),
        text_hash(article),
        is_declared,
        article.url,
        _instant(capture),
        article.words,
        body_hash(article),
        capture.truncated,
        tuple(article.opt_out),
    )


def cleaned_again(article: Article, rules: Rules) -> Article:
    """A stored article as today's rules leave it; one that they would not take stays as it is."""
    outcome = clean(article, rules)
    return article if isinstance(outcome, Dropped) else outcome


_reader: Reader | None = None


def reread(
    captures: Iterable[Capture],
    settings: Mapping[str, object],
    site_urls: dict[str, str],
    jobs: int,
    *,
    everyone: bool = False,
) -> Iterator[ReadBatch]:
    """Read answers in `jobs` processes, or in this one; the results come in the order of the answers."""
    if jobs == 1:
        reader = Reader(Settings(settings), site_urls, everyone=everyone)
        for capture in captures:
            yield reader.read([capture])
        return
    with ProcessPoolExecutor(jobs, _context(), _prepare, (settings, site_urls, everyone)) as pool:
        yield from _in_order(captures, pool, jobs)


def _context() -> BaseContext:
    """How processes are made: forked, which spares them two seconds of loading, where nothing else runs beside this thread.

    A fork of a process with threads may hang, and macOS' own libraries do not bear one.
    """
    if sys.platform == "linux" and threading.active_count() == 1:
        detect_mostly(["aquecimento"], "pt")
        return get_context("fork")
    return get_context("spawn")


def _in_order(captures: Iterable[Capture], pool: Executor, jobs: int) -> Iterator[ReadBatch]:
    waiting: deque[Future[ReadBatch]] = deque()
    batch: list[Capture] = []
    for capture in captures:
        batch.append(capture)
        if len(batch) == BATCH:
            waiting.append(pool.submit(_read_batch, batch))
            batch = []
            if len(waiting) > AHEAD * jobs:
                yield waiting.popleft().result()
    waiting.append(pool.submit(_read_batch, batch))
    while waiting:
        yield waiting.popleft().result()


def _prepare(settings: Mapping[str, object], site_urls: dict[str, str], everyone: bool) -> None:
    global _reader
    end_with_parent()
    _reader = Reader(Settings(settings), site_urls, everyone=everyone)


def _read_batch(captures: list[Capture]) -> ReadBatch:
    assert _reader is not None
    return _reader.read(captures)
