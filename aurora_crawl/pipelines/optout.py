"""Obeys publishers who say that their texts are not for machine learning."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.items import Article
from aurora_crawl.pipelines.dropping import Dropped

POLICIES = ("obey", "mark")


class OptOutPipeline:
    """The step after validation. With OPT_OUT=mark the article is kept, and what was found stays in `opt_out`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._policy = crawler.settings["OPT_OUT"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OptOutPipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def process_item(self, item: Article) -> Article:
        """Raises Dropped for `opted out`. An unknown policy stops the crawl: nothing is kept that nobody decided on."""
        if self._policy not in POLICIES:
            site_context(self.crawler).halt("settings", f"OPT_OUT={self._policy} is not one of {', '.join(POLICIES)}")
            raise DropItem("no policy", log_level="DEBUG")
        if item.opt_out and self._policy == "obey":
            raise Dropped("opted out", ", ".join(item.opt_out), rules="obey")
        return item
