"""Article pages of a crawl: asked for a few at a time, read, and their outcome entered into the ledger."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError, ResponseDataLossError
from scrapy.http import Response, TextResponse
from scrapy.robotstxt import RobotParser
from scrapy.signalmanager import SignalManager
from scrapy.signals import request_dropped, request_scheduled, robots_parsed
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from aurora_crawl import stat_names as names
from aurora_crawl.addresses import is_front_page, refusal, same_site
from aurora_crawl.budget import OverBudget
from aurora_crawl.crawling.article_page import read_page
from aurora_crawl.crawling.canonical_claims import CanonicalClaims
from aurora_crawl.crawling.context import CrawlContext
from aurora_crawl.crawling.documents import Documents, Incomplete, NotWanted, size_of, template_of
from aurora_crawl.crawling.site_reading import PAGES
from aurora_crawl.items import Article, article_id
from aurora_crawl.messages import Message
from aurora_crawl.routes.fetch import failure_in_words, is_of_host, is_stopped, leads_elsewhere
from aurora_crawl.routes.route import FetchStopped, Found, RouteFailed
from aurora_crawl.storage.ledger import Finding, Ledger, LedgerError

MOST_IN_FLIGHT = 32
"""Pages that are asked for at a time. The ledger holds the rest, so that memory does not grow with the site."""
MOST_TRIES = 5
"""Crawls in which a page may fail before it is left alone."""
MOST_IN_A_ROW = 20
"""So many pages without an answer, or with a server's error, and none between them: the server or the connection is gone."""
OUTSIDE = "outside the window"
MADE_AT = "aurora_made_at"
"""Where a request's meta holds when it was made."""
LED_ELSEWHERE = "led elsewhere"
WHOLE = {200, 203}
"""What a server answers with a page; of the others that are no errors, none brings it whole."""
_GONE = 410
_NOT_FOUND = 404
NOT_FOUND = "not found"
"""Dropped, until a route names the address again in another crawl."""
TOO_SLOW = "too slow to read"
_FORBIDDEN = "robots.txt"


