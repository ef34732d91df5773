"""Remembers what became of a crawl, for `scrapy report`."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from scrapy import signals
from scrapy.crawler import Crawler

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.monitoring.monitors import FAILED
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
        stats = context.stats.get_stats()

        def under(prefix: str) -> dict[str, int]:
            return {key.removeprefix(prefix): value for key, value in stats.items() if key.startswith(prefix)}

        record = CrawlRecord(
            ended_at=datetime.now(UTC).isoformat(timespec="seconds"),
            reason=str(stats.get("aurora/halted", self._reason)),
            kept=stats.get("aurora/kept", 0),
            edited=stats.get("aurora/edited", 0),
            requests=stats.get("downloader/request_count", 0),
            bytes=stats.get("downloader/response_bytes", 0),
            seconds=round(float(stats.get("elapsed_time_seconds", 0)), 1),
            expected=stats.get("aurora/expected") or None,
            found=under("aurora/found/"),
            dropped=under("aurora/dropped/"),
            failed=under("aurora/failed/"),
            refused=under("aurora/refused/"),
            complaints=tuple(stats.get(FAILED, ())),
        )
        site = context.site
        try:
            note_crawl(Path(self.crawler.settings["DATA_DIR"]), site, record)
        except OSError as error:
            if record.reason == "store":
                # The crawl has said that there is no room.
                return
            logger.warning("%s: the crawl's history could not be written: %s", site, error.strerror)
