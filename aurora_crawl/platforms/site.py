"""What every site's spider has in common: a declaration above, and one way of reading a site below."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from scrapy import Spider
from scrapy.exceptions import CloseSpider

from aurora_crawl.addresses import canonical_address
from aurora_crawl.items import Article, article_id
from aurora_crawl.platforms.arguments import read_arguments
from aurora_crawl.platforms.declaration import check_declaration
from aurora_crawl.routes.fetch import engine_fetch
from aurora_crawl.routes.rest import RestRoute
from aurora_crawl.routes.route import Page, Route, RouteFailed, Scope
from aurora_crawl.storage.ledger import Finding, LedgerError, Reading
from aurora_crawl.storage.shards import ShardError
from aurora_crawl.storage.store import SiteStore, StoreError

CLOCK_MARGIN = timedelta(days=1)
"""How much earlier than the last reading an update begins: clocks differ, and a day's posts cost no further request."""
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"

ROUTES: dict[str, type[Route]] = {route.name: route for route in (RestRoute,)}


class SiteSpider(Spider):
    """A site, told by class attributes; platforms set those that their kind of site shares.

    `site_url`: the address of the front page, without a slash at the end. `license`: of the articles, an SPDX identifier,
    `LicenseRef-…`, or null where it is unknown. `routes`: the ways to the articles, the best first. `post_types`: what the
    REST API calls the kinds of content that are articles.

    A class that names itself is a site, and its declaration is checked when the class is made (DeclarationError). The
    arguments of a crawl are `CrawlArguments`' (ArgumentError).
    """

    site_url: ClassVar[str]
    license: ClassVar[str | None]
    routes: ClassVar[tuple[str, ...]] = ()
    post_types: ClassVar[tuple[str, ...]] = ("posts",)

    store: SiteStore

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" in cls.__dict__:
            check_declaration(cls, ROUTES)

    def __init__(self, name: str | None = None, **given: str) -> None:
        self.arguments = read_arguments(given, self.routes)
        super().__init__(name)
        self._handed_out = 0
        self._halted = False

    @property
    def address(self) -> str:
        """The address of the front page that this crawl reads: the site's, or the one given in its stead."""
        return self.arguments.site_url or self.site_url

    @property
    def scope(self) -> Scope:
        """What this crawl asks a route for."""
        return Scope(
            site=self.name,
            site_url=self.address,
            window=self.arguments.window,
            license=self.license,
            post_types=self.post_types,
        )

    async def start(self) -> AsyncIterator[Article]:
        """First what earlier crawls found and did not finish, then what the routes find, in their order."""
        try:
            self.store = SiteStore(Path(self.settings["DATA_DIR"]), self.name)
        except (StoreError, LedgerError, ShardError) as error:
            self.logger.error("%s", error)
            raise CloseSpider("store") from error
        self._say_what_was_mended()
        for name in (self.arguments.via,) if self.arguments.via else self.routes:
            try:
                async for article in self._read(self._route(name)):
                    yield article
            except RouteFailed as error:
                self.crawler.stats.inc_value(f"aurora/route_failed/{name}")
                self.logger.error("%s: route %s: %s", self.name, name, error)
            else:
                return
        raise CloseSpider("no_route")

    def _route(self, name: str) -> Route:
        return ROUTES[name](self.scope, engine_fetch(self.crawler), lambda line: self._tell(name, line))

    async def _read(self, route: Route) -> AsyncIterator[Article]:
        """What a route finds that is new, edited, or left from an earlier crawl."""
        ledger, scope = self.store.ledger, str(self.scope)
        async for article in self._take_up(route):
            yield article
        reading = ledger.reading(route.name, scope)
        started_at = reading.started_at if reading.position else _now()
        if self._enough:
            return
        async for page in route.pages(reading.position, _with_margin(reading.completed_at)):
            due = self._note(page, route)
            # Found, and how far the listing was read, become lasting together: whatever happens to the articles of this
            # page, they are known to be due.
            ledger.note_reading(
                route.name, scope, Reading(page.position, started_at, reading.completed_at, page.expected)
            )
            ledger.commit()
            for article in self._hand_out(due):
                yield article
            if self._enough:
                return
        ledger.note_reading(route.name, scope, Reading(completed_at=started_at))
        ledger.commit()

    async def _take_up(self, route: Route) -> AsyncIterator[Article]:
        """Articles that are due since an earlier crawl; those that the site no longer has are noted as gone."""
        due = {entry.key: entry.id for entry in self.store.ledger.due_entries(route.name) if entry.key}
        if self.arguments.limit:
            due = dict(list(due.items())[: self.arguments.limit])
        if not due:
            return
        self._tell(route.name, f"taking up {len(due)} articles that an earlier crawl found and did not finish")
        missing = dict(due)
        async for page in route.again(list(due)):
            for found in page.found:
                missing.pop(found.key or "", None)
                if found.article is not None:
                    for article in self._hand_out([found.article]):
                        yield article
        for id in missing.values():
            self.store.ledger.drop(id, reason="gone")
            self.crawler.stats.inc_value("aurora/dropped/gone")

    def _note(self, page: Page, route: Route) -> list[Article]:
        """Enter a page into the ledger; the articles on it that are to be stored."""
        due = []
        stats = self.crawler.stats
        if page.expected is not None:
            stats.max_value("aurora/expected", page.expected)
        for found in page.found:
            id = article_id(canonical_address(found.url, self.address))
            if found.published not in self.arguments.window:
                continue
            finding = self.store.ledger.find(id, found.url, route.name, key=found.key, modified=found.modified)
            stats.inc_value(f"aurora/found/{finding}")
            if finding in (Finding.NEW, Finding.EDITED) and found.article is not None:
                due.append(found.article)
        return due

    def _hand_out(self, articles: list[Article]) -> Iterator[Article]:
        for article in articles:
            if self._enough:
                return
            self._handed_out += 1
            yield article

    @property
    def _enough(self) -> bool:
        return self.arguments.limit is not None and self._handed_out >= self.arguments.limit

    def _tell(self, route: str, line: str) -> None:
        self.crawler.stats.inc_value(f"aurora/told/{route}")
        self.logger.info("%s: route %s: %s", self.name, route, line)

    def _say_what_was_mended(self) -> None:
        mended = self.store.recovery
        if mended.adopted or mended.lost or mended.cut_bytes:
            self.logger.info(
                "%s: the last crawl ended suddenly; took over %d stored articles, %d are fetched again",
                self.name,
                mended.adopted,
                mended.lost,
            )

    async def halt(self, reason: str, message: str) -> None:
        """Stop the crawl for a reason that a person must see to; said once, however often it is met."""
        if not self._halted:
            self._halted = True
            self.logger.error("%s", message)
            assert self.crawler.engine is not None
            # Not awaited: closing waits for the items in the pipelines, of which the caller is one.
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    def closed(self, reason: str) -> None:
        """Bring what waits to the disk, close the shard, and let go of the store."""
        if hasattr(self, "store"):
            try:
                self.store.flush()
                self.crawler.stats.set_value("aurora/kept_in_all", self.store.ledger.counts().get("kept", 0))
                self.store.close()
            except (StoreError, LedgerError) as error:
                if not self._halted:
                    self.logger.error("%s", error)


def _now() -> str:
    return datetime.now(UTC).strftime(_INSTANT)


def _with_margin(instant: str | None) -> str | None:
    if instant is None:
        return None
    return (datetime.strptime(instant, _INSTANT).replace(tzinfo=UTC) - CLOCK_MARGIN).strftime(_INSTANT)
