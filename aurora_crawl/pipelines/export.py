"""Hands articles to the store: new ones, and edited ones as a new revision."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.items import Article
from aurora_crawl.storage.ledger import LedgerError
from aurora_crawl.storage.shard_line import text_hash
from aurora_crawl.storage.store import SiteStore, StoreError


class ExportPipeline:
    """The last step."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ExportPipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def process_item(self, item: Article) -> Article:
        """Keep the article. When the disk is full the crawl stops; what was kept before is whole."""
        context = site_context(self.crawler)
        if context.store is None:
            return item
        try:
            stored = self._store(item, context.store)
        except (StoreError, LedgerError) as error:
            context.halt("store", error.message)
            raise DropItem("not stored", log_level="DEBUG") from error
        self.crawler.stats.inc_value(f"{names.STORED}{stored}")
        return item

    def _store(self, item: Article, store: SiteStore) -> str:
        """Store the article; `kept`, `edited` or `unchanged`."""
        entry = store.ledger.get(item.id)
        item.revision = store.next_revision(item.id)
        if (
            entry is not None
            and entry.shard is not None
            and (
                # Another route reads the same page a little differently: that is no edit.
                entry.route != item.route or entry.text_hash == text_hash(item)
            )
        ):
            store.ledger.settle(item.id)
            return "unchanged"
        store.keep(item)
        return "edited" if item.revision else "kept"
