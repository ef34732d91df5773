"""Archived answers become articles again, in as many processes as are wanted: read and cleaned as a crawl does it."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import HtmlResponse
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from aurora_crawl.addresses import same_site
from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.article_page import PAGES, read_article_page
from aurora_crawl.crawling.site_spider import SiteSpider, reading_of, scope_of
from aurora_crawl.executor import end_with_parent
from aurora_crawl.extraction.answer import BrokenBody, TooLarge, archived_body, declared_encoding, right_letters
from aurora_crawl.extraction.wordpress_post import read_post
from aurora_crawl.items import Article, article_id
from aurora_crawl.pipelines.clean import rules_in
from aurora_crawl.pipelines.optout import opted_out, policy_in
from aurora_crawl.pipelines.validate import invalid
from aurora_crawl.storage.archive import Capture
from aurora_crawl.storage.generation import ReadAgain
from aurora_crawl.storage.shard_line import text_hash
from aurora_crawl.storage.shards import encode
from aurora_crawl.text.clean import Dropped, Rules, clean
from aurora_crawl.text.language import detect_mostly
from aurora_crawl.web.challenge import is_challenge
from aurora_crawl.web.optout import header_signals, meta_signals

BATCH = 16
AHEAD = 4
"""Batches a process that wait for it."""
_POSTS = re.compile(r"/wp-json/wp/v2/[\w-]+/?$")


class PassedOver(Exception):  # noqa: N818 - it says what became of the answer
    """An answer holds no article, for the reason that the message tells."""


class Sites:
    """The sites whose pages are looked for; `site_urls` names them, with the address that was crawled in their stead.

    `rules` says how the articles of each are cleaned. Raises BlockFileError and SettingError.
    """

    def __init__(self, settings: Settings, site_urls: dict[str, str]) -> None:
        loader = SpiderLoader.from_settings(settings)
        loaded = {name: loader.load(name) for name in list(site_urls) or loader.list()}
        # Of a document that is more than a page, no single answer tells.
        classes = {name: one for name, one in loaded.items() if issubclass(one, SiteSpider) and one.reads == PAGES}
        names = list(classes)
        arguments = {name: CrawlArguments(site_url=site_urls.get(name) or None) for name in names}
        self.scopes = {name: scope_of(site, arguments[name]) for name, site in classes.items()}
        self.readings = {name: reading_of(site, arguments[name]) for name, site in classes.items()}
        self.rules = {name: rules_in(settings, name) for name in names}
        self._opt_out = policy_in(settings)

    def of(self, url: str) -> str | None:
        """The site whose host and path prefix fit an address best; null where none does."""
        try:
            fitting = [
                name for name, scope in self.scopes.items() if same_site(url, scope.site_url) and scope.is_wanted(url)
            ]
        except ValueError:
            # No address at all: anything may stand in archives from elsewhere.
            return None
        return max(fitting, key=lambda name: len(self.scopes[name].only), default=None)

    def cleaned(self, article: Article, name: str) -> Article | Dropped:
        """An article that was read, as a crawl of its site would store it."""
        refused = invalid(article, self.scopes[name].site_url) or opted_out(article, self._opt_out)
        return refused or clean(article, self.rules[name])


class Reader:
    """Reads answers by the rules of the sites; one for each process."""

    def __init__(self, settings: Mapping[str, object], site_urls: dict[str, str]) -> None:
        self._settings = Settings(settings)
        self._sites = Sites(self._settings, site_urls)

    def read(self, captures: list[Capture]) -> tuple[list[ReadAgain], Counter[str]]:
        """The articles of some answers, and how many answers gave none for each reason."""
        found: list[ReadAgain] = []
        passed: Counter[str] = Counter()
        for capture in captures:
            name = self._sites.of(capture.url)
            if name is None or capture.status != 200:
                passed["another site" if name is None else f"HTTP {capture.status}"] += 1
                continue
            try:
                articles = list(self._articles(capture, name))
            except PassedOver as why:
                passed[str(why)] += 1
                continue
            for article, is_declared in articles:
                outcome = self._sites.cleaned(article, name)
                if isinstance(outcome, Dropped):
                    passed[outcome.reason] += 1
                    continue
                line = encode(outcome)
                found.append(ReadAgain(name, outcome.id, line, text_hash(outcome), is_declared))
        return found, passed

    def _articles(self, capture: Capture, name: str) -> Iterator[tuple[Article, bool]]:
        """The articles of an answer, and whether it declares them. Raises PassedOver."""
        headers = {key.lower(): value for key, value in capture.headers}
        try:
            body = archived_body(capture.headers, capture.body, self._settings.getint("DOWNLOAD_MAXSIZE"))
        except (BrokenBody, TooLarge) as error:
            raise PassedOver("broken answer") from error
        moment = capture.date.isoformat(timespec="seconds")
        reading, scope = self._sites.readings[name], self._sites.scopes[name]
        kind = headers.get("content-type", "text/html").lower()
        if "json" in kind and _POSTS.search(urlsplit(capture.url).path):
            for row in _rows(body):
                article = read_post(row, site=name, site_url=scope.site_url, license=scope.license)
                article.id, article.crawled_at = article_id(reading.canonical(article.url)), moment
                yield article, True
            return
        if "html" not in kind or not scope.has_article(capture.url):
            raise PassedOver("not a page")
        if scope.is_listing(capture.url):
            raise PassedOver("a listing")
        page = HtmlResponse(capture.url, headers=dict(capture.headers), body=body)
        right, body = right_letters(body, declared_encoding(kind, body))
        page = page.replace(encoding=right, body=body)
        if is_challenge(page.text):
            raise PassedOver("bot wall")
        article = read_article_page(page.text, capture.url, reading, route="archive")
        article.crawled_at, article.opt_out = moment, [*header_signals(page), *meta_signals(page.text)]
        yield article, 'content="article"' in page.text or "Article" in page.text


def cleaned_again(article: Article, rules: Rules) -> Article:
    """A stored article as today's rules leave it; one that they would not take stays as it is."""
    outcome = clean(article, rules)
    return article if isinstance(outcome, Dropped) else outcome


