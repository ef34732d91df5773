"""The route through an RSS or Atom feed, page after page where the site turns them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from aurora_crawl.addresses import path_of, same_site
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.feed_items import read_feed
from aurora_crawl.routes.route import KNOWN_PAGES, AnswerRefused, Found, Note, Page, Route, RouteFailed, RouteSettings
from aurora_crawl.routes.xmltree import NotXml

FIRST_PAGE = 1
MOST_PAGES = 20_000
"""Of one feed; ten articles each, as WordPress has them."""
_GONE = {400, 404, 410}
"""What sites answer past the last page."""


@dataclass(slots=True, frozen=True)
class Feed(RouteSettings):
    """A feed, by its path, with `{page}` in it where the site turns pages."""

    name: ClassVar[str] = "feed"
    attribute: ClassVar[str] = "feed"

    path: str = "/feed/?paged={page}"

    def faults(self) -> list[str]:
        """See `RouteSettings.faults`."""
        if self.path.startswith("/") and "{" not in self.path.replace("{page}", ""):
            return []
        return [Message("feed: {path} is no path; it begins with / and may hold {{page}}", path=repr(self.path))]

    def covers(self, url: str) -> bool:
        """Whether an address is the feed's own."""
        return path_of(url).rstrip("/") == self.path.partition("?")[0].replace("{page}", "").rstrip("/")


class FeedRoute(Route):
    """Reads the scope's feed, the newest articles first.

    A feed that has no second page, or repeats its first, holds only what is newest: enough for an update that reaches
    known ground, a failure otherwise, so that the next route brings the rest.
    """

    settings = Feed

    async def pages(self, position: Note | None, changed_since: str | None) -> AsyncIterator[Page]:
        """See `Route.pages`. Feeds do not tell edits; what is new stands first."""
        number = position["page"] if position else FIRST_PAGE
        url = position["url"] if position and position["url"] else self._address(number)
        shown: set[str] = set()
        known = 0
        while True:
            items, following = await self._read(url, first=number == FIRST_PAGE)
            addresses = {item.url for item in items if self.tells_pages_apart(item.url)}
            if not items or addresses <= shown:
                if number == FIRST_PAGE:
                    raise RouteFailed(N_("{url} holds no articles"), url=url)
                if items and number == FIRST_PAGE + 1:
                    raise RouteFailed(
                        N_("the feed shows only the {count} newest articles, whatever page is asked for"),
                        count=len(shown),
                    )
                return
            self._items_a_page = max(self._items_a_page, len(items))
            shown |= addresses
            number += 1
            if number > MOST_PAGES:
                raise RouteFailed(
                    N_("{url}: the feed goes on after {most_pages} pages"), url=url, most_pages=MOST_PAGES
                )
            turns = "{page}" in self._path
            url = following or (self._address(number) if turns else "")
            found = [item for item in items if self.has_article(item.url)]
            known = known + 1 if self.all_known(found) else 0
            yield Page(found, {"page": number, "url": following})
            if known >= KNOWN_PAGES or (known and not url) or self._all_too_old(items):
                return
            if not url:
                raise RouteFailed(
                    N_("the feed has no further pages: it shows only the {count} newest articles"), count=len(shown)
                )

    def whole_cost(self, known: int) -> int:
        """See `Route.whole_cost`; by how many items stood on a page."""
        return round(known / self._items_a_page) + 1 if self._items_a_page else 0

    _items_a_page = 0

    @property
    def _path(self) -> str:
        return self.scope.of(Feed)[0].path

    def _address(self, number: int) -> str:
        return self.scope.site_url + self._path.replace("{page}", str(number))

    async def _read(self, url: str, *, first: bool) -> tuple[list[Found], str | None]:
        """A page's items and the address of the next page where the feed names one; no items past the last page."""
        try:
            response = await self.get(url)
        except AnswerRefused as error:
            if error.status in _GONE and not first:
                return [], None
            raise
        try:
            page = read_feed(response.body, response.url)
        except NotXml as error:
            raise RouteFailed(N_("{url} is no feed: {why}"), url=url, why=error) from error
        if page.without_address:
            self.tell(
                Message(
                    "{url}: {without_address} items have no address and are left out",
                    url=url,
                    without_address=page.without_address,
                )
            )
        following = page.next if page.next and same_site(page.next, self.scope.site_url) else None
        return page.items, following

    def _all_too_old(self, items: list[Found]) -> bool:
        since = self.scope.window.since
        return since is not None and all(item.published and item.published[:10] < since.isoformat() for item in items)
