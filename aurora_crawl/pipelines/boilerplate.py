"""Cuts what is not the article: the common Portuguese patterns, and the site's own learned blocks."""

from __future__ import annotations

from pathlib import Path

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.items import Article, join_paragraphs
from aurora_crawl.pipelines.dropping import Dropped
from aurora_crawl.text.boilerplate.block_file import BlockFileError
from aurora_crawl.text.boilerplate.cut import Boilerplate


class BoilerplatePipeline:
    """The step before language: each cut stays in `removed`, and is counted by its rule.

    The site's own blocks are in DATA_DIR/boilerplate/SITE.txt, where that file is there.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._boilerplate: Boilerplate | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BoilerplatePipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def process_item(self, item: Article) -> Article:
        """Raises Dropped for `only boilerplate`. A file of blocks that cannot be read stops the crawl."""
        if self._boilerplate is None:
            try:
                self._boilerplate = self._read()
            except BlockFileError as error:
                site_context(self.crawler).halt("boilerplate", str(error))
                raise DropItem("not cleaned", log_level="DEBUG") from error
        kept, removed = self._boilerplate.strip(item.paragraphs, item.title)
        item.removed.extend(removed)
        for removal in removed:
            self.crawler.stats.inc_value(f"aurora/removed/{removal.rule}")
        if not kept:
            raise Dropped("only boilerplate", rules=self._boilerplate.version)
        item.text = join_paragraphs(kept)
        return item

    def _read(self) -> Boilerplate:
        name = f"{site_context(self.crawler).site}.txt"
        return Boilerplate.general().with_file(Path(self.crawler.settings["DATA_DIR"]) / "boilerplate" / name)
