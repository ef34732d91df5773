"""Masks personal data, where a setting asks for it."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.items import Article
from aurora_crawl.text.personal import without_personal_data

SETTING = "MASK_PERSONAL_DATA"


class PersonalDataPipeline:
    """The step before boilerplate: where asked for, e-mail addresses, CPF and telephone numbers are masked and counted.

    Before, so that what is cut has none either, and learned blocks are of the text that later crawls cut.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._is_wanted: bool | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PersonalDataPipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def process_item(self, item: Article) -> Article:
        """Mask what the title and the text hold. A setting that says neither yes nor no stops the crawl."""
        if self._is_wanted is None:
            try:
                self._is_wanted = self.crawler.settings.getbool(SETTING)
            except ValueError as error:
                said = f"{SETTING}={self.crawler.settings[SETTING]} is neither True nor False"
                site_context(self.crawler).halt("settings", said)
                raise DropItem("not masked", log_level="DEBUG") from error
        if self._is_wanted:
            item.title, in_title = without_personal_data(item.title)
            item.text, in_text = without_personal_data(item.text)
            if in_title or in_text:
                self.crawler.stats.inc_value("aurora/masked", in_title + in_text)
        return item
