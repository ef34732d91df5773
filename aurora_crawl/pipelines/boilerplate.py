"""Cuts what is not the article: the common Portuguese patterns, and the site's own learned blocks."""

from __future__ import annotations

from pathlib import Path

from scrapy.crawler import Crawler

from aurora_crawl.items import Article, join_paragraphs
from aurora_crawl.pipelines.dropping import Dropped
from aurora_crawl.running import running_site
from aurora_crawl.text.boilerplate import Boilerplate


class BoilerplatePipeline:
    """The third step: each cut stays in `removed`, and is counted by its rule."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.boilerplate = Boilerplate.general()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BoilerplatePipeline:
        """Made by Scrapy."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Take the site's own blocks from DATA_DIR/boilerplate/SITE.txt, where it is there."""
        path = Path(self.crawler.settings["DATA_DIR"]) / "boilerplate" / f"{running_site(self.crawler).name}.txt"
        if path.exists():
            self.boilerplate = self.boilerplate.with_file(path)

    def process_item(self, item: Article) -> Article:
        """Raises Dropped for `only boilerplate`."""
        kept, removed = self.boilerplate.strip(item.paragraphs, item.title)
        item.removed.extend(removed)
        for removal in removed:
            self.crawler.stats.inc_value(f"aurora/removed/{removal.rule}")
        if not kept:
            raise Dropped("only boilerplate", rules=self.boilerplate.version)
        item.text = join_paragraphs(kept)
        return item
