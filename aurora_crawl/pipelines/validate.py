"""Refuses what is not an article of the site: without a title or text, or on another host."""

from __future__ import annotations

from scrapy.crawler import Crawler

from aurora_crawl.addresses import same_site
from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.items import Article
from aurora_crawl.pipelines.dropping import Dropped


class ValidatePipeline:
    """The first step: what passes has everything that a line of a shard must have."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ValidatePipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def process_item(self, item: Article) -> Article:
        """Raises Dropped for `no title`, `no text`, `other site`."""
        if not item.title:
            raise Dropped("no title")
        if not item.text:
            raise Dropped("no text")
        if not same_site(item.url, site_context(self.crawler).site_url):
            raise Dropped("other site", item.url)
        return item
