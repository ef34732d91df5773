"""One line that shows where a crawl stands: a bar in a terminal, a line a minute in a log."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call
from tqdm import tqdm

from aurora_crawl.running import running_site

logger = logging.getLogger(__name__)

BAR_SECONDS = 0.5
LINE_SECONDS = 60.0
_DONE = ("aurora/kept", "aurora/edited", "aurora/unchanged")


class Progress:
    """Counts articles that are done against what the route announces; the rate is that of this crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.began = time.monotonic()
        self.bar: tqdm[Any] | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        """Made by Scrapy."""
        return cls(crawler)

    def spider_opened(self) -> None:
        """Begin to show."""
        if sys.stderr.isatty() and self.crawler.settings.get("LOG_FILE") is None:
            self.bar = tqdm(desc=running_site(self.crawler).name, unit=" articles", dynamic_ncols=True, leave=False)
        self.loop = create_looping_call(self.show)
        self.loop.start(BAR_SECONDS if self.bar is not None else LINE_SECONDS, now=False)

    def spider_closed(self) -> None:
        """Take the bar away; the summary follows."""
        if self.loop.running:
            self.loop.stop()
        if self.bar is not None:
            self.bar.close()

    def show(self) -> None:
        """Bring the line up to date."""
        done, expected = self.done(), self.crawler.stats.get_value("aurora/expected")
        if self.bar is not None:
            self.bar.total = max(expected, done) if expected else None
            self.bar.update(done - self.bar.n)
            return
        rate = done / max(time.monotonic() - self.began, 1e-3)
        ahead = max((expected or done) - done, 0)
        left = f", {_duration(ahead / rate)} to go" if expected and rate and ahead else ""
        of = f" of {expected}" if expected else ""
        logger.info("%s: %d%s articles, %.1f a second%s", running_site(self.crawler).name, done, of, rate, left)

    def done(self) -> int:
        """Articles whose fate is known, of those that this crawl read."""
        stats = self.crawler.stats.get_stats()
        fates = [
            value
            for key, value in stats.items()
            if key in _DONE or key.startswith(("aurora/dropped/", "aurora/failed/"))
        ]
        return sum(fates) + stats.get("aurora/found/known", 0)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
