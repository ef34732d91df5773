"""A spider whose articles are stored: halted for a reason or by a person, and its store let go of at the end."""

from __future__ import annotations

import logging

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.context import ContextSpider
from aurora_crawl.errors import StorageError

logger = logging.getLogger(__name__)


class StoringSpider(ContextSpider):
    """The end of a crawl, whatever brings it. `start` opens the store, and puts it into the context."""

    is_halted = False
    """Nothing more is asked for, nor handed out."""

    def halt(self, reason: str, message: str) -> None:
        """Stop the crawl for a reason that a person must see to; said once, however often it is met.

        `start` ends, and the spider closes when what is under way is done. Closing it at once would wait for ever:
        Scrapy 2.19 does not notice when an item that came from `start` leaves the pipelines.
        """
        if not self.is_halted:
            self.is_halted = True
            logger.error("%s", message)
            self.crawler.stats.set_value(names.HALTED, reason)
            self.crawler.stats.set_value(names.HALTED_BECAUSE, message)

    def stop(self) -> None:
        """A person stops the crawl: no route goes on, and none is said to have failed."""
        if not self.is_halted:
            self.is_halted = True
            self.crawler.stats.set_value(names.HALTED, names.STOPPED)

    def closed(self, reason: str) -> None:
        """Bring what waits to the disk, close the shard, and let go of the store."""
        store = self.context.store
        if store is not None:
            try:
                store.flush()
                self.crawler.stats.set_value(names.KEPT_IN_ALL, store.ledger.counts().get("kept", 0))
                store.close()
            except StorageError as error:
                if not self.is_halted:
                    logger.error("%s", error)
