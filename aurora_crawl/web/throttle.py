"""How often a host is asked: one delay for all spiders of this machine, and never more often than robots.txt says."""

from __future__ import annotations

import time
from pathlib import Path

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl import stat_names as names
from aurora_crawl.messages import N_, Message
from aurora_crawl.storage.hosts import HostClock
from aurora_crawl.web.backoff import BackOff
from aurora_crawl.web.refusal import disk_full
from aurora_crawl.web.waiting import SAID_FROM, Stopped, waiting_of

SHARED_FROM = 0.05
"""Delays below are for tests and own servers; there each crawl goes its own way."""


OTHERS_FROM = 5.0
"""Seconds beyond this crawl's own turns, from which on others' are said to come first."""


class Pace:
    """Books each request's turn in the host's clock, which other crawls book theirs in too.

    The delay is the largest of DOWNLOAD_DELAY, what AutoThrottle makes of it, and robots.txt' crawl-delay up to
    CRAWL_DELAY_MAX.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._asked: dict[str, float] = {}
        self._booked: dict[str, list[float]] = {}
        self._paces_said: set[tuple[str, float]] = set()
        self._data_dir = Path(crawler.settings["DATA_DIR"])
        crawler.signals.connect(self.robots_parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Pace:
        """Made by Scrapy."""
        return cls(crawler)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Take over the crawl-delay of a host."""
        asked = robotparser.crawl_delay(self.crawler.settings["ROBOTSTXT_USER_AGENT"])
        if asked:
            most = self.crawler.settings.getfloat("CRAWL_DELAY_MAX")
            host = urlparse_cached(request).netloc
            self._asked[host] = min(float(asked), most)
            self.crawler.stats.set_value(f"{names.CRAWL_DELAY}{host}", self._asked[host])

    async def process_request(self, request: Request) -> None:
        """Wait for the request's turn. Raises Refused where that cannot be booked, because the disk is full."""
        host = urlparse_cached(request).netloc
        delay = self._delay(host)
        if delay < SHARED_FROM:
            return
        try:
            wait = HostClock(self._data_dir, host).reserve(delay)
        except OSError as error:
            raise disk_full(self.crawler, error) from error
        if wait > 0:
            await self._wait(host, wait, delay)
            back_off = self.crawler.get_downloader_middleware(BackOff)
            if back_off is not None:
                # What the host said meanwhile holds too.
                await back_off.process_request(request)

    async def _wait(self, host: str, seconds: float, delay: float) -> None:
        """Wait for a turn that was booked. Those that a stopped crawl does not take are given back."""
        turns = self._booked.setdefault(host, [])
        own = len(turns) * delay
        turn = time.time() + seconds
        turns.append(turn)
        try:
            why = self._reason(host, seconds - own, delay)
            await waiting_of(self.crawler).wait(host, seconds, why, stat=names.TURN_MS)
        except Stopped:
            HostClock(self._data_dir, host).give_back(self._booked.pop(host, []), delay)
            raise
        else:
            turns.remove(turn)

    def _reason(self, host: str, beyond: float, delay: float) -> Message | None:
        """Why a turn is far off; the pace itself is said once."""
        if beyond > delay + OTHERS_FROM:
            return Message(N_("other crawls of this machine ask it too, one every {delay:.1f} s in all"), delay=delay)
        if (host, delay) in self._paces_said or delay < SAID_FROM:
            return None
        self._paces_said.add((host, delay))
        return Message(N_("it is asked once every {delay:.1f} s"), delay=delay)

    def _delay(self, host: str) -> float:
        engine = self.crawler.engine
        slots = engine.downloader.slots if engine is not None else {}
        slot = slots.get(urlparse_cached(Request(f"http://{host}")).hostname or host)
        asked = self._asked.get(host, 0.0)
        if slot is None:
            return max(self.crawler.settings.getfloat("DOWNLOAD_DELAY"), asked)
        if slot.delay < asked:
            # Turns are booked ahead; that no request follows another too soon, when one was late, is for the slot to see to.
            slot.delay, slot.jitter = asked, 0.0
        return float(slot.delay)
