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
from functools import partial
from itertools import islice

from scrapy import Request

from aurora_crawl import stat_names as names
from aurora_crawl.addresses import ANOTHER_SITE, refusal
from aurora_crawl.crawling.archived_articles import ArchivedArticles
from aurora_crawl.crawling.context import CrawlContext
from aurora_crawl.crawling.limit import Limit
from aurora_crawl.crawling.page_requests import LED_ELSEWHERE, MOST_TRIES, NOT_FOUND, OUTSIDE, ArticlePages
from aurora_crawl.items import Article, article_id
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.route import Found, Page, Route, RouteFailed, Window
from aurora_crawl.storage.ledger import Finding, Ledger, Reading, State

_GONE_LIVE = {NOT_FOUND, "gone", LED_ELSEWHERE}
"""Why a crawl has no text of what an archive may have."""
CLOCK_MARGIN = timedelta(days=1)
"""How much earlier than the last reading an update begins: clocks differ, and a day's posts cost no further request."""
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


_AT_A_TIME = 500
"""Articles left by earlier crawls that are asked for again before the next ones are looked up."""


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
        self._has_left = False
        self._archived = ArchivedArticles(context, ledger)

    async def read(self) -> AsyncIterator[Article | Request]:
        """Whole articles, or requests for their pages. Raises RouteFailed."""
        route = self._make(None)
        self.ledger.begin_reading()
        before = self._reading_before(route)
        if before.completed_at:
            self.stats.set_value(names.IS_UPDATE, 1)
            route = self._make(partial(self._has_text, route.name) if route.is_archive else self._is_known)
        elif route.is_archive:
            route = self._make(partial(self._has_text, route.name))
        elif before.expected:
            self.stats.set_value(names.EXPECTED_BEFORE, before.expected)
        if route.brings_articles:
            self._has_left = self.ledger.counts()["due"] > 0
            self._say_taken_up(route)
        else:
            async for out in self._take_up_pages(route):
                yield out
            if self.limit.reached:
                return
        started_at = before.started_at if before.position and before.started_at else _now()
        known_before, seen, announced = self.ledger.count_of(route.name), 0, None
        async for page in route.pages(before.position, _with_margin(before.completed_at)):
            due = self._note(page, route)
            seen += len(page.found)
            announced = page.expected if page.expected is not None else announced
            started_at = _earlier(started_at, route.server_time)
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
        if whole and not self._wanted and not route.is_archive:
            raise RouteFailed(N_("none of the {seen} addresses is an article that is asked for"), seen=seen)
        if route.brings_articles:
            async for out in self._take_up_articles(route):
                yield out
            if self.limit.reached:
                return
        if route.is_archive:
            self._note_leads()
        async for out in self._take_up_lifted(route):
            yield out
        if self.limit.reached:
            return
        expected = announced if before.completed_at is None else before.expected
        self._note_reading(route, Reading(None, None, started_at, expected))
        if before.completed_at:
            self._say_what_was_saved(route, known_before)

    def _reading_before(self, route: Route) -> Reading:
        """How far earlier crawls read the route; what a clock noted that stood ahead would hide what was edited until then."""
        before = self.ledger.reading(route.name, self.scope)
        latest = max(before.completed_at or "", before.started_at or "")
        if latest <= _now():
            return before
        route.tell(
            Message("the clock stands before the last crawl's ({latest}); everything is read again", latest=latest)
        )
        return Reading(expected=before.expected)

    async def read_again(self, ids: list[str]) -> AsyncIterator[Article | Request]:
        """What is due of these ids, and nothing else. Raises RouteFailed; another route then takes up the rest."""
        route = self._make(None)
        self.ledger.begin_reading()
        self.ledger.commit()
        route.tell(Message("asking once more for {count} articles", count=len(ids)))
        async for out in self._take_up_articles(route, frozenset(ids)):
            yield out

    def _note_reading(self, route: Route, reading: Reading) -> None:
        self.ledger.note_reading(route.name, self.scope, reading)
        self.ledger.commit()

    async def _take_up_pages(self, route: Route) -> AsyncIterator[Article | Request]:
        """Article pages that are due since an earlier crawl, whichever route found them."""
        self._say_taken_up(route)
        left = (Found(entry.url, modified=entry.modified) for entry in self.ledger.left_entries())
        async for out in self._hand_out(left, route.name):
            yield out

    async def _take_up_articles(
        self, route: Route, only: frozenset[str] | None = None
    ) -> AsyncIterator[Article | Request]:
        """What is due since an earlier crawl and did not come again by itself; what the site no longer has is noted as gone.

        With `only`, nothing but what has one of these ids.
        """
        entries = (entry for entry in self.ledger.left_entries() if only is None or entry.id in only)
        while left := list(islice(entries, _AT_A_TIME)):
            missing = {
                entry.key: entry.id for entry in self.limit.first(left) if entry.key and entry.route == route.name
            }
            async for page in route.again(list(missing)) if missing else _nothing():
                for found in page.found:
                    missing.pop(found.key or "", None)
                async for out in self._hand_out(page.found, route.name):
                    yield out
            for id in missing.values():
                self.ledger.drop(id, reason="gone")
                self.stats.inc_value(f"{names.DROPPED}gone")
            if route.is_archive:
                # The publisher is not asked for anything.
                continue
            # What another route found, or a shard told of whose file is gone, has no name on this one.
            pages = (e for e in left if not (e.key and e.route == route.name))
            async for out in self._hand_out((Found(e.url, modified=e.modified) for e in pages), route.name):
                yield out
            if self.limit.reached:
                return

    async def _take_up_lifted(self, route: Route) -> AsyncIterator[Article | Request]:
        """Pages that robots.txt forbade and allows now. Its rules came with the first request: whatever the route is, they are known."""
        lifted, self.pages.lifted = self.pages.lifted, deque()
        if lifted:
            route.tell(Message("taking up {count} articles that robots.txt no longer forbids", count=len(lifted)))
        async for out in self._hand_out(lifted, route.name):
            yield out

    def _say_taken_up(self, route: Route) -> None:
        count = self.limit.at_most(self.ledger.counts()["due"])
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
            if self._has_left and route.brings_articles and self.ledger.take_up(id):
                due.append(found)
                continue
            if finding is Finding.KNOWN and (self._was_outside(id) or self._may_be_back(id)):
                finding = Finding.NEW
            if finding is Finding.KNOWN and found.load is not None:
                # No text of it is known: else the route would not name it.
                self.ledger.ask_again(id)
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
            if found.load is not None:
                article = await self._archived.article(found, found.load, route)
                if article is not None:
                    yield article
            elif found.article is None:
                async for request in self.pages.ask(found, route):
                    yield request
            else:
                yield replace(found.article, id=article_id(self._reading.canonical(found.url)))

    def _note_leads(self) -> None:
        """Addresses that led to articles stand for them from now on."""
        for id, (url, target) in self._wishes.told.leads.items():
            old, new = self.ledger.own(id), self.ledger.own(target)
            if new is not None and new.state is not State.FORGOTTEN and (old is None or old.shard is None):
                self.ledger.alias(id, url, target)
        self.ledger.commit()

    def _has_text(self, route: str, url: str) -> bool:
        """Whether an archive has nothing to add of an address: its text is stored, or was looked at and left out for good."""
        entry = self.ledger.get(article_id(self._reading.canonical(url)))
        if entry is None or entry.state is State.FOUND:
            return False
        if entry.state is State.FAILED:
            return entry.route == route and entry.tries >= MOST_TRIES
        return entry.state is not State.DROPPED or entry.reason not in _GONE_LIVE

    def _is_known(self, url: str) -> bool:
        return self.ledger.get(article_id(self._reading.canonical(url))) is not None

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


def _earlier(instant: str, server_time: datetime | None) -> str:
    """The earlier of an instant and the server's: an update asks by the server's clock, and nobody's is to be trusted."""
    return instant if server_time is None else min(instant, server_time.strftime(_INSTANT))


def _with_margin(instant: str | None) -> str | None:
    if instant is None:
        return None
    return (datetime.strptime(instant, _INSTANT).replace(tzinfo=UTC) - CLOCK_MARGIN).strftime(_INSTANT)
