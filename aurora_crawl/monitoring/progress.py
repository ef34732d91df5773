"""One line that shows where a crawl stands: a bar in a terminal, a line every PROGRESS_SECONDS in a log."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call
from tqdm import tqdm

from aurora_crawl.crawling.context import of_site, site_context

logger = logging.getLogger(__name__)

BAR_SECONDS = 0.5
_DONE = ("aurora/kept", "aurora/edited", "aurora/unchanged")


class Progress:
    """Counts articles that are done against what the route announces; the rate is that of this crawl.

    A crawl that goes on with an earlier one begins where that had come to; an update counts what the site names as changed.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.began = time.monotonic()
        self.bar: tqdm[Any] | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def spider_opened(self) -> None:
        """Begin to show."""
        if sys.stderr.isatty() and self.crawler.settings.get("LOG_FILE") is None:
            self.bar = tqdm(desc=site_context(self.crawler).site, unit=" articles", dynamic_ncols=True, leave=False)
        self.loop = create_looping_call(self.show)
        every = BAR_SECONDS if self.bar is not None else self.crawler.settings.getfloat("PROGRESS_SECONDS")
        self.loop.start(every, now=False)

    def spider_closed(self) -> None:
        """Take the bar away; the summary follows."""
        if self.loop.running:
            self.loop.stop()
        if self.bar is not None:
            self.bar.close()

    def show(self) -> None:
        """Bring the line up to date."""
        before, here = self.done()
        done, stats = before + here, self.crawler.stats
        expected = stats.get_value("aurora/expected") or stats.get_value("aurora/expected_before")
        if self.bar is not None:
            self.bar.total = max(expected, done) if expected else None
            self.bar.initial = before
            self.bar.n = done
            self.bar.refresh()
            return
        rate = here / max(time.monotonic() - self.began, 1e-3)
        ahead = max((expected or done) - done, 0)
        left = f", {_duration(ahead / rate)} to go" if expected and rate and ahead else ""
        of = f" of {expected}" if expected else ""
        logger.info("%s: %d%s articles, %.1f a second%s", site_context(self.crawler).site, done, of, rate, left)

    def done(self) -> tuple[int, int]:
        """Articles whose fate earlier crawls decided, and those whose fate this one did."""
        stats = self.crawler.stats.get_stats()
        fates = sum(
            value
            for key, value in stats.items()
            if key in _DONE or key.startswith(("aurora/dropped/", "aurora/failed/"))
        )
        if stats.get("aurora/is_update"):
            return 0, fates + stats.get("aurora/found/known", 0)
        return stats.get("aurora/done_before", 0), fates


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
