"""What is missing in the articles that a crawl keeps, counted for the monitors."""

from __future__ import annotations

import json
import logging
from importlib.resources import files
from typing import Any

import jsonschema
from scrapy import signals
from scrapy.crawler import Crawler

from aurora_crawl.items import FROM_FILES, Article, as_record
from aurora_crawl.stat_names import ITEMS, SCHEMA_ERRORS, WITHOUT

COUNTED = ("published", "authors", "section", "language")
EVERY = 50
"""One line in so many is held against the schema, after the first so many: it takes a millisecond."""


class Coverage:
    """Counts articles, those without a field by its name, and those that are not what the schema says."""

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats
        schema = json.loads(files("aurora_crawl.storage").joinpath("article.schema.json").read_text(encoding="utf-8"))
        self._schema = jsonschema.Draft202012Validator(schema)
        self._seen = 0
        crawler.signals.connect(self.item_scraped, signals.item_scraped)
        # Spidermon prints its tests' tracebacks through the spider's logger; `monitors.SayWhatFailed` says it in a line.
        logging.getLogger(crawler.spidercls.name).addFilter(_is_no_traceback)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Coverage:
        """Made by Scrapy."""
        return cls(crawler)

    def item_scraped(self, item: Any) -> None:
        """Count an article."""
        if not isinstance(item, Article):
            return
        self._seen += 1
        self.stats.inc_value(ITEMS)
        for name in COUNTED:
            # A file at hand mostly does not say when it was published, and nothing is wrong with the crawl.
            if not getattr(item, name) and item.route != FROM_FILES:
                self.stats.inc_value(f"{WITHOUT}{name}")
        if (self._seen <= EVERY or self._seen % EVERY == 0) and not self._schema.is_valid(as_record(item)):
            self.stats.inc_value(SCHEMA_ERRORS)


def _is_no_traceback(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("[Spidermon]")
