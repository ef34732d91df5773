"""What one crawl knows of itself: a value that is handed down, so that nobody has to reach back into the spider."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.statscollectors import StatsCollector

from aurora_crawl.crawling.site_reading import SiteReading
from aurora_crawl.errors import WrongCommand
from aurora_crawl.routes.route import Fetch, Scope

if TYPE_CHECKING:
    from aurora_crawl.storage.store import SiteStore

logger = logging.getLogger(__name__)

SIGNALS = "aurora_signals"
"""Where the meta of a request for a part of a document (a chapter, a file) holds the list of what its answer says of machine learning."""
STOPPING = object()
"""Sent to a crawl's listeners when a person stops it: nothing is asked for any more, what is under way is finished."""

Halt = Callable[[str, str], None]
"""Stops a crawl: the reason, in a word, and a line for the person who must see to it."""


@dataclass(slots=True, frozen=True)
class CrawlContext:
    """One crawl of one site.

    `scope`: what its routes are asked for, with the name and the address of the site. `reading`: how its pages are read.
    `typed`: addresses that a person typed for this crawl; they alone may lie in a private network. `fetch` brings responses
    through the crawl's downloader, `stats` counts, `halt` stops. `store` is null until it is opened, and for good where
    nothing is stored: `scrapy discover`, `extract`, `shell`, `fetch`, `parse`. `is_by_hand`: a person asks for single pages,
    by the last three; then what is asked for was typed.
    """

    scope: Scope
    reading: SiteReading
    stats: StatsCollector
    halt: Halt
    fetch: Fetch
    typed: tuple[str, ...] = ()
    store: SiteStore | None = None
    is_by_hand: bool = False

    @property
    def site(self) -> str:
        """The site's name."""
        return self.scope.site

    @property
    def site_url(self) -> str:
        """The address of the front page that this crawl reads: the site's, or the one given in its stead."""
        return self.scope.site_url


class WrongArguments(Spider):
    """Takes the place of a spider whose arguments were wrong, asks nobody and ends; the commands have refused them before.

    Scrapy would leave an error that a spider raises when it is made to whoever awaits the crawl, and nobody may.
    """

    def __init__(self, error: WrongCommand, name: str) -> None:
        super().__init__(name)
        self.error = error

    async def start(self) -> AsyncIterator[Request]:
        """Say what is wrong."""
        logger.error("%s: %s", self.name, self.error)
        raise CloseSpider("arguments")
        yield


class ContextSpider(Spider):
    """A spider of this project: its crawl has a context."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Made by Scrapy. Where a script gave it arguments that it cannot follow, what takes its place says so in a line."""
        try:
            return super().from_crawler(crawler, *args, **kwargs)
        except WrongCommand as error:
            return WrongArguments.from_crawler(crawler, error=error, name=cls.name)  # type: ignore[return-value]

    @cached_property
    def context(self) -> CrawlContext:
        """The context; made when it is first asked for, because a spider is made before the crawl's statistics are."""
        return self.new_context()

    def new_context(self) -> CrawlContext:
        """What this crawl knows of itself when it begins."""
        raise NotImplementedError


def context_of(crawler: Crawler) -> CrawlContext | None:
    """The context of a crawl; null for a spider that is not this project's, as `scrapy shell` and `runspider` have them."""
    spider = crawler.spider
    return spider.context if isinstance(spider, ContextSpider) else None


def site_context(crawler: Crawler) -> CrawlContext:
    """The context of a crawl. Raises NotConfigured where there is none: Scrapy then leaves a step or a listener out."""
    context = context_of(crawler)
    if context is None:
        raise NotConfigured
    return context


def of_site(crawler: Crawler) -> Crawler:
    """The crawler, if it crawls a site of this project. Raises NotConfigured where it does not."""
    site_context(crawler)
    return crawler


def stop(crawler: Crawler, reason: str, message: str) -> None:
    """Stop a crawl, where it is one of a site."""
    context = context_of(crawler)
    if context is not None:
        context.halt(reason, message)
