"""Article pages of a crawl: asked for a few at a time, read, and their outcome entered into the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from aurora_crawl.addresses import is_front, same_site
from aurora_crawl.crawling.article_page import read_article_page
from aurora_crawl.items import Article, article_id
from aurora_crawl.routes.fetch import failure_in_words, is_of_host
from aurora_crawl.routes.route import Found
from aurora_crawl.storage.ledger import Finding, LedgerError

if TYPE_CHECKING:
    from aurora_crawl.crawling.site_spider import SiteSpider

MOST_IN_FLIGHT = 32
"""Pages that are asked for at a time. The ledger holds the rest, so that memory does not grow with the site."""
MOST_TRIES = 5
"""Crawls in which a page may fail before it is left alone."""
MOST_IN_A_ROW = 20
"""So many pages without an answer, or with a server's error, and none between them: the server or the connection is gone."""
OUTSIDE = "outside the window"
_GONE = {404, 410}
_FORBIDDEN = "robots.txt"


class ArticlePages:
    """The article pages of one crawl."""

    def __init__(self, spider: SiteSpider) -> None:
        self._spider = spider
        self._room = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._in_a_row = 0

    async def request(self, found: Found, route: str) -> Request:
        """The request for a page that a route found, once there is room for it."""
        await self._room.acquire()
        return Request(
            found.url,
            callback=self._read,
            errback=self._failed,
            cb_kwargs={"found": found, "route": route},
            # The ledger knows what was asked for; the filter would leave requests without an answer.
            dont_filter=True,
        )

    async def drained(self) -> None:
        """Wait until nothing is in flight any more."""
        for _ in range(MOST_IN_FLIGHT):
            await self._room.acquire()
        for _ in range(MOST_IN_FLIGHT):
            self._room.release()

    def _read(self, response: Response, found: Found, route: str) -> Iterator[Article]:
        self._in_a_row = 0
        outcome = "an error while reading"
        try:
            article = self._article(response, found, route)
            outcome = ""
            if article is not None:
                yield article
        finally:
            if outcome:
                self._fail(found.url, outcome)
            self._room.release()

    def _article(self, response: Response, found: Found, route: str) -> Article | None:
        """The Article on a page; null where it is not to be stored, which the ledger then says."""
        spider, ledger = self._spider, self._spider.store.ledger
        id = article_id(spider.reading.canonical(found.url))
        if not isinstance(response, TextResponse):
            self._drop(id, "not a page")
            return None
        if is_front(response.url) or not same_site(response.url, spider.address):
            self._drop(id, "led elsewhere")
            return None
        article = read_article_page(response.text, response.url, spider.reading, route=route, found=found)
        if article.id != id:
            # Another address of an article: its own address is the one that counts.
            finding = ledger.find(article.id, response.url, route, modified=found.modified)
            self._drop(id, "other address")
            ledger.alias(id, found.url, article.id)
            if finding in (Finding.KNOWN, Finding.FORGOTTEN):
                return None
        if article.published not in spider.arguments.window:
            # Under the window's name, so that a crawl with another one looks at it again.
            self._drop(article.id, OUTSIDE, rules=str(spider.arguments.window))
            return None
        return article

    def _failed(self, failure: Failure) -> None:
        try:
            self._note_failure(failure)
        finally:
            self._room.release()

    def _note_failure(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        found: Found = request.cb_kwargs["found"]
        id = article_id(self._spider.reading.canonical(found.url))
        error = failure.value
        if isinstance(error, HttpError):
            status = error.response.status
            self._count(request, f"HTTP {status}" if status >= 500 or status == 429 else None)
            if status in _GONE:
                self._drop(id, "gone")
            else:
                self._fail(found.url, f"HTTP {status}")
            return
        reason = failure_in_words(error, request) or type(error).__name__
        if _FORBIDDEN in reason and "forbids" in reason:
            self._drop(id, _FORBIDDEN)
            return
        self._fail(found.url, reason, of_host=is_of_host(error))
        if is_of_host(error) or isinstance(error, DownloadFailedError | DownloadTimeoutError):
            self._count(request, reason)

    def _count(self, request: Request, failure: str | None) -> None:
        """Count pages that failed one after the other; null for an answer. Asking on for days would fail all that are left."""
        self._in_a_row = self._in_a_row + 1 if failure else 0
        if self._in_a_row == MOST_IN_A_ROW:
            said = f"{self._in_a_row} pages in a row failed, the last with: {failure}; run the same command again later"
            self._spider.halt("no answer", f"{self._spider.name}: {said}")

    def _drop(self, id: str, reason: str, *, rules: str | None = None) -> None:
        try:
            self._spider.store.ledger.drop(id, reason=reason, rules=rules)
        except LedgerError as error:
            self._spider.halt("store", str(error))
        self._spider.crawler.stats.inc_value(f"aurora/dropped/{reason}")

    def _fail(self, url: str, reason: str, *, of_host: bool = False) -> None:
        ledger = self._spider.store.ledger
        id = article_id(self._spider.reading.canonical(url))
        try:
            entry = ledger.get(id)
            again = of_host or entry is None or entry.tries + 1 < MOST_TRIES
            ledger.fail(id, reason=reason, again=again, is_try=not of_host)
        except LedgerError as error:
            self._spider.halt("store", str(error))
        self._spider.crawler.stats.inc_value(f"aurora/failed/{reason}")
