"""What every site's spider has in common: a declaration above, and one way of reading a site below."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings

from aurora_crawl import stat_names as names
from aurora_crawl.addresses import Rewrites
from aurora_crawl.budget import OverBudget
from aurora_crawl.crawling.arguments import CrawlArguments, read_arguments
from aurora_crawl.crawling.article_page import PAGES, SiteReading, read_article_page
from aurora_crawl.crawling.context import STOPPING, ContextSpider, CrawlContext
from aurora_crawl.crawling.declaration import check_declaration
from aurora_crawl.errors import WrongCommand
from aurora_crawl.extraction.rules import Rules
from aurora_crawl.items import Article
from aurora_crawl.messages import Message
from aurora_crawl.routes.fetch import engine_fetch
from aurora_crawl.routes.registry import ARCHIVES, ROUTES, Declared, declared_routes, faults_of
from aurora_crawl.routes.route import ArchivePlaces, Known, Route, RouteFailed, RouteSettings, Scope, Window

if TYPE_CHECKING:
    from aurora_crawl.storage.ledger import Ledger
    from aurora_crawl.storage.store import Recovery

logger = logging.getLogger(__name__)


Routes = tuple[str | RouteSettings, ...]
"""Ways to a site's articles, as its class declares them: settings, or names."""


class SiteSpider(ContextSpider):
    """A site, told by class attributes; platforms set those that their kind of site shares.

    `site_url`: the address of the front page, without a slash at the end. `license`: of the articles, an SPDX identifier,
    `LicenseRef-…`, or null where it is unknown. `routes`: the ways to the articles, the best first, as values that hold their
    settings, or as names where the platform's settings or the usual ones fit. `sitemaps`, `feed`, `listings`, `growing`: short for the
    settings of one route. `post_types`: what the site's system calls the kinds of content that are articles. `only`: how the paths
    of the wanted part of the site begin. `articles`: a regular expression that the path of each article matches, where
    addresses tell articles from other pages. `rules`: how the theme's article pages are read. `rewrites`: what makes one of
    several addresses that an article has had. `reads`: what its documents are, `("pdf",)` where pages only lead to them.

    A class that names itself is a site, and its declaration is checked when the class is made (DeclarationError). The
    arguments of a crawl are `CrawlArguments`' (ArgumentError).
    """

    site_url: ClassVar[str]
    license: ClassVar[str | None]
    routes: ClassVar[Routes] = ()
    declared: ClassVar[Declared] = {}
    """What `routes` and the short attributes of this class and its platform come to."""
    post_types: ClassVar[tuple[str, ...]] = ("posts",)
    only: ClassVar[str] = "/"
    articles: ClassVar[str] = ""
    rules: ClassVar[Rules | None] = None
    rewrites: ClassVar[Rewrites] = ()
    reads: ClassVar[tuple[str, ...]] = PAGES

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.declared, faults = declared_routes(cls.__dict__, cls.declared)
        if "name" in cls.__dict__:
            check_declaration(cls, faults + faults_of(cls.declared))

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """What the site's routes need is made ready."""
        super().update_settings(settings)
        for one in _flat(cls.declared):
            one.prepare(settings)

    @classmethod
    def route_names(cls) -> tuple[str, ...]:
        """The names of the site's routes, in the order in which they are tried."""
        return tuple(cls.declared)

    def __init__(self, name: str | None = None, **given: object) -> None:
        self.arguments = read_arguments(given, (*self.route_names(), *ARCHIVES))
        super().__init__(name)
        self._halted = False

    def new_context(self) -> CrawlContext:
        """The context of a look by hand; `start` makes a crawl of it."""
        archives = archives_in(self.crawler.settings)
        typed = (archives.commoncrawl, archives.commoncrawl_index, archives.wayback)
        return CrawlContext(
            scope=replace(scope_of(type(self), self.arguments), archives=archives),
            reading=reading_of(type(self), self.arguments),
            stats=self.crawler.stats,
            halt=self._halt,
            fetch=engine_fetch(self.crawler),
            typed=tuple(filter(None, (self.arguments.site_url, *typed))),
            is_by_hand=True,
        )

    async def start(self) -> AsyncIterator[Article | Request]:
        """First what earlier crawls found and did not finish, then what the routes find, in their order."""
        from aurora_crawl.crawling.page_requests import ArticlePages
        from aurora_crawl.crawling.route_reader import Limit, RouteReading
        from aurora_crawl.storage.ledger import LedgerError
        from aurora_crawl.storage.shards import ShardError
        from aurora_crawl.storage.store import SiteStore, StoreError

        self.context = replace(self.context, is_by_hand=False)
        try:
            store = SiteStore(Path(self.settings["DATA_DIR"]), self.name)
        except (StoreError, LedgerError, ShardError) as error:
            logger.error("%s", error)
            raise CloseSpider("store") from error
        self.context = context = replace(self.context, store=store)
        self._say_what_was_mended(store.recovery)
        if self.arguments.window == Window():
            counts = store.ledger.counts()
            due = counts.pop("due")
            context.stats.set_value(names.DONE_BEFORE, sum(counts.values()) - due)
        if self.arguments.limit:
            context.stats.set_value(names.LIMIT, self.arguments.limit)
        robot = self.settings["ROBOTSTXT_USER_AGENT"]
        limit, pages = Limit(self.arguments.limit), ArticlePages(context, store.ledger, robot)
        pages.listen(self.crawler.signals)
        self.crawler.signals.connect(self._stop, STOPPING)
        try:
            again = self._asked_again(store.ledger)
            # Once: what one route brought, the next one does not ask for again.
            for id in again or ():
                store.ledger.ask_again(id)
        except WrongCommand as error:
            logger.error("%s: %s", self.name, error)
            raise CloseSpider("arguments") from error
        except LedgerError as error:
            context.halt("store", error.message)
            return
        for name in (self.arguments.via,) if self.arguments.via else self.declared:
            reading = RouteReading(context, store.ledger, partial(self._route, name), limit, pages)
            try:
                async for out in reading.read() if again is None else reading.read_again(again):
                    yield out
                    if self._halted:
                        return
            except LedgerError as error:
                context.halt("store", error.message)
                return
            except CloseSpider:
                raise
            except Exception as error:
                # Whatever a server sent that nobody thought of, it costs this route alone.
                if self._halted:
                    return
                context.stats.inc_value(f"{names.ROUTE_FAILED}{name}")
                if isinstance(error, RouteFailed | OverBudget):
                    logger.error("%s: route %s: %s", self.name, name, error)
                else:
                    logger.error("%s: route %s: an error while reading", self.name, name, exc_info=True)
                # The next route takes up what this one left, which is known when nothing is under way any more.
                await pages.drained()
                try:
                    store.flush()
                except (StoreError, LedgerError) as full:
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
        from aurora_crawl.crawling.asked_again import asked_again

        if self.arguments.again is None:
            return None
        return asked_again(ledger, self.arguments.again, self.context.reading.canonical)

    def parse(self, response: Response) -> Iterator[Article]:
        """The Article on a page that a person asks for, as `scrapy parse --spider=SITE URL` does."""
        if isinstance(response, TextResponse):
            try:
                yield read_article_page(response.text, response.url, self.context.reading, route="page")
            except OverBudget as error:
                logger.error("%s: %s", response.url, error)

    def _route(self, name: str, known: Known | None) -> Route:
        return (ROUTES | ARCHIVES)[name](
            self.context.scope, self.context.fetch, lambda line: self._tell(name, line), known
        )

    def _compare_totals(self, ledger: Ledger) -> None:
        """Say where a route announced more addresses than the ledger has."""
        if self.arguments.window != Window() or self.arguments.limit:
            return
        counts = ledger.counts()
        known = sum(count for state, count in counts.items() if state != "due")
        for name in self.declared:
            announced = ledger.reading(name, str(self.context.scope)).expected
            if announced is not None:
                self.crawler.stats.set_value(f"{names.ANNOUNCED}{name}", announced)
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
        self.crawler.stats.inc_value(f"{names.TOLD}{route}")
        logger.info("%s: route %s: %s", self.name, route, line)

    def _say_what_was_mended(self, mended: Recovery) -> None:
        if mended.adopted or mended.lost or mended.cut_bytes:
            logger.info(
                "%s: the last crawl ended suddenly; took over %d stored articles, %d are fetched again",
                self.name,
                mended.adopted,
                mended.lost,
            )

    def _halt(self, reason: str, message: str) -> None:
        """Stop the crawl for a reason that a person must see to; said once, however often it is met.

        `start` ends, and the spider closes when what is under way is done. Closing it at once would wait for ever:
        Scrapy 2.19 does not notice when an item that came from `start` leaves the pipelines.
        """
        if not self._halted:
            self._halted = True
            logger.error("%s", message)
            self.crawler.stats.set_value(names.HALTED, reason)
            self.crawler.stats.set_value(names.HALTED_BECAUSE, message)

    def _stop(self) -> None:
        """A person stops the crawl: no route goes on, and none is said to have failed."""
        if not self._halted:
            self._halted = True
            self.crawler.stats.set_value(names.HALTED, names.STOPPED)

    def closed(self, reason: str) -> None:
        """Bring what waits to the disk, close the shard, and let go of the store."""
        from aurora_crawl.storage.ledger import LedgerError
        from aurora_crawl.storage.store import StoreError

        store = self.context.store
        if store is not None:
            try:
                store.flush()
                self.crawler.stats.set_value(names.KEPT_IN_ALL, store.ledger.counts().get("kept", 0))
                store.close()
            except (StoreError, LedgerError) as error:
                if not self._halted:
                    logger.error("%s", error)


