"""Brings titles, names and text into one spelling."""

from __future__ import annotations

from scrapy.crawler import Crawler

from aurora_crawl.crawling.context import of_site
from aurora_crawl.items import Article
from aurora_crawl.pipelines.dropping import Dropped
from aurora_crawl.text.unicode import normalise


class UnicodePipeline:
    """The second step: encoding damage mended, one form of letters, spaces and paragraphs."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> UnicodePipeline:
        """Made by Scrapy."""
        of_site(crawler)
        return cls()

    def process_item(self, item: Article) -> Article:
        """Raises Dropped for `no text` where nothing legible is left."""
        item.title = normalise(item.title)
        item.text = normalise(item.text)
        item.section = normalise(item.section) or None if item.section else None
        item.authors = [name for name in dict.fromkeys(map(normalise, item.authors)) if name]
        item.tags = [name for name in dict.fromkeys(map(normalise, item.tags)) if name]
        if not item.title or not item.text:
            raise Dropped("no text", "nothing legible is left")
        return item
