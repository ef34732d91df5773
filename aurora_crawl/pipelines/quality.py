"""Measures articles; what is done about a mark is decided when a corpus is made."""

from __future__ import annotations

from scrapy.crawler import Crawler

from aurora_crawl.items import Article
from aurora_crawl.text.quality import measure


class QualityPipeline:
    """The fifth step: numbers and marks, counted by mark; nothing is refused here."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> QualityPipeline:
        """Made by Scrapy."""
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        """Fill `quality` and `words`."""
        pieces = item.text.split()
        item.quality = measure(item.text, item.quality.language_score, pieces=pieces)
        item.words = len(pieces)
        for mark in item.quality.marks:
            self.crawler.stats.inc_value(f"aurora/marked/{mark}")
        return item
