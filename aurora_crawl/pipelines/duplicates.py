"""Keeps one of several addresses of a site that hold the same text."""

from __future__ import annotations

from scrapy.crawler import Crawler

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.items import Article
from aurora_crawl.pipelines.dropping import ArticleDropped
from aurora_crawl.storage.shard_line import text_hash
from aurora_crawl.text.clean import Dropped


class DuplicatesPipeline:
    """The step after cleaning. Near-duplicates, also of other sites, are found when a corpus is made."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DuplicatesPipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def process_item(self, item: Article) -> Article:
        """Raises ArticleDropped for `duplicate` where another article of the site has the same title and text."""
        store = site_context(self.crawler).store
        other = store.kept_with_text(text_hash(item)) if store is not None else None
        if other is not None and other != item.id:
            raise ArticleDropped(Dropped("duplicate", item, f"the text of {other}"))
        return item
