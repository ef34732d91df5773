"""Enters into the ledger what the steps refused and what went wrong."""

from __future__ import annotations

from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from twisted.python.failure import Failure

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.items import Article
from aurora_crawl.pipelines.dropping import ArticleDropped
from aurora_crawl.stat_names import DROPPED, FAILED
from aurora_crawl.storage.ledger import LedgerError


class Outcomes:
    """Listens to what becomes of every article that is not kept."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.item_dropped, signals.item_dropped)
        crawler.signals.connect(self.item_error, signals.item_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Outcomes:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def item_dropped(self, item: Article, exception: DropItem, **_: Any) -> None:
        """A step refused the article for good, until its rules change."""
        if isinstance(exception, ArticleDropped):
            context = site_context(self.crawler)
            context.stats.inc_value(f"{DROPPED}{exception.reason}")
            if context.store is None:
                return
            try:
                context.store.ledger.drop(item.id, reason=exception.reason, rules=exception.rules)
            except LedgerError as error:
                context.halt("store", error.message)

    def item_error(self, item: Article, failure: Failure, **_: Any) -> None:
        """A step broke: the article stays due, for a version that can read it."""
        reason = f"{failure.type.__name__ if failure.type else 'error'} in a pipeline"
        context = site_context(self.crawler)
        context.stats.inc_value(f"{FAILED}{reason}")
        if context.store is None:
            return
        try:
            context.store.ledger.fail(item.id, reason=reason, again=True)
        except LedgerError as error:
            context.halt("store", error.message)
