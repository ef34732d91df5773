"""Obeys publishers who say that their texts are not for machine learning."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from aurora_crawl.items import Article
from aurora_crawl.pipelines.dropping import Dropped

POLICIES = ("obey", "mark")


class OptOutPipeline:
    """The step after validation. With OPT_OUT=mark the article is kept, and what was found stays in `opt_out`."""

    def __init__(self, policy: str) -> None:
        self._policy = policy

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy. Raises NotConfigured for an unknown policy."""
        policy = crawler.settings["OPT_OUT"]
        if policy not in POLICIES:
            raise NotConfigured(f"OPT_OUT={policy}: not one of {', '.join(POLICIES)}")
        return cls(policy)

    def process_item(self, item: Article) -> Article:
        """Raises Dropped for `opted out`."""
        if item.opt_out and self._policy == "obey":
            raise Dropped("opted out", ", ".join(item.opt_out), rules="obey")
        return item
