"""The store that a crawl writes into, brought into step after whatever ended the last one."""

from __future__ import annotations

import logging
from pathlib import Path

from scrapy.exceptions import CloseSpider
from scrapy.settings import BaseSettings

from aurora_crawl.errors import StorageError
from aurora_crawl.storage.store import SiteStore

logger = logging.getLogger(__name__)


def opened_store(settings: BaseSettings, site: str) -> SiteStore:
    """The store of a site. Raises CloseSpider, after a line that says why, where it cannot be opened."""
    try:
        return SiteStore(Path(settings["DATA_DIR"]), site)
    except StorageError as error:
        logger.error("%s", error)
        raise CloseSpider("store") from error
