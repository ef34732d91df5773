"""Archived answers become articles again, in as many processes as are wanted: read and cleaned as a crawl does it."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from inspect import iscoroutine
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from scrapy.exceptions import DropItem
from scrapy.http import HtmlResponse
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.misc import build_from_crawler, load_object

from aurora_crawl.addresses import same_site
from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.article_page import read_article_page
from aurora_crawl.crawling.site_spider import SiteSpider, reading_of, scope_of
from aurora_crawl.extraction.answer import BrokenBody, TooLarge, archived_body, declared_encoding, right_letters
from aurora_crawl.extraction.wordpress_post import read_post
from aurora_crawl.items import Article, article_id, as_record
from aurora_crawl.pipelines.dropping import Dropped
from aurora_crawl.processes import end_with_parent
from aurora_crawl.storage.archive import Capture
from aurora_crawl.storage.generation import ReadAgain
from aurora_crawl.storage.shards import encode
from aurora_crawl.storage.store import text_hash
from aurora_crawl.text.language import detect_mostly
from aurora_crawl.web.challenge import is_challenge
from aurora_crawl.web.optout import header_signals, meta_signals

BATCH = 16
AHEAD = 4
"""Batches a process that wait for it."""
_STORING = ("DuplicatesPipeline", "ExportPipeline")
_POSTS = re.compile(r"/wp-json/wp/v2/[\w-]+/?$")


class Sites:
    """The sites whose pages are looked for; `site_urls` names them, with the address that was crawled in their stead."""

    def __init__(self, settings: Settings, site_urls: dict[str, str]) -> None:
        loader = SpiderLoader.from_settings(settings)
        names = list(site_urls) or loader.list()
        classes = {name: cast("type[SiteSpider]", loader.load(name)) for name in names}
        arguments = {name: CrawlArguments(site_url=site_urls.get(name) or None) for name in names}
        self.scopes = {name: scope_of(site, arguments[name]) for name, site in classes.items()}
        self.readings = {name: reading_of(site, arguments[name]) for name, site in classes.items()}

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


class Reader:
    """Reads answers by the rules of the sites; one for each process."""

    def __init__(self, settings: dict[str, Any], site_urls: dict[str, str]) -> None:
        self._settings = Settings(settings)
        self._sites = Sites(self._settings, site_urls)
        self._steps: dict[str, list[Any]] = {}

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
            except Dropped as error:
                passed[error.reason] += 1
                continue
            for article, is_declared in articles:
                try:
                    article = self._cleaned(article, name)
                except DropItem as error:
                    passed[getattr(error, "reason", str(error))] += 1
                    continue
                line = encode(as_record(article))
                found.append(ReadAgain(name, article.id, line, text_hash(article), is_declared))
        return found, passed

    def _articles(self, capture: Capture, name: str) -> Iterator[tuple[Article, bool]]:
        """The articles of an answer, and whether it declares them. Raises Dropped."""
        headers = {key.lower(): value for key, value in capture.headers}
        try:
            body = archived_body(capture.headers, capture.body, self._settings.getint("DOWNLOAD_MAXSIZE"))
        except (BrokenBody, TooLarge) as error:
            raise Dropped("broken answer") from error
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
            raise Dropped("not a page")
        if any(listing.covers(capture.url) for listing in scope.listings):
            raise Dropped("a listing")
        page = HtmlResponse(capture.url, headers=dict(capture.headers), body=body)
        right, body = right_letters(body, declared_encoding(kind, body))
        page = page.replace(encoding=right, body=body)
        if is_challenge(page.text):
            raise Dropped("bot wall")
        article = read_article_page(page.text, capture.url, reading, route="archive")
        article.crawled_at, article.opt_out = moment, [*header_signals(page), *meta_signals(page.text)]
        yield article, 'content="article"' in page.text or "Article" in page.text

    def _cleaned(self, article: Article, name: str) -> Article:
        if name not in self._steps:
            spider = SimpleNamespace(name=name, address=self._sites.scopes[name].site_url, halt=_halt)
            crawler: Any = SimpleNamespace(
                settings=self._settings, stats=SimpleNamespace(inc_value=lambda *_: None), spider=spider
            )
            paths = sorted(self._settings["ITEM_PIPELINES"].items(), key=lambda pair: pair[1])
            self._steps[name] = [
                build_from_crawler(load_object(path), crawler) for path, _ in paths if not path.endswith(_STORING)
            ]
        for step in self._steps[name]:
            done = step.process_item(article)
            article = _result(done) if iscoroutine(done) else done
        return article


_reader: Reader | None = None


def reread(
    captures: Iterable[Capture], settings: dict[str, Any], site_urls: dict[str, str], jobs: int
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


def _prepare(settings: dict[str, Any], site_urls: dict[str, str]) -> None:
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
        raise Dropped("broken answer") from error
    return [row for row in rows if isinstance(row, dict) and "content" in row] if isinstance(rows, list) else []


def _result(step: Any) -> Article:
    """What a pipeline's coroutine returns; none of them waits for anything."""
    try:
        step.send(None)
    except StopIteration as done:
        article: Article = done.value
        return article
    raise RuntimeError("a pipeline waits, which cannot be done without a crawl")


def _halt(reason: str, message: str) -> None:
    raise SystemExit(message)
