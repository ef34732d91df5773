"""Remembers what became of a crawl, for `scrapy report`."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from scrapy import signals
from scrapy.crawler import Crawler

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.monitoring.outcome import Outcome
from aurora_crawl.storage.crawl_history import CrawlRecord, note_crawl

logger = logging.getLogger(__name__)


class History:
    """Writes a line when everything else has ended."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._reason = "unknown"
        crawler.signals.connect(self.spider_closed, signals.spider_closed)
        # After the monitors, which look at the crawl while its spider is closed.
        crawler.signals.connect(self.engine_stopped, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> History:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def spider_closed(self, reason: str) -> None:
        """Hear why it ended."""
        self._reason = reason

    def engine_stopped(self) -> None:
        """Write the line."""
        context = site_context(self.crawler)
        if context.is_by_hand:
            # A page that a person looked at is no crawl.
            return
        record = record_of(Outcome.of(context.stats.get_stats(), self._reason))
        site = context.site
        try:
            note_crawl(Path(self.crawler.settings["DATA_DIR"]), site, record)
        except OSError as error:
            if record.reason == "store":
                # The crawl has said that there is no room.
                return
            logger.warning("%s: the crawl's history could not be written: %s", site, error.strerror)


def record_of(crawl: Outcome) -> CrawlRecord:
    """What is remembered of a crawl that has just ended."""
    return CrawlRecord(
        ended_at=datetime.now(UTC).isoformat(timespec="seconds"),
        reason=crawl.reason,
        kept=crawl.kept,
        edited=crawl.edited,
        unchanged=crawl.unchanged,
        requests=crawl.requests,
        bytes=crawl.bytes,
        seconds=round(crawl.seconds, 1),
        expected=crawl.expected,
        found=dict(crawl.found),
        dropped=dict(crawl.dropped),
        failed=dict(crawl.failed),
        refused=dict(crawl.refused),
        complaints=crawl.complaints,
    )
