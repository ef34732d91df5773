"""Archived answers become articles again, in as many processes as are wanted: read and cleaned as a crawl does it."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from inspect import iscoroutine
from multiprocessing import get_context
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from scrapy.exceptions import DropItem
from scrapy.http import HtmlResponse
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.misc import build_from_crawler, load_object

from aurora_crawl.addresses import same_site
from aurora_crawl.extraction.wordpress import read_post
from aurora_crawl.items import Article, article_id
from aurora_crawl.pipelines.dropping import Dropped
from aurora_crawl.platforms.arguments import CrawlArguments
from aurora_crawl.platforms.article_page import read_article_page
from aurora_crawl.platforms.site import SiteSpider, reading_of, scope_of
from aurora_crawl.storage.archive import Capture
from aurora_crawl.web.bodies import BrokenBody, TooLarge, unpacked
from aurora_crawl.web.challenge import is_challenge
from aurora_crawl.web.charset import true_encoding
from aurora_crawl.web.optout import header_signals, meta_signals

BATCH = 16
AHEAD = 4
"""Batches a process that wait for it."""
_STORING = ("DuplicatesPipeline", "ExportPipeline")
_POSTS = re.compile(r"/wp-json/wp/v2/[\w-]+/?$")


@dataclass(slots=True, frozen=True)
class Reread:
    """An article that was read again, and the moment of the answer it was read from."""

    article: Article
    is_declared: bool
    """Whether the page itself says that it is an article; posts of the REST API are."""


class Reader:
    """Reads answers by the rules of the sites; one for each process."""

    def __init__(self, settings: dict[str, Any], site_urls: dict[str, str]) -> None:
        self._settings = Settings(settings)
        loader = SpiderLoader.from_settings(self._settings)
        names = list(site_urls) or loader.list()
        self._sites = {name: cast("type[SiteSpider]", loader.load(name)) for name in names}
        self._arguments = {name: CrawlArguments(site_url=site_urls.get(name) or None) for name in names}
        self._steps: dict[str, list[Any]] = {}

    def site_of(self, url: str) -> str | None:
        """The site whose host and path prefix fit an address best; null where none does."""
        fitting = [
            name
            for name in self._sites
            if self._scope(name).is_wanted(url) and same_site(url, self._scope(name).site_url)
        ]
        return max(fitting, key=lambda name: len(self._sites[name].only), default=None)

    def read(self, captures: list[Capture]) -> tuple[list[Reread], Counter[str]]:
        """The articles of some answers, and how many answers gave none for each reason."""
        articles: list[Reread] = []
        passed: Counter[str] = Counter()
        for capture in captures:
            name = self.site_of(capture.url)
            if name is None or capture.status != 200:
                passed["another site" if name is None else f"HTTP {capture.status}"] += 1
                continue
            try:
                for reread in self._read(capture, name):
                    article = self._cleaned(reread.article, name)
                    articles.append(replace(reread, article=article))
            except DropItem as error:
                passed[getattr(error, "reason", str(error))] += 1
        return articles, passed

    def _scope(self, name: str) -> Any:
        return scope_of(self._sites[name], self._arguments[name])

    def _read(self, capture: Capture, name: str) -> Iterator[Reread]:
        headers = {key.lower(): value for key, value in capture.headers}
        body = capture.body
        try:
            for coding in reversed([part.strip().lower() for part in headers.get("content-encoding", "").split(",")]):
                body = unpacked(body, coding, self._settings.getint("DOWNLOAD_MAXSIZE")) if coding else body
        except (BrokenBody, TooLarge) as error:
            raise Dropped("broken answer") from error
        moment = capture.date.isoformat(timespec="seconds")
        reading, scope = reading_of(self._sites[name], self._arguments[name]), self._scope(name)
        kind = headers.get("content-type", "text/html")
        if "json" in kind and _POSTS.search(urlsplit(capture.url).path):
            for row in _rows(body):
                article = read_post(row, site=name, site_url=scope.site_url, license=scope.license)
                article.id, article.crawled_at = article_id(reading.canonical(article.url)), moment
                yield Reread(article, True)
            return
        if "html" not in kind or not scope.has_article(capture.url):
            raise Dropped("not a page")
        if any(listing.covers(capture.url) for listing in scope.listings):
            raise Dropped("a listing")
        page = HtmlResponse(capture.url, headers=dict(capture.headers), body=body)
        page = page.replace(encoding=true_encoding(body, page.encoding))
        if is_challenge(page.text):
            raise Dropped("bot wall")
        article = read_article_page(page.text, capture.url, reading, route="archive")
        article.crawled_at, article.opt_out = moment, [*header_signals(page), *meta_signals(page.text)]
        yield Reread(article, 'content="article"' in page.text or "Article" in page.text)

    def _cleaned(self, article: Article, name: str) -> Article:
        if name not in self._steps:
            spider = SimpleNamespace(name=name, address=self._scope(name).site_url, halt=_halt)
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
) -> Iterator[tuple[list[Reread], Counter[str]]]:
    """Read answers in `jobs` processes; the results come in the order of the answers."""
    # Not forked: a process with threads (the reactor's) forks into one that may hang.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _prepare, (settings, site_urls)) as pool:
        yield from _in_order(captures, pool, jobs)


def _in_order(captures: Iterable[Capture], pool: Executor, jobs: int) -> Iterator[tuple[list[Reread], Counter[str]]]:
    waiting: deque[Future[tuple[list[Reread], Counter[str]]]] = deque()
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
    _reader = Reader(settings, site_urls)


def _read_batch(captures: list[Capture]) -> tuple[list[Reread], Counter[str]]:
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
