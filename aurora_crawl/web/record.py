"""Hands what servers answer to the archive, where ARCHIVE is on."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from aurora_crawl.running import running_site
from aurora_crawl.storage.archive import Capture, SiteArchive

logger = logging.getLogger(__name__)


class Record:
    """Sees answers as they came, before anything is unpacked or judged."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ARCHIVE"):
            raise NotConfigured
        self.crawler = crawler
        self._archive: SiteArchive | None = None
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Record:
        """Made by Scrapy. Raises NotConfigured where ARCHIVE is off."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Hand the answer over."""
        if self._archive is None:
            spider = running_site(self.crawler)
            self._archive = SiteArchive(Path(self.crawler.settings["DATA_DIR"]), spider.name, spider.address)
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
        now = datetime.now(UTC)
        self._archive.add(Capture(request.url, response.status, headers, response.body, now))
        return response

    def spider_closed(self) -> None:
        """Bring everything to the disk, and say what could not be."""
        if self._archive is None:
            return
        self._archive.close()
        self.crawler.stats.set_value("aurora/archived", self._archive.records)
        name = running_site(self.crawler).name
        if self._archive.failed is not None:
            logger.error(
                "%s: %s: %s; the archive is not whole", name, self._archive.folder, self._archive.failed.strerror
            )
        logger.info("%s: %d answers archived in %s", name, self._archive.records, self._archive.folder)
