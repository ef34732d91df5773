"""The crawl of a site: first what earlier crawls found and did not finish, then what the routes find, in their order."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response, TextResponse

from aurora_crawl import stat_names as names
from aurora_crawl.budget import OverBudget
from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.article_page import read_article_page
from aurora_crawl.crawling.asked_again import asked_again
from aurora_crawl.crawling.context import STOPPING
from aurora_crawl.crawling.limit import Limit
from aurora_crawl.crawling.opened_store import opened_store
from aurora_crawl.crawling.page_requests import ArticlePages
from aurora_crawl.crawling.route_reader import RouteReading
from aurora_crawl.crawling.site_reading import SiteReading
from aurora_crawl.crawling.storing_spider import StoringSpider
from aurora_crawl.errors import StorageError, WrongCommand
from aurora_crawl.items import Article
from aurora_crawl.messages import Message
from aurora_crawl.routes.registry import ARCHIVES, ROUTES
from aurora_crawl.routes.route import Known, Route, RouteFailed, Window
from aurora_crawl.storage.ledger import Ledger, LedgerError
from aurora_crawl.storage.store import Recovery

logger = logging.getLogger(__name__)


class SiteCrawl:
    """What a site's spider does when it crawls, with these arguments, by these of its routes."""

    def __init__(self, spider: StoringSpider, arguments: CrawlArguments, routes: tuple[str, ...]) -> None:
        self._spider, self._arguments, self._routes = spider, arguments, routes
        self._name, self._stats = spider.name, spider.crawler.stats

    async def run(self) -> AsyncIterator[Article | Request]:
        """The articles, and the requests for pages of articles. Raises CloseSpider where none can be had."""
        spider, arguments = self._spider, self._arguments
        spider.context = replace(spider.context, is_by_hand=False)
        store = opened_store(spider.settings, self._name)
        spider.context = context = replace(spider.context, store=store)
        self._say_what_was_mended(store.recovery)
        if arguments.window == Window():
            counts = store.ledger.counts()
            due = counts.pop("due")
            context.stats.set_value(names.DONE_BEFORE, sum(counts.values()) - due)
        if arguments.limit:
            context.stats.set_value(names.LIMIT, arguments.limit)
        robot = spider.settings["ROBOTSTXT_USER_AGENT"]
        limit, pages = Limit(arguments.limit), ArticlePages(context, store.ledger, robot)
        pages.listen(spider.crawler.signals)
        spider.crawler.signals.connect(spider.stop, STOPPING)
        try:
            again = self._asked_again(store.ledger)
            # Once: what one route brought, the next one does not ask for again.
            for id in again or ():
                store.ledger.ask_again(id)
        except WrongCommand as error:
            logger.error("%s: %s", self._name, error)
            raise CloseSpider("arguments") from error
        except LedgerError as error:
            context.halt("store", error.message)
            return
        for name in (arguments.via,) if arguments.via else self._routes:
            reading = RouteReading(context, store.ledger, partial(self._route, name), limit, pages)
            try:
                async for out in reading.read() if again is None else reading.read_again(again):
                    yield out
                    if spider.is_halted:
                        return
            except LedgerError as error:
                context.halt("store", error.message)
                return
            except CloseSpider:
                raise
            except Exception as error:
                # Whatever a server sent that nobody thought of, it costs this route alone.
                if spider.is_halted:
                    return
                context.stats.inc_value(f"{names.ROUTE_FAILED}{name}")
                if isinstance(error, RouteFailed | OverBudget):
                    logger.error("%s: route %s: %s", self._name, name, error)
                else:
                    logger.error("%s: route %s: an error while reading", self._name, name, exc_info=True)
                # The next route takes up what this one left, which is known when nothing is under way any more.
                await pages.drained()
                try:
                    store.flush()
                except StorageError as full:
                    context.halt("store", full.message)
                    return
            else:
                await pages.drained()
                if again is None:
                    self._compare_totals(store.ledger)
                return
        raise CloseSpider("no_route")

    def _asked_again(self, ledger: Ledger) -> list[str] | None:
        """The ids of what alone is asked for; None where everything is. Raises WrongCommand."""
        if self._arguments.again is None:
            return None
        return asked_again(ledger, self._arguments.again, self._spider.context.reading.canonical)

    def _route(self, name: str, known: Known | None) -> Route:
        return (ROUTES | ARCHIVES)[name](
            self._spider.context.scope, self._spider.context.fetch, lambda line: self._tell(name, line), known
        )

    def _compare_totals(self, ledger: Ledger) -> None:
        """Say where a route announced more addresses than the ledger has."""
        if self._arguments.window != Window() or self._arguments.limit:
            return
        counts = ledger.counts()
        known = sum(count for state, count in counts.items() if state != "due")
        for name in self._routes:
            announced = ledger.reading(name, str(self._spider.context.scope)).expected
            if announced is not None:
                self._stats.set_value(f"{names.ANNOUNCED}{name}", announced)
                if announced > known:
                    self._tell(
                        name,
                        Message(
                            "the site announces {announced} articles; {missing} of them were not found",
                            announced=announced,
                            missing=announced - known,
                        ),
                    )

    def _tell(self, route: str, line: str) -> None:
        self._stats.inc_value(f"{names.TOLD}{route}")
        logger.info("%s: route %s: %s", self._name, route, line)

    def _say_what_was_mended(self, mended: Recovery) -> None:
        if mended.adopted or mended.lost or mended.cut_bytes:
            logger.info(
                "%s: the last crawl ended suddenly; took over %d stored articles, %d are fetched again",
                self._name,
                mended.adopted,
                mended.lost,
            )


def articles_on(response: Response, reading: SiteReading) -> Iterator[Article]:
    """The Article on a page that a person asks for."""
    if isinstance(response, TextResponse):
        try:
            yield read_article_page(response.text, response.url, reading, route="page")
        except OverBudget as error:
            logger.error("%s: %s", response.url, error)
