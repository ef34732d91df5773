"""Refuses what is not an article of the site: without a title or text, or on another host."""

from __future__ import annotations

from scrapy.crawler import Crawler

from aurora_crawl.addresses import same_site
from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.items import FROM_FILES, Article
from aurora_crawl.pipelines.dropping import ArticleDropped
from aurora_crawl.text.clean import Dropped


class ValidatePipeline:
    """The first step: what passes has everything that a line of a shard must have."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ValidatePipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def process_item(self, item: Article) -> Article:
        """Raises ArticleDropped for `no title`, `no text`, `other site`."""
        if dropped := invalid(item, site_context(self.crawler).site_url):
            raise ArticleDropped(dropped)
        return item


def invalid(article: Article, site_url: str) -> Dropped | None:
    """Why this is no article of the site at `site_url`; None where it is one."""
    if not article.title:
        return Dropped("no title", article)
    if not article.text:
        return Dropped("no text", article)
    if article.route == FROM_FILES:
        return None
    return None if same_site(article.url, site_url) else Dropped("other site", article, article.url)
