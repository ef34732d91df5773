"""Keeps articles in Portuguese."""

from __future__ import annotations

from tempfile import gettempdir

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.items import Article
from aurora_crawl.pipelines.dropping import Dropped
from aurora_crawl.text.language import MOSTLY, detect_mostly

WANTED = "pt"


class LanguagePipeline:
    """The step after boilerplate: the language and its score are stored; a quotation in another language does no harm."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LanguagePipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def open_spider(self) -> None:
        """Loads the model before the first page comes: later it would keep every answer waiting."""
        try:
            detect_mostly(["aquecimento"], WANTED)
        except OSError:
            # Said when the first article comes, if it is still so: a crawl that finds nothing new does not need it.
            return

    def process_item(self, item: Article) -> Article:
        """Raises Dropped for `language CODE`."""
        try:
            found = detect_mostly(item.paragraphs, WANTED)
        except OSError as error:
            # The model is unpacked into a temporary file when it is first asked.
            said = f"{gettempdir()}: {error.strerror}; make room, then run the same command again"
            site_context(self.crawler).halt("store", said)
            raise DropItem("language not determined", log_level="DEBUG") from error
        item.language = found.language
        item.quality.language_score = found.score
        if found.language != WANTED or found.score < MOSTLY:
            raise Dropped(f"language {found.language}", f"score {found.score}")
        return item
