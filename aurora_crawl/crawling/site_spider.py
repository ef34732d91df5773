"""What every site's spider has in common: a declaration above, and one way of reading a site below."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings

from aurora_crawl.addresses import Rewrites
from aurora_crawl.crawling.arguments import CrawlArguments, read_arguments
from aurora_crawl.crawling.context import CrawlContext
from aurora_crawl.crawling.declaration import check_declaration
from aurora_crawl.crawling.site_reading import PAGES, SiteReading
from aurora_crawl.crawling.storing_spider import StoringSpider
from aurora_crawl.extraction.rules import Rules
from aurora_crawl.items import Article
from aurora_crawl.routes.fetch import engine_fetch
from aurora_crawl.routes.registry import ARCHIVES, Declared, declared_routes, faults_of
from aurora_crawl.routes.route import ArchivePlaces, RouteSettings, Scope

Routes = tuple[str | RouteSettings, ...]
"""Ways to a site's articles, as its class declares them: settings, or names."""


class SiteSpider(StoringSpider):
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

    def new_context(self) -> CrawlContext:
        """The context of a look by hand; `start` makes a crawl of it."""
        archives = archives_in(self.crawler.settings)
        typed = (archives.commoncrawl, archives.commoncrawl_index, archives.wayback)
        return CrawlContext(
            scope=replace(scope_of(type(self), self.arguments), archives=archives),
            reading=reading_of(type(self), self.arguments),
            stats=self.crawler.stats,
            halt=self.halt,
            fetch=engine_fetch(self.crawler),
            typed=tuple(filter(None, (self.arguments.site_url, *typed))),
            is_by_hand=True,
        )

    async def start(self) -> AsyncIterator[Article | Request]:
        """First what earlier crawls found and did not finish, then what the routes find, in their order."""
        from aurora_crawl.crawling.site_crawl import SiteCrawl

        async for out in SiteCrawl(self, self.arguments, self.route_names()).run():
            yield out

    def parse(self, response: Response) -> Iterator[Article]:
        """The Article on a page that a person asks for, as `scrapy parse --spider=SITE URL` does."""
        from aurora_crawl.crawling.site_crawl import articles_on

        yield from articles_on(response, self.context.reading)


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
