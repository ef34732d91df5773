"""The spider of a running crawl, as pipelines and extensions see it: they know what it offers, not its class."""

from __future__ import annotations

from typing import Protocol, cast

from scrapy.crawler import Crawler

from aurora_crawl.storage.store import SiteStore


class Addresses(Protocol):
    """What a site says of its addresses."""

    def canonical(self, url: str) -> str:
        """The one form of an article's address."""


class RunningSite(Protocol):
    """A site that is being crawled."""

    name: str
    store: SiteStore

    @property
    def address(self) -> str:
        """The address of the front page that this crawl reads."""

    @property
    def reading(self) -> Addresses:
        """How this crawl reads its pages."""

    def halt(self, reason: str, message: str) -> None:
        """Stop the crawl for a reason that a person must see to."""


def running_site(crawler: Crawler) -> RunningSite:
    """The crawler's spider."""
    assert crawler.spider is not None, "asked for before the crawl was opened"
    return cast("RunningSite", crawler.spider)