def scope_of(site: type[SiteSpider], arguments: CrawlArguments) -> Scope:
    """What a crawl of a site with these arguments asks a route for."""
    return Scope(
        site=site.name,
        site_url=arguments.site_url or site.site_url,
        window=arguments.window,
        license=site.license,
        post_types=site.post_types,
        only=site.only,
        articles=site.articles,
        reads=site.reads,
        settings=_flat(site.declared),
        rewrites=site.rewrites,
    )


def archives_in(settings: BaseSettings) -> ArchivePlaces:
    """Where the archives of the web are, and where what their indexes told is kept."""
    return ArchivePlaces(
        commoncrawl=str(settings["COMMONCRAWL_URL"]).rstrip("/"),
        commoncrawl_index=str(settings["COMMONCRAWL_INDEX_URL"]).rstrip("/"),
        wayback=str(settings["WAYBACK_URL"]).rstrip("/"),
        wayback_delay=settings.getfloat("WAYBACK_DELAY"),
        folder=Path(settings["DATA_DIR"]) / "harvest" / "index",
    )


def reading_of(site: type[SiteSpider], arguments: CrawlArguments) -> SiteReading:
    """How a crawl of a site with these arguments reads its pages."""
    return SiteReading(
        site.name, arguments.site_url or site.site_url, site.license, site.rules, site.rewrites, site.reads
    )


def _flat(declared: Declared) -> tuple[RouteSettings, ...]:
    return tuple(chain.from_iterable(declared.values()))
