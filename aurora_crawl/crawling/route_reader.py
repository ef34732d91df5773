"""One route of a crawl, read into the ledger: what is due from earlier crawls, and what is new or edited.

A route that brings addresses is at a page's end as soon as the page is in the ledger: the articles are asked for one by one,
and those that are left are asked for later. One that brings whole articles is there when they have been handed out: what a crawl
that ended suddenly left of a page comes with the same page again, in one request, and nothing else is asked twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from scrapy import Request

from aurora_crawl import stat_names as names
from aurora_crawl.addresses import ANOTHER_SITE, refusal
from aurora_crawl.crawling.context import CrawlContext
from aurora_crawl.crawling.page_requests import MOST_TRIES, NOT_FOUND, OUTSIDE, ArticlePages
from aurora_crawl.items import Article, article_id
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.route import Found, Page, Route, RouteFailed, Window
from aurora_crawl.storage.ledger import Finding, Ledger, Reading, State

T = TypeVar("T")

CLOCK_MARGIN = timedelta(days=1)
"""How much earlier than the last reading an update begins: clocks differ, and a day's posts cost no further request."""
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


class Limit:
    """How many articles a crawl may still hand out; null is no limit."""

    def __init__(self, most: int | None) -> None:
        self._left = most

    @property
    def reached(self) -> bool:
        """Whether no further article is wanted."""
        return self._left is not None and self._left <= 0

    def take(self) -> None:
        """One article was handed out."""
        if self._left is not None:
            self._left -= 1

    def first(self, entries: list[T]) -> list[T]:
        """As many of the entries as are still wanted."""
        return entries if self._left is None else entries[: max(self._left, 0)]


