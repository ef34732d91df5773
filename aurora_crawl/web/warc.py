"""Hands what servers answer to the archive, where ARCHIVE is on."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from aurora_crawl.extraction.answer import readable_body
from aurora_crawl.items import article_id
from aurora_crawl.running import running_site
from aurora_crawl.storage.archive import Capture
from aurora_crawl.storage.recording import SiteArchive
from aurora_crawl.storage.redaction import posts_in, with_posts
from aurora_crawl.web.refusal import disk_full

logger = logging.getLogger(__name__)


class Record:
    """Sees answers as they came, before anything is unpacked or judged."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ARCHIVE"):
            raise NotConfigured
        self.crawler = crawler
        self._archive: SiteArchive | None = None
        self._forgotten: set[str] = set()
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Record:
        """Made by Scrapy. Raises NotConfigured where ARCHIVE is off."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Hand the answer over. Raises Refused where answers before it could not be written: none is stored without its archive."""
        if self._archive is not None and self._archive.failed is not None:
            raise disk_full(self.crawler, self._archive.failed)
        if self._archive is None:
            spider = running_site(self.crawler)
            try:
                self._archive = SiteArchive(Path(self.crawler.settings["DATA_DIR"]), spider.name, spider.address)
            except OSError as error:
                raise disk_full(self.crawler, error) from error
            self._forgotten = spider.store.ledger.forgotten()
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
        now = datetime.now(UTC)
        capture = Capture(request.url, response.status, headers, response.body, now)
        self._archive.add(self._without_forgotten(capture) if self._forgotten else capture)
        return response

    def _without_forgotten(self, capture: Capture) -> Capture:
        """The answer without the posts that are not to be stored any more: lists of posts still bring them."""
        canonical = running_site(self.crawler).reading.canonical
        posts = posts_in(readable_body(capture.headers, capture.body))
        stay = [post for post in posts if article_id(canonical(str(post["link"]))) not in self._forgotten]
        return capture if len(stay) == len(posts) else with_posts(capture, stay)

    def spider_closed(self) -> None:
        """Bring everything to the disk, and say what could not be."""
        if self._archive is None:
            return
        self._archive.close()
        self.crawler.stats.set_value("aurora/archived", self._archive.records)
        name = running_site(self.crawler).name
        if self._archive.failed is not None:
            running_site(self.crawler).halt(
                "store", f"{self._archive.folder}: {self._archive.failed.strerror}; make room"
            )
        logger.info("%s: %d answers archived in %s", name, self._archive.records, self._archive.folder)
