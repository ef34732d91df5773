"""The route through a page that grows: by a "load more" button, or as it is scrolled, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from scrapy import Request
from scrapy.settings import BaseSettings

from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.browser import enable_browser, what_is_missing
from aurora_crawl.routes.cards import Cards, read_listing
from aurora_crawl.routes.listing import found_on
from aurora_crawl.routes.route import KNOWN_PAGES, AnswerRefused, Found, Note, Page, Route, RouteFailed, RouteSettings

if TYPE_CHECKING:
    from playwright.async_api import Page as BrowserPage

LOAD_SECONDS = 8.0
"""How long more cards are waited for; twice, since a slow answer looks like the end."""
MOST_LOADS = 5000
_MORE_THAN = "([css, count]) => document.querySelectorAll(css).length > count"
_TO_THE_END = "() => { window.scrollTo(0, 0); window.scrollTo(0, document.documentElement.scrollHeight) }"


@dataclass(slots=True, frozen=True)
class LoadMore(RouteSettings):
    """A page that shows more cards when its `button` (a CSS selector) is pressed, or, without one, as it is scrolled."""

    name: ClassVar[str] = "loadmore"
    attribute: ClassVar[str] = "growing"

    path: str
    cards: Cards
    button: str = ""

    @classmethod
    def usual(cls) -> tuple[Self, ...]:
        """None: no two sites' pages look alike."""
        return ()

    def faults(self) -> list[str]:
        """See `RouteSettings.faults`."""
        faults = self.cards.faults()
        return (
            faults
            if self.path.startswith("/")
            else [*faults, Message("growing: {path} is no path; it begins with /", path=repr(self.path))]
        )

    def prepare(self, settings: BaseSettings) -> None:
        """The browser is made ready for sites that have a use for it, and for no others."""
        enable_browser(settings)


class LoadMoreRoute(Route):
    """Opens each of the scope's growing pages and makes it grow until no more cards come. It needs the extra `browser`."""

    settings = LoadMore

    async def pages(self, position: Note | None, changed_since: str | None) -> AsyncIterator[Page]:
        """See `Route.pages`. What is new stands first; a page that was left in the middle is read from its beginning."""
        pages = self.scope.of(LoadMore)
        if not pages:
            raise RouteFailed(N_("the site declares no page that grows"))
        missing = what_is_missing()
        if missing:
            raise RouteFailed(missing)
        done: list[str] = list(position["done"]) if position else []
        for growing in pages:
            if growing.path not in done:
                async for found in self._opened(growing):
                    yield Page(found, {"done": list(done)})
                done.append(growing.path)
                yield Page([], {"done": list(done)})

    async def _opened(self, growing: LoadMore) -> AsyncIterator[list[Found]]:
        """What each load adds to a page, which is closed whatever happens."""
        url = self.scope.site_url + growing.path
        request = Request(url, meta={"playwright": True, "playwright_include_page": True}, dont_filter=True)
        try:
            response = await self.fetch(request)
            if response.status != 200:
                raise AnswerRefused(url, response.status)
            async for found in self._loads(request.meta["playwright_page"], url, growing):
                yield found
        finally:
            page = request.meta.get("playwright_page")
            if page is not None:
                await page.close()

    async def _loads(self, page: BrowserPage, url: str, growing: LoadMore) -> AsyncIterator[list[Found]]:
        seen: set[str] = set()
        known = 0
        for _ in range(MOST_LOADS):
            cards = await page.locator(growing.cards.card).count()
            shown = self.read(url, read_listing, await page.content(), url, growing.cards)
            found = found_on(shown, self.has_article)
            new = [one for one in found if one.url not in seen]
            if not cards:
                raise RouteFailed(N_("no card on {url}; the site may look different now, see its `growing`"), url=url)
            seen.update(one.url for one in new)
            known = known + 1 if self.all_known(new) else 0
            yield new
            if known >= KNOWN_PAGES or self._all_too_old(new) or not await self._grows(page, growing, cards):
                return
        raise RouteFailed(N_("{url} still grows after {most_loads} loads"), url=url, most_loads=MOST_LOADS)

    async def _grows(self, page: BrowserPage, growing: LoadMore, cards: int) -> bool:
        """Ask for more cards; False when none come."""
        from playwright.async_api import TimeoutError as TookTooLong

        for _ in range(2):
            if growing.button:
                button = page.locator(growing.button).first
                if not await button.is_visible() or not await button.is_enabled():
                    return False
                self.requests += 1
                await button.click()
            else:
                await page.evaluate(_TO_THE_END)
            try:
                await page.wait_for_function(_MORE_THAN, arg=[growing.cards.card, cards], timeout=LOAD_SECONDS * 1000)
            except TookTooLong:
                continue
            return True
        return False

    def _all_too_old(self, found: list[Found]) -> bool:
        since = self.scope.window.since
        return (
            bool(found) and since is not None and all((one.published or "9")[:10] < since.isoformat() for one in found)
        )
