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
from aurora_crawl.messages import _
from aurora_crawl.monitoring.outcome import Outcome

logger = logging.getLogger(__name__)

BAR_SECONDS = 0.5


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
        if sys.stderr.isatty() and not self.crawler.settings.getbool("LOG_JSON"):
            self.bar = tqdm(
                desc=site_context(self.crawler).site, unit=" " + _("articles"), dynamic_ncols=True, leave=False
            )
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
        crawl = Outcome.of(self.crawler.stats.get_stats())
        before, here = done(crawl)
        together = before + here
        expected = crawl.expected or crawl.expected_before
        if self.bar is not None:
            self.bar.total = max(expected, together) if expected else None
            self.bar.initial = before
            self.bar.n = together
            self.bar.refresh()
            return
        rate = here / max(time.monotonic() - self.began, 1e-3)
        ahead = max((expected or together) - together, 0)
        counted = _("{done} of {expected} articles") if expected else _("{done} articles")
        line = counted.format(done=together, expected=expected) + ", " + _("{rate:.1f} a second").format(rate=rate)
        if expected and rate and ahead:
            line += ", " + _("{time} to go").format(time=_duration(ahead / rate))
        logger.info("%s: %s", site_context(self.crawler).site, line)


def done(crawl: Outcome) -> tuple[int, int]:
    """Articles whose fate earlier crawls decided, and those whose fate this one did."""
    if crawl.is_update:
        return 0, crawl.decided + crawl.found.get("known", 0)
    return crawl.done_before, crawl.decided


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