_reader: Reader | None = None


def reread(
    captures: Iterable[Capture], settings: Mapping[str, object], site_urls: dict[str, str], jobs: int
) -> Iterator[tuple[list[ReadAgain], Counter[str]]]:
    """Read answers in `jobs` processes; the results come in the order of the answers."""
    with ProcessPoolExecutor(jobs, _context(), _prepare, (settings, site_urls)) as pool:
        yield from _in_order(captures, pool, jobs)


def _context() -> BaseContext:
    """How processes are made: forked, which spares them two seconds of loading, where nothing else runs beside this thread.

    A fork of a process with threads may hang, and macOS' own libraries do not bear one.
    """
    if sys.platform == "linux" and threading.active_count() == 1:
        detect_mostly(["aquecimento"], "pt")
        return get_context("fork")
    return get_context("spawn")


def _in_order(captures: Iterable[Capture], pool: Executor, jobs: int) -> Iterator[tuple[list[ReadAgain], Counter[str]]]:
    waiting: deque[Future[tuple[list[ReadAgain], Counter[str]]]] = deque()
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


def _prepare(settings: Mapping[str, object], site_urls: dict[str, str]) -> None:
    global _reader
    end_with_parent()
    _reader = Reader(settings, site_urls)


def _read_batch(captures: list[Capture]) -> tuple[list[ReadAgain], Counter[str]]:
    assert _reader is not None
    return _reader.read(captures)


def _rows(body: bytes) -> list[dict[str, Any]]:
    try:
        rows = json.loads(body)
    except ValueError as error:
        raise PassedOver("broken answer") from error
    return [row for row in rows if isinstance(row, dict) and "content" in row] if isinstance(rows, list) else []
