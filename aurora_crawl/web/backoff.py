"""Tries again as a polite visitor does: after as long as the server asks, else after longer and longer."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path

from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import DownloadConnectionRefusedError
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from aurora_crawl import stat_names as names
from aurora_crawl.addresses import same_site
from aurora_crawl.crawling.context import context_of
from aurora_crawl.messages import N_, Message
from aurora_crawl.storage.hosts import HostClock
from aurora_crawl.web.refusal import Refused, disk_full, refuse
from aurora_crawl.web.waiting import waiting_of

ASKS_TO_WAIT = {429, 503}
LONGEST_BACKOFF = 60.0
"""Seconds; what a server that names none is left alone for at most."""
MOST_IN_A_ROW = 20
"""So many answers in a row that ask to wait, a quarter of an hour of waiting, and the crawl stops."""


ASKED = N_("it asks to be left alone")


class BackOff(RetryMiddleware):
    """In the place of Scrapy's retries, which ignore Retry-After and come back at once.

    Retry-After up to RETRY_AFTER_MAX seconds is waited for, by every request to the host; where 429 and 503 come without one,
    RETRY_BACKOFF seconds, twice as long after each further one in a row. Longer ones end what is asked of the host in
    this crawl. Other crawls keep to all of them too, now and later. Other failures are the page's own: tried again after
    RETRY_BACKOFF seconds, twice as long each time.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler
        self._most = crawler.settings.getfloat("RETRY_AFTER_MAX")
        self._first = crawler.settings.getfloat("RETRY_BACKOFF")
        self._data_dir = Path(crawler.settings["DATA_DIR"])
        self._until: dict[str, float] = {}
        self._in_a_row: Counter[str] = Counter()
        self._given_up: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BackOff:
        """Made by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait while the host wants to be left alone. Raises Refused where that is too long."""
        host = urlparse_cached(request).netloc
        if host not in self._until:
            # What an earlier crawl was told holds for this one.
            self._until[host] = time.monotonic() + self._closed_before(host)
        while (wait := self._until[host] - time.monotonic()) > 0 or host in self._given_up:
            if wait > self._most or host in self._given_up:
                raise self._give_up(
                    request, Message("{host} asks to be left alone for {time}", host=host, time=duration(wait))
                )
            await waiting_of(self.crawler).wait(host, wait, Message(ASKED))

    def _closed_before(self, host: str) -> float:
        """For how many seconds the host wants to be left alone, by what an earlier crawl was told."""
        clock = HostClock(self._data_dir, host)
        try:
            if self.crawler.settings.getbool("FORGET_WAITING"):
                clock.reopen()
        except OSError as error:
            raise disk_full(self.crawler, error) from error
        return clock.closed_for()

    async def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The answer, or the same request again, after the wait. Raises Refused where the server asks for too long a one."""
        host = urlparse_cached(request).netloc
        if response.status not in ASKS_TO_WAIT:
            self._in_a_row.pop(host, None)
        if request.meta.get("dont_retry") or response.status not in self.retry_http_codes:
            return response
        if response.status in ASKS_TO_WAIT:
            self._wait_as_asked(request, response)
        again = self._retry(request, f"HTTP {response.status}")
        if again is None:
            return response
        if response.status not in ASKS_TO_WAIT:
            await self._wait_before(again)
        return again

    def _wait_as_asked(self, request: Request, response: Response) -> None:
        """Let everybody wait. Raises Refused where that is too long, or was in vain too often."""
        host = urlparse_cached(request).netloc
        self._in_a_row[host] += 1
        asked = retry_after(response)
        if asked is not None:
            self.crawler.stats.inc_value(names.RETRY_AFTER)
        else:
            before = max(self._in_a_row[host] - 1, request.meta.get("retry_times", 0))
            asked = min(self._first * 2**before, LONGEST_BACKOFF)
        self._close(request, asked)
        if asked > self._most:
            raise self._give_up(
                request, Message("{host} asks to be left alone for {time}", host=host, time=duration(asked))
            )
        if self._in_a_row[host] >= MOST_IN_A_ROW:
            raise self._give_up(
                request,
                Message(
                    "{host} answers HTTP {status}, {most_in_a_row} times in a row",
                    host=host,
                    status=response.status,
                    most_in_a_row=MOST_IN_A_ROW,
                ),
            )

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:  # type: ignore[override]
        """The same request again, after a wait, for failures that may pass."""
        if isinstance(exception, Refused) or not isinstance(exception, self.exceptions_to_retry):
            return None
        # An archive that refuses connections has blocked us: asking again makes it longer.
        is_block = request.meta.get("aurora_archive") and isinstance(exception, DownloadConnectionRefusedError)
        again = None if request.meta.get("dont_retry") or is_block else self._retry(request, exception)
        if again is not None:
            await self._wait_before(again)
        return again

    async def _wait_before(self, again: Request) -> None:
        wait = min(self._first * 2 ** (again.meta["retry_times"] - 1), self._most)
        failed = Message(N_("a page failed; it is asked for again then"))
        await waiting_of(self.crawler).wait(urlparse_cached(again).netloc, wait, failed)

    def _close(self, request: Request, seconds: float) -> None:
        host = urlparse_cached(request).netloc
        self._until[host] = max(time.monotonic() + seconds, self._until.get(host, 0.0))
        slot = self._slot(request)
        if slot is not None:
            # Requests that wait in the downloader's queue have passed `process_request`.
            slot.lastseen = max(slot.lastseen, time.monotonic() + min(seconds, self._most) - slot.delay)
        try:
            HostClock(self._data_dir, host).close_for(seconds)
        except OSError as error:
            raise disk_full(self.crawler, error) from error

    def _give_up(self, request: Request, reason: str) -> Refused:
        """Ask no more of the host; the crawl stops where it is the site's own."""
        host = urlparse_cached(request).netloc
        if host not in self._given_up:
            said = self._given_up[host] = Message(
                "{reason}; run the same command again then, or with -s FORGET_WAITING=1 at once", reason=reason
            )
            context = context_of(self.crawler)
            if context is not None and same_site(request.url, context.site_url):
                context.halt("asked to wait", said)
            slot = self._slot(request)
            while slot is not None and slot.queue:
                _, waiting = slot.queue.popleft()
                waiting.errback(
                    Failure(  # type: ignore[no-untyped-call]
                        refuse(self.crawler, "asked to wait", said, of_host=True)
                    )
                )
        return refuse(self.crawler, "asked to wait", self._given_up[host], of_host=True)

    def _slot(self, request: Request) -> Slot | None:
        """The downloader's queue for the host of a request that went through it."""
        engine = self.crawler.engine
        return engine.downloader.slots.get(request.meta.get("download_slot", "")) if engine is not None else None


def retry_after(response: Response) -> float | None:
    """The seconds that a Retry-After header asks for, in either of its forms; null where there is none to understand."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - time.time())


def duration(seconds: float) -> str:
    """Seconds as people say them, roughly: what stands in a reason must not differ from address to address."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{round(minutes / 60)} h"
