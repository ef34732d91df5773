"""Measures articles; what is done about a mark is decided when a corpus is made."""

from __future__ import annotations

from dataclasses import fields

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.settings import BaseSettings

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.items import Article
from aurora_crawl.text.quality import Thresholds, measure


class QualityPipeline:
    """The step after language: numbers and marks, counted by mark; nothing is refused here.

    The thresholds are the settings QUALITY_…, one for each field of `Thresholds`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._thresholds: Thresholds | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> QualityPipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def process_item(self, item: Article) -> Article:
        """Fill `quality` and `words`. A threshold that is no number stops the crawl."""
        if self._thresholds is None:
            try:
                self._thresholds = thresholds_in(self.crawler.settings)
            except ValueError as error:
                site_context(self.crawler).halt("settings", str(error))
                raise DropItem("not measured", log_level="DEBUG") from error
        pieces = item.text.split()
        item.quality = measure(item.text, item.quality.language_score, self._thresholds, pieces=pieces)
        item.words = len(pieces)
        for mark in item.quality.marks:
            self.crawler.stats.inc_value(f"aurora/marked/{mark}")
        return item


def thresholds_in(settings: BaseSettings) -> Thresholds:
    """The thresholds that the settings name. Raises ValueError for one that is no number, with its name."""
    found = {}
    for one in fields(Thresholds):
        name = f"QUALITY_{one.name.upper()}"
        value = settings.get(name, one.default)
        try:
            found[one.name] = float(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}={value} is no number; without it, {one.default} holds") from error
    return Thresholds(**found)  # type: ignore[arg-type]
