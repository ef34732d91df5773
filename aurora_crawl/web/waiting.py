"""Where a crawl waits for a host: it says on whom, why and until when, and waits no longer when a person stops it."""

from __future__ import annotations

import asyncio
import logging
import time
from asyncio import TimerHandle

from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.signals import request_left_downloader, request_reached_downloader
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.context import STOPPING, context_of
from aurora_crawl.messages import N_, Message

logger = logging.getLogger(__name__)

SAID_FROM = 5.0
"""Seconds; a shorter wait is over before its line is read."""
AGAIN_AFTER = 60.0
"""Seconds by which a wait must end later than what was said of its host, to be said anew."""
SLOW_AFTER = 15.0
"""Seconds after which a host whose answer is awaited is said to be slow."""


class Stopped(IgnoreRequest):
    """Not asked for, because a person stopped the crawl; it says nothing about the address or its host."""

    stopped = True

    def __init__(self) -> None:
        super().__init__("the crawl was stopped")


class Waiting:
    """The waiting of one crawl: everything that sleeps before a request sleeps here.

    A middleware before those that wait: once a person has stopped the crawl, it lets no request pass.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stopped = asyncio.Event()
        self._said_until: dict[str, float] = {}
        self._answers: dict[Request, TimerHandle] = {}
        crawler.signals.connect(self._stop, STOPPING)
        crawler.signals.connect(self._reached, request_reached_downloader)
        crawler.signals.connect(self._left, request_left_downloader)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Waiting:
        """Made by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait for as long as whoever asks leaves the host alone before. Raises Stopped where nothing is to be asked for any more."""
        if self._stopped.is_set():
            raise Stopped
        rest = request.meta.get("aurora_rest", 0.0)
        if rest > 0:
            why = Message(N_("it is asked once every {delay:.1f} s"), delay=rest)
            await self.wait(urlparse_cached(request).netloc, rest, why)

    async def wait(self, host: str, seconds: float, why: Message | None, *, stat: str = names.WAITED_MS) -> None:
        """Wait for a host, and say why, where it is long. Raises Stopped as soon as a person stops the crawl."""
        if why is not None and seconds >= SAID_FROM:
            self.say(host, seconds, why)
        began = time.monotonic()
        try:
            await asyncio.wait_for(self._stopped.wait(), seconds)
        except TimeoutError:
            return
        finally:
            self._crawler.stats.inc_value(stat, round((time.monotonic() - began) * 1000))
        raise Stopped

    def say(self, host: str, seconds: float, why: Message) -> None:
        """One line on a wait, unless one that ends about then was said."""
        until = time.monotonic() + seconds
        if until < self._said_until.get(host, -AGAIN_AFTER) + AGAIN_AFTER:
            return
        self._said_until[host] = until
        context = context_of(self._crawler)
        site = context.site if context is not None else host
        logger.info("%s: waiting for %s until %s: %s", site, host, _clock(seconds), why)

    def _stop(self) -> None:
        self._stopped.set()
        for slot in self._slots():
            while slot.queue:
                _, waiting = slot.queue.popleft()
                waiting.errback(Failure(Stopped()))  # type: ignore[no-untyped-call]

    def _reached(self, request: Request) -> None:
        self._answers[request] = asyncio.get_running_loop().call_later(SLOW_AFTER, self._say_slow, request)

    def _left(self, request: Request) -> None:
        timer = self._answers.pop(request, None)
        if timer is not None:
            timer.cancel()

    def _slots(self) -> list[Slot]:
        """The downloader's queues, one a host."""
        engine = self._crawler._engine
        return list(engine.downloader.slots.values()) if engine is not None else []

    def _say_slow(self, request: Request) -> None:
        if not any(request in slot.transferring for slot in self._slots()):
            # Not asked yet: its turn comes later.
            self._reached(request)
            return
        longest = self._crawler.settings.getfloat("DOWNLOAD_TIMEOUT") - SLOW_AFTER
        if longest > 0:
            slow = Message(N_("it has not answered for {seconds:.0f} s"), seconds=SLOW_AFTER)
            self.say(urlparse_cached(request).netloc, longest, slow)


def waiting_of(crawler: Crawler) -> Waiting:
    """The waiting of a crawl that has begun."""
    return crawler.get_downloader_middleware(Waiting) or Waiting(crawler)


def _clock(seconds: float) -> str:
    """The time of day in so many seconds, with the day where it is another one."""
    now = time.time()
    then = time.localtime(now + seconds)
    day = "" if then[:3] == time.localtime(now)[:3] else "%Y-%m-%d "
    return time.strftime(f"{day}%H:%M:%S", then)
