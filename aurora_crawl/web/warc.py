"""Hands what servers answer to the archive, where ARCHIVE is on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.context import context_of, stop
from aurora_crawl.extraction.answer import readable_body
from aurora_crawl.extraction.rest_answer import posts_in
from aurora_crawl.items import article_id
from aurora_crawl.messages import Message
from aurora_crawl.storage.archive import Capture
from aurora_crawl.storage.blanking import without_passages
from aurora_crawl.storage.forgotten import forgotten_pieces
from aurora_crawl.storage.recording import SiteArchive
from aurora_crawl.storage.redaction import Holding, with_body, with_posts
from aurora_crawl.web.refusal import disk_full

if TYPE_CHECKING:
    from aurora_crawl.storage.fingerprints import Fingerprints

logger = logging.getLogger(__name__)


class Record:
    """Sees answers as they came, before anything is unpacked or judged."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ARCHIVE"):
            raise NotConfigured
        self.crawler = crawler
        self._archive: SiteArchive | None = None
        self._forgotten: set[str] = set()
        self._pieces: Fingerprints | None = None
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Record:
        """Made by Scrapy. Raises NotConfigured where ARCHIVE is off."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Hand the answer over. Raises Refused where answers before it could not be written: none is stored without its archive."""
        if self._archive is not None and self._archive.failed is not None:
            raise disk_full(self.crawler, self._archive.failed)
        context = context_of(self.crawler)
        if context is None or context.store is None:
            # Nothing is stored of what a person only looks at.
            return response
        if self._archive is None:
            try:
                self._archive = SiteArchive(Path(self.crawler.settings["DATA_DIR"]), context.site, context.site_url)
            except OSError as error:
                raise disk_full(self.crawler, error) from error
            self._forgotten = context.store.ledger.forgotten()
            if self._forgotten:
                self._pieces = forgotten_pieces(Path(self.crawler.settings["DATA_DIR"]), context.site)
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
        now = datetime.now(UTC)
        capture = Capture(request.url, response.status, headers, response.body, now)
        left = self._without_forgotten(capture, context.reading.canonical) if self._forgotten else capture
        if left is not None:
            self._archive.add(left)
        return response

    def _without_forgotten(self, capture: Capture, canonical: Callable[[str], str]) -> Capture | None:
        """The answer without posts that are not to be stored any more, which lists of posts still bring, and without teasers of them;
        None where that would not leave an answer.
        """
        posts = posts_in(readable_body(capture.headers, capture.body))
        stay = [post for post in posts if article_id(canonical(str(post["link"]))) not in self._forgotten]
        left = capture if len(stay) == len(posts) else with_posts(capture, stay)
        body = readable_body(left.headers, left.body)
        if not self._pieces or self._pieces.held_by(body) is Holding.NOTHING:
            return left
        without = without_passages(body, self._pieces)
        return with_body(left, without) if without is not None else None

    def spider_closed(self) -> None:
        """Bring everything to the disk, and say what could not be."""
        if self._archive is None:
            return
        self._archive.close()
        self.crawler.stats.set_value(names.ARCHIVED, self._archive.records)
        folder, failed = self._archive.folder, self._archive.failed
        if failed is not None:
            stop(self.crawler, "store", Message("{folder}: {why}; make room", folder=folder, why=failed.strerror))
        logger.info("%s: %d answers archived in %s", folder.name, self._archive.records, folder)
