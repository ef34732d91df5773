"""How often a host is asked: one delay for all spiders of this machine, and never more often than robots.txt says."""

from __future__ import annotations

import asyncio
from pathlib import Path

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl import stat_names as names
from aurora_crawl.storage.hosts import HostClock
from aurora_crawl.web.backoff import BackOff
from aurora_crawl.web.refusal import disk_full

SHARED_FROM = 0.05
"""Delays below are for tests and own servers; there each crawl goes its own way."""


class Pace:
    """Books each request's turn in the host's clock, which other crawls book theirs in too.

    The delay is the largest of DOWNLOAD_DELAY, what AutoThrottle makes of it, and robots.txt' crawl-delay up to
    CRAWL_DELAY_MAX.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._asked: dict[str, float] = {}
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
            self.crawler.stats.inc_value(names.TURN_MS, round(wait * 1000))
            await asyncio.sleep(wait)
            back_off = self.crawler.get_downloader_middleware(BackOff)
            if back_off is not None:
                # What the host said meanwhile holds too.
                await back_off.process_request(request)

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