class RouteReading:
    """Reads one route into the ledger; `pages` asks for article pages, for routes that bring addresses only."""

    def __init__(
        self, context: CrawlContext, ledger: Ledger, make: Callable[..., Route], limit: Limit, pages: ArticlePages
    ) -> None:
        self.ledger = ledger
        self.stats = context.stats
        self.limit = limit
        self.pages = pages
        self._wishes, self._reading = context.scope, context.reading
        self.scope = str(self._wishes)
        self._window = context.scope.window
        self._make = make
        self._wanted = 0
        self._left: set[str] = set()

    async def read(self) -> AsyncIterator[Article | Request]:
        """Whole articles, or requests for their pages. Raises RouteFailed."""
        route = self._make(None)
        before = self.ledger.reading(route.name, self.scope)
        if before.completed_at:
            self.stats.set_value(names.IS_UPDATE, 1)
            route = self._make(self._is_known)
        elif before.expected:
            self.stats.set_value(names.EXPECTED_BEFORE, before.expected)
        if route.brings_articles:
            self._left = {entry.id for entry in self.ledger.due_entries()}
            self._say_taken_up(route, len(self._left))
        else:
            async for out in self._take_up_pages(route):
                yield out
            if self.limit.reached:
                return
        started_at = before.started_at if before.position and before.started_at else _now()
        known_before, seen, announced = self._known_of(route.name), 0, None
        async for page in route.pages(before.position, _with_margin(before.completed_at)):
            due = self._note(page, route)
            seen += len(page.found)
            announced = page.expected if page.expected is not None else announced
            reading = Reading(page.position, started_at, before.completed_at, page.expected)
            # What was found becomes lasting before any of it is stored: whatever happens to the articles of this page, they
            # are known to be due.
            if route.brings_articles:
                self.ledger.commit()
            else:
                self._note_reading(route, reading)
            async for out in self._hand_out(due, route.name):
                yield out
            if self.limit.reached:
                return
            if route.brings_articles:
                self._note_reading(route, reading)
        whole = not before.position and not before.completed_at and self._window == Window()
        if whole and not self._wanted:
            raise RouteFailed(N_("none of the {seen} addresses is an article that is asked for"), seen=seen)
        if route.brings_articles:
            async for out in self._take_up_articles(route):
                yield out
            if self.limit.reached:
                return
        async for out in self._take_up_lifted(route):
            yield out
        if self.limit.reached:
            return
        expected = announced if before.completed_at is None else before.expected
        self._note_reading(route, Reading(None, None, started_at, expected))
        if before.completed_at:
            self._say_what_was_saved(route, known_before)

    async def read_again(self, ids: list[str]) -> AsyncIterator[Article | Request]:
        """What is known by these ids, once more, and nothing else; until it came, it is due. Raises RouteFailed."""
        route = self._make(None)
        for id in ids:
            self.ledger.ask_again(id)
        self.ledger.commit()
        self._left = set(ids)
        route.tell(Message("asking once more for {count} articles", count=len(ids)))
        async for out in self._take_up_articles(route):
            yield out

    def _note_reading(self, route: Route, reading: Reading) -> None:
        self.ledger.note_reading(route.name, self.scope, reading)
        self.ledger.commit()

    async def _take_up_pages(self, route: Route) -> AsyncIterator[Article | Request]:
        """Article pages that are due since an earlier crawl, whichever route found them."""
        entries = self.limit.first(self.ledger.due_entries())
        self._say_taken_up(route, len(entries))
        async for out in self._hand_out((Found(e.url, modified=e.modified) for e in entries), route.name):
            yield out

    async def _take_up_articles(self, route: Route) -> AsyncIterator[Article | Request]:
        """What is due since an earlier crawl and did not come again by itself; what the site no longer has is noted as gone."""
        left = self.limit.first([entry for entry in self.ledger.due_entries() if entry.id in self._left])
        missing = {entry.key: entry.id for entry in left if entry.key and entry.route == route.name}
        pages = [entry for entry in left if not (entry.key and entry.route == route.name)]
        async for page in route.again(list(missing)) if missing else _nothing():
            for found in page.found:
                missing.pop(found.key or "", None)
            async for out in self._hand_out(page.found, route.name):
                yield out
        for id in missing.values():
            self.ledger.drop(id, reason="gone")
            self.stats.inc_value(f"{names.DROPPED}gone")
        # What another route found, or a shard told of whose file is gone, has no name on this one.
        async for out in self._hand_out((Found(e.url, modified=e.modified) for e in pages), route.name):
            yield out

    async def _take_up_lifted(self, route: Route) -> AsyncIterator[Article | Request]:
        """Pages that robots.txt forbade and allows now. Its rules came with the first request: whatever the route is, they are known."""
        lifted, self.pages.lifted = self.pages.lifted, deque()
        if lifted:
            route.tell(Message("taking up {count} articles that robots.txt no longer forbids", count=len(lifted)))
        async for out in self._hand_out(lifted, route.name):
            yield out

    def _say_taken_up(self, route: Route, count: int) -> None:
        if count:
            route.tell(
                Message("taking up {count} articles that an earlier crawl found and did not finish", count=count)
            )

    def _note(self, page: Page, route: Route) -> list[Found]:
        """Enter a page into the ledger; what of it is to be stored."""
        due = []
        if page.expected is not None:
            self.stats.max_value(names.EXPECTED, page.expected)
        for found in page.found:
            if not self._may_be_asked_for(found, route):
                continue
            if found.published not in self._window or not self._wishes.is_wanted(found.url):
                continue
            self._wanted += 1
            id = article_id(self._reading.canonical(found.url))
            finding = self.ledger.find(id, found.url, route.name, key=found.key, modified=found.modified)
            if id in self._left:
                self._left.remove(id)
                due.append(found)
                continue
            if finding is Finding.KNOWN and (self._was_outside(id) or self._may_be_back(id)):
                finding = Finding.NEW
            self.stats.inc_value(f"{names.FOUND}{finding}")
            if finding in (Finding.NEW, Finding.EDITED):
                due.append(found)
        for reason, count in route.refused.items():
            self.stats.inc_value(f"{names.REFUSED}{reason}", count)
        route.refused.clear()
        return due

    def _may_be_asked_for(self, found: Found, route: Route) -> bool:
        reason = refusal(found.url, self._wishes.site_url)
        # A whole article that says it is another site's is dropped by the steps, and noted.
        if reason is None or (reason == ANOTHER_SITE and found.article is not None):
            return True
        route.refuse(found.url, reason)
        return False

    def _was_outside(self, id: str) -> bool:
        """Whether a page was left out only because an earlier crawl asked for other days."""
        entry = self.ledger.get(id)
        window = str(self._window)
        return entry is not None and entry.state is State.DROPPED and entry.reason == OUTSIDE and entry.rules != window

    def _may_be_back(self, id: str) -> bool:
        """Whether a page that was not found in earlier crawls, and is named again, is to be asked for once more."""
        entry = self.ledger.get(id)
        return (
            entry is not None
            and entry.state is State.DROPPED
            and entry.reason == NOT_FOUND
            and entry.tries < MOST_TRIES
            and id not in self.pages.not_found
        )

    async def _hand_out(self, due: Iterable[Found], route: str) -> AsyncIterator[Article | Request]:
        for found in due:
            if self.limit.reached:
                return
            self.limit.take()
            if found.article is None:
                async for request in self.pages.ask(found, route):
                    yield request
            else:
                yield replace(found.article, id=article_id(self._reading.canonical(found.url)))

    def _is_known(self, url: str) -> bool:
        return self.ledger.get(article_id(self._reading.canonical(url))) is not None

    def _known_of(self, route: str) -> int:
        return sum(1 for entry in self.ledger.entries() if entry.route == route)

    def _say_what_was_saved(self, route: Route, known: int) -> None:
        """How many requests this update took, and how many reading everything anew would have taken."""
        fetched = sum(self.stats.get_value(f"{names.FOUND}{finding}", 0) for finding in (Finding.NEW, Finding.EDITED))
        pages = 0 if route.brings_articles else fetched
        whole = route.whole_cost(known) + (0 if route.brings_articles else known)
        saved = max(whole - route.requests - pages, 0)
        self.stats.set_value(names.REQUESTS_SAVED, saved)
        if saved:
            route.tell(
                Message(
                    "{made} requests instead of some {whole}: {saved} saved",
                    made=route.requests + pages,
                    whole=whole,
                    saved=saved,
                )
            )


async def _nothing() -> AsyncIterator[Page]:
    return
    yield


def _now() -> str:
    return datetime.now(UTC).strftime(_INSTANT)


def _with_margin(instant: str | None) -> str | None:
    if instant is None:
        return None
    return (datetime.strptime(instant, _INSTANT).replace(tzinfo=UTC) - CLOCK_MARGIN).strftime(_INSTANT)
