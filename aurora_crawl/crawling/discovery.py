"""Looking for a site's articles without reading them: over the network, or in archived listing pages."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from http import HTTPStatus
from pathlib import Path

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.settings import BaseSettings

from aurora_crawl.budget import OverBudget, within_budget
from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.context import STOPPING, ContextSpider, CrawlContext
from aurora_crawl.crawling.site_spider import SiteSpider, reading_of, scope_of
from aurora_crawl.extraction.answer import archived_page
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.cards import read_listing
from aurora_crawl.routes.fetch import engine_fetch
from aurora_crawl.routes.listing import Listing, found_on
from aurora_crawl.routes.registry import ROUTES
from aurora_crawl.routes.route import Found, Route, RouteFailed, Scope
from aurora_crawl.storage.archive import ArchiveError, CutShort, captures
from aurora_crawl.storage.totals import Announced

logger = logging.getLogger(__name__)


class Discovery(ContextSpider):
    """Reads a site's routes and hands what they find to `out`.

    With `counted` it counts instead, by the routes that tell in a few requests, or by the first that can be read where there is
    none of those; with `every_route` by all. `show` hears how far a count is: the route, so many, of so many as are announced.
    """

    name = "discovery"

    def __init__(
        self,
        *,
        site: type[SiteSpider],
        arguments: CrawlArguments,
        out: Callable[[Iterable[Found]], None],
        counted: Callable[[Announced, int], None] | None = None,
        every_route: bool = False,
        show: Callable[[str, int, int | None], None] = lambda route, count, expected: None,
    ) -> None:
        super().__init__()
        self.site = site
        self.arguments = arguments
        self.out = out
        self._counted, self._every_route, self._show = counted, every_route, show
        self._halted = False

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Nothing is stored, so the steps and listeners of a crawl have nothing to do."""
        super().update_settings(settings)
        settings.setdict({"ITEM_PIPELINES": {}, "EXTENSIONS": {}}, priority="spider")

    def new_context(self) -> CrawlContext:
        """A crawl that stores nothing."""
        return CrawlContext(
            scope=scope_of(self.site, self.arguments),
            reading=reading_of(self.site, self.arguments),
            stats=self.crawler.stats,
            halt=self._halt,
            fetch=engine_fetch(self.crawler),
            typed=(self.arguments.site_url,) if self.arguments.site_url else (),
        )

    def _halt(self, reason: str, message: str) -> None:
        """Read no further, for a reason that a person must see to."""
        if not self._halted:
            self._halted = True
            logger.error("%s", message)

    def _stop(self) -> None:
        self._halted = True

    async def start(self) -> AsyncIterator[Request]:
        """Read the routes in the site's order until one was read to its end; when counting, all that tell cheaply."""
        self.crawler.signals.connect(self._stop, STOPPING)
        names = (self.arguments.via,) if self.arguments.via else self.site.route_names()
        if self._counted is not None and not self._every_route:
            # The cheap ones first; the others only where none of those can be read.
            names = tuple(sorted(names, key=lambda name: not ROUTES[name].counts_cheaply))
        read_whole = False
        for name in names:
            if self._halted or (read_whole and not self._is_wanted(name)):
                break
            route = ROUTES[name](self.context.scope, self.context.fetch, self._teller(name))
            try:
                if self._counted is not None:
                    self._counted(await self._count(route), route.requests)
                else:
                    await self._read(route)
                read_whole = True
            except (RouteFailed, OverBudget) as error:
                if self._halted:
                    break
                logger.error("%s: route %s: %s", self.site.name, name, error)
        if not read_whole:
            raise CloseSpider("no_route")
        return
        yield

    def _is_wanted(self, route: str) -> bool:
        """Whether a route is to be read though another was."""
        return self._counted is not None and (self._every_route or ROUTES[route].counts_cheaply)

    async def _read(self, route: Route) -> None:
        limit, seen = self.arguments.limit, set[str]()
        async for page in route.pages(None, None):
            for found in page.found:
                if (
                    found.url in seen
                    or found.published not in self.arguments.window
                    or not route.scope.is_wanted(found.url)
                ):
                    continue
                seen.add(found.url)
                self.out([found])
                if limit and len(seen) >= limit:
                    return

    async def _count(self, route: Route) -> Announced:
        """What a route announces; where it announces nothing, how many it lists."""
        found: set[str] = set()
        async for page in route.pages(None, None):
            found.update(one.url for one in page.found)
            if page.expected is not None and route.announces_at_once:
                return Announced(self.site.name, route.name, page.expected)
            self._show(route.name, len(found), page.expected)
        return Announced(self.site.name, route.name, len(found), "counted")

    def _teller(self, route: str) -> Callable[[str], None]:
        return lambda line: logger.info("%s: route %s: %s", self.site.name, route, line)


def archived_findings(site: type[SiteSpider], arguments: CrawlArguments, files: list[Path]) -> Iterator[Found]:
    """What the site's listing pages in WARC files show, each address once. Raises ArchiveError."""
    scope = scope_of(site, arguments)
    seen: set[str] = set()
    pages = 0
    for file in files:
        for url, html in archived_pages(file, lambda url: _listing_of(url, scope) is not None):
            listing = _listing_of(url, scope)
            assert listing is not None
            pages += 1
            try:
                with within_budget():
                    shown = read_listing(html, url, listing.cards, listing.next)
            except OverBudget as error:
                logger.warning("%s: %s", url, error)
                continue
            for found in found_on(shown, scope.has_article):
                if found.url not in seen and found.published in scope.window:
                    seen.add(found.url)
                    yield found
                    if arguments.limit and len(seen) >= arguments.limit:
                        return
    if not pages:
        raise ArchiveError(N_("no listing page of {site} in {files}"), site=site.name, files=", ".join(map(str, files)))


def archived_pages(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Address and text of each archived HTML page of status 200 whose address is `wanted`.

    A record that is broken or too long is passed over; a file that is cut short ends where it was cut, which is said.
    Raises ArchiveError.
    """
    try:
        for capture in captures(path, wanted):
            if capture.status == HTTPStatus.OK:
                text = archived_page(capture.headers, capture.body)
                if text is not None:
                    yield capture.url, text
    except CutShort as error:
        logger.warning("%s; what stands before the cut was read", error)
    except OSError as error:
        # FastWARC raises OSError, without a number, for what is no archive.
        reason = error.strerror or Message("not a WARC file that can be read ({why})", why=error)
        raise ArchiveError(N_("{path}: {why}"), path=path, why=reason) from error


def _listing_of(url: str, scope: Scope) -> Listing | None:
    return next((listing for listing in scope.of(Listing) if listing.covers(url)), None)
