"""How a step tells Scrapy that an article is not wanted."""

from __future__ import annotations

from scrapy.exceptions import DropItem

from aurora_crawl.text.clean import Dropped


class ArticleDropped(DropItem):
    """The article was dropped: `reason` and `rules` are what statistics and ledger keep of it."""

    def __init__(self, dropped: Dropped) -> None:
        self.reason, self.rules = dropped.reason, dropped.rules
        said = f"{dropped.reason}: {dropped.detail}" if dropped.detail else dropped.reason
        super().__init__(said, log_level="DEBUG")