class ArticlePages:
    """The article pages of one crawl, whose outcomes go into its ledger. `robot`: the name by which robots.txt calls us."""

    def __init__(self, context: CrawlContext, ledger: Ledger, robot: str) -> None:
        self._context = context
        self._ledger = ledger
        self._robot = robot
        self._room = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._in_a_row = 0
        self._is_away = False
        self._undecided: deque[tuple[float, str, str]] = deque()
        self._handed_out: Found | None = None
        self._claims = CanonicalClaims(context, ledger)
        self._documents = Documents(context.reading, context.fetch, template_of(context.scope))
        self.not_found: set[str] = set()
        """The ids of what was not found in this crawl."""
        self.lifted: deque[Found] = deque()
        """What robots.txt forbade in an earlier crawl and allows now; the ledger has it as due."""

    def listen(self, signals: SignalManager) -> None:
        """Hear of requests that Scrapy drops, so that nobody waits for their answers, and of what robots.txt says by now."""
        signals.connect(self._rules_read, robots_parsed)
        signals.connect(self._scheduled, request_scheduled)
        signals.connect(self._dropped, request_dropped)

    async def ask(self, found: Found, route: str) -> AsyncIterator[Request]:
        """The request for a page that a route found, once there is room for it; none where the address may not be asked for."""
        reason = refusal(found.url, self._context.site_url)
        if reason is not None:
            self._drop(article_id(self._context.reading.canonical(found.url)), reason)
            return
        await self._room.acquire()
        request = Request(
            found.url,
            callback=self._read,
            errback=self._failed,
            cb_kwargs={"found": found, "route": route},
            meta={MADE_AT: time.monotonic()} | size_of(self._context.reading),
            # The ledger knows what was asked for; the filter would leave requests without an answer.
            dont_filter=True,
        )
        self._handed_out = found
        yield request
        if self._handed_out is not None:
            self._give_up(found)

    def _rules_read(self, robotparser: RobotParser, request: Request) -> None:
        host = urlparse_cached(request).netloc
        try:
            for id, url in self._ledger.forbidden():
                if urlsplit(url).netloc == host and robotparser.allowed(url, self._robot):
                    self._ledger.ask_again(id)
                    self.lifted.append(Found(url))
        except LedgerError as error:
            self._context.halt("store", error.message)

    def _scheduled(self, request: Request) -> None:
        """What was handed out has gone to the scheduler; whoever drops it before says nothing."""
        if request.cb_kwargs.get("found") is self._handed_out:
            self._handed_out = None

    def _dropped(self, request: Request) -> None:
        if request.callback == self._read:
            self._give_up(request.cb_kwargs["found"])

    def _give_up(self, found: Found) -> None:
        """There will be no answer."""
        self._handed_out = None
        self._fail(found.url, "dropped without an answer")
        self._room.release()

    async def drained(self) -> None:
        """Wait until nothing is in flight any more."""
        for _ in range(MOST_IN_FLIGHT):
            await self._room.acquire()
        for _ in range(MOST_IN_FLIGHT):
            self._room.release()
        if not self._is_away:
            self._decide(math.inf)

    async def _read(self, response: Response, found: Found, route: str) -> AsyncIterator[Article]:
        self._answered(response.request)
        outcome = "an error while reading"
        try:
            article = await self._article(response, found, route)
            outcome = ""
            if article is not None:
                yield article
        except OverBudget:
            outcome = TOO_SLOW
        except FetchStopped:
            # In the middle of a look at another address: the page stays due.
            outcome = ""
        finally:
            if outcome:
                self._fail(found.url, outcome)
            self._room.release()

    async def _article(self, response: Response, found: Found, route: str) -> Article | None:
        """The Article on a page; null where it is not to be stored, which the ledger then says."""
        context, window = self._context, self._context.scope.window
        id = article_id(context.reading.canonical(found.url))
        if response.status not in WHOLE:
            # A part of the page, or the promise of one.
            self._fail(found.url, f"HTTP {response.status}")
            return None
        is_file = not isinstance(response, TextResponse)
        if is_file and "pdf" not in context.reading.reads:
            self._drop(id, "not a page")
            return None
        if is_front_page(response.url) or not same_site(response.url, context.site_url):
            self._drop(id, LED_ELSEWHERE)
            return None
        if context.reading.reads != PAGES:
            return await self._document(response, found, route)
        assert isinstance(response, TextResponse)
        page = read_page(response.text, response.url, context.reading, route=route, found=found)
        self._claims.remember(page)
        named = await self._claims.named_by(page, found, route)
        own = named.id if named else page.article.id
        if named is not None:
            page = named.page or page
        if not self._is_wanted(id, own, page.article.url, found, route) or (named is not None and named.page is None):
            return None
        article = page.article
        if article.published not in window:
            # Under the window's name, so that a crawl with another one looks at it again.
            self._drop(article.id, OUTSIDE, rules=str(window))
            return None
        return article

    async def _document(self, response: Response, found: Found, route: str) -> Article | None:
        """The Article of a document that is more than a page; null where it is not to be stored or has to be asked for again."""
        asked = article_id(self._context.reading.canonical(found.url))
        try:
            article = await self._documents.read(response, found, route)
        except NotWanted as error:
            self._drop(asked, str(error))
            return None
        except Incomplete as error:
            self._fail(found.url, str(error))
            return None
        except FetchStopped:
            raise
        except RouteFailed as error:
            self._fail(found.url, str(error), is_try=False)
            return None
        return article if self._is_wanted(asked, article.id, article.url, found, route) else None

    def _is_wanted(self, asked: str, own: str, url: str, found: Found, route: str) -> bool:
        """Note where the address that was asked for belongs; whether its article is to be stored now."""
        known = self._ledger.get(asked)
        before = known.id if known is not None else asked
        if own == asked:
            if before != asked:
                # What an earlier crawl took for another address of an article stands for itself.
                self._ledger.settle(before)
                self._ledger.alias(asked, found.url, asked)
            return True
        if own == before:
            self._ledger.settle(asked)
            return True
        # Another address of an article: its own address is the one that counts.
        finding = self._ledger.find(own, url, route, modified=found.modified)
        self._drop(asked, "other address")
        self._ledger.alias(asked, found.url, own)
        return finding not in (Finding.KNOWN, Finding.FORGOTTEN)

    def _failed(self, failure: Failure) -> None:
        try:
            self._note_failure(failure)
        finally:
            self._room.release()

    def _note_failure(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        found: Found = request.cb_kwargs["found"]
        id = article_id(self._context.reading.canonical(found.url))
        error = failure.value
        if is_stopped(error):
            # It stays due, and the next crawl takes it up.
            return
        if isinstance(error, HttpError):
            status = error.response.status
            if status >= 500 or status == 429:
                self._hold(found.url, f"HTTP {status}")
                self._count(f"HTTP {status}")
                return
            self._answered(request)
            if status == _GONE:
                self._drop(id, "gone")
            elif status == _NOT_FOUND:
                self._fail(found.url, NOT_FOUND, is_news=False)
                self._drop(id, NOT_FOUND)
                self.not_found.add(id)
            else:
                self._fail(found.url, f"HTTP {status}")
            return
        words = failure_in_words(error, request) or type(error).__name__
        reason = str(words)
        if _FORBIDDEN in reason and "forbids" in reason:
            self._drop(id, _FORBIDDEN)
        elif leads_elsewhere(error):
            self._drop(id, LED_ELSEWHERE)
        elif is_of_host(error):
            self._is_away = True
            self._fail(found.url, reason, is_try=False)
            self._count(words)
        elif isinstance(error, ResponseDataLossError):
            self._hold(found.url, reason)
        elif isinstance(error, DownloadFailedError | DownloadTimeoutError):
            self._hold(found.url, reason)
            self._count(words)
        else:
            self._fail(found.url, reason)

    def _hold(self, url: str, reason: str) -> None:
        """A page failed for a reason that may be its own or the server's: a try only if the server turns out to be there."""
        self._fail(url, reason, is_try=False)
        self._undecided.append((time.monotonic(), url, reason))

    def _answered(self, request: Request | None) -> None:
        self._in_a_row = 0
        self._is_away = False
        # Only of what failed before the request was made: an answer may have been on its way when the server left.
        self._decide(request.meta[MADE_AT] if request is not None else 0.0)

    def _decide(self, there_at: float) -> None:
        """The server was there at that moment, so what failed before it was the pages' own."""
        while self._undecided and self._undecided[0][0] < there_at:
            _, url, reason = self._undecided.popleft()
            self._fail(url, reason, is_news=False)

    def _count(self, failure: str) -> None:
        """Count pages that failed one after the other. Asking on for days would fail all that are left."""
        self._in_a_row += 1
        if self._in_a_row == MOST_IN_A_ROW:
            self._is_away = True
            said = Message(
                "{in_a_row} pages in a row failed, the last with: {failure}; run the same command again later",
                in_a_row=self._in_a_row,
                failure=failure,
            )
            self._context.halt("no answer", Message("{site}: {said}", site=self._context.site, said=said))

    def _drop(self, id: str, reason: str, *, rules: str | None = None) -> None:
        try:
            self._ledger.drop(id, reason=reason, rules=rules)
        except LedgerError as error:
            self._context.halt("store", error.message)
        self._context.stats.inc_value(f"{names.DROPPED}{reason}")

    def _fail(self, url: str, reason: str, *, is_try: bool = True, is_news: bool = True) -> None:
        id = article_id(self._context.reading.canonical(url))
        try:
            entry = self._ledger.get(id)
            again = not is_try or entry is None or entry.tries + 1 < MOST_TRIES
            self._ledger.fail(id, reason=reason, again=again, is_try=is_try)
        except LedgerError as error:
            self._context.halt("store", error.message)
        if is_news:
            self._context.stats.inc_value(f"{names.FAILED}{reason}")
