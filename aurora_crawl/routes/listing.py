"""The route through listing pages: numbered pages or links to the next one, until a page has no cards."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import ClassVar, Self
from urllib.parse import urlsplit

from scrapy.http import Response, TextResponse

from aurora_crawl.addresses import same_site
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.cards import Card, Cards, ListingPage, read_listing
from aurora_crawl.routes.route import KNOWN_PAGES, AnswerRefused, Found, Note, Page, Route, RouteFailed, RouteSettings

FIRST_PAGE = 1

NOTHING_NEW = 3
"""So many pages in a row that show no address for the first time: the listing goes round in circles."""
MOST_PAGES = 20_000
"""Of one listing; the longest known one has some 4,300."""
_GONE = {404, 410, 400}
"""What sites answer past the last page."""


@dataclass(slots=True, frozen=True)
class Listing(RouteSettings):
    """A numbered listing: `pages` is the path of a page, with `{page}` in it, or that of its first page, which leads to
    the others by `next`, a CSS selector of the link to the next page.

    `oldest_first`: the listing begins with the oldest, so an update has to read all of it.
    """

    name: ClassVar[str] = "listing"
    attribute: ClassVar[str] = "listings"

    pages: str
    cards: Cards
    next: str = "a[rel~=next], link[rel~=next], a.next"
    oldest_first: bool = False

    def address(self, site_url: str, page: int) -> str:
        """The address of a page; of the first where the pages have no numbers."""
        return site_url + self.pages.replace("{page}", str(page))

    @classmethod
    def usual(cls) -> tuple[Self, ...]:
        """None: no two sites' listings look alike."""
        return ()

    def faults(self) -> list[str]:
        """See `RouteSettings.faults`."""
        faults = self.cards.faults()
        if "{" in self.pages.replace("{page}", "") or not self.pages.startswith("/"):
            faults.append(
                Message("listings: {pages} is no path; it begins with / and may hold {{page}}", pages=repr(self.pages))
            )
        return faults

    def covers(self, url: str) -> bool:
        """Whether an address is that of one of the pages."""
        parts = urlsplit(url)
        address = f"{parts.path}?{parts.query}" if parts.query else parts.path
        pattern, path, first = _addresses(self.pages)
        return address.rstrip("/") == first or bool(
            pattern.fullmatch(address) or (path is not None and path.fullmatch(parts.path))
        )


class ListingRoute(Route):
    """Reads each of the scope's listings to its end, the newest articles first where the site shows them so."""

    settings = Listing

    async def pages(self, position: Note | None, changed_since: str | None) -> AsyncIterator[Page]:
        """See `Route.pages`. Listings do not tell edits; what is new stands first."""
        listings = self.scope.of(Listing)
        if not listings:
            raise RouteFailed(N_("the site declares no listing pages"))
        start = position or {"listing": 0, "page": FIRST_PAGE, "url": None}
        for number in range(start["listing"], len(listings)):
            here = start if number == start["listing"] else {"listing": number, "page": FIRST_PAGE, "url": None}
            async for page in self._listing(listings[number], here):
                yield page

    def whole_cost(self, known: int) -> int:
        """See `Route.whole_cost`; by how many cards stood on a page."""
        return round(known / self._cards_a_page) if self._cards_a_page else 0

    _cards_a_page = 0

    async def _listing(self, listing: Listing, here: Note) -> AsyncIterator[Page]:
        """The pages of one listing from a position on."""
        page, url = here["page"], here["url"] or listing.address(self.scope.site_url, here["page"])
        numbered = "{page}" in listing.pages
        seen: set[bytes] = set()
        shown: set[bytes] = set()
        known = nothing_new = 0
        while True:
            response = await self._page(url, first=page == FIRST_PAGE)
            if response is None:
                return
            read = self.read(response.url, read_listing, response.text, response.url, listing.cards, listing.next)
            cards = [card for card in read.cards if same_site(card.url, self.scope.site_url)]
            fingerprint = _short("\n".join(card.url for card in cards))
            if not cards and page == FIRST_PAGE:
                raise RouteFailed(N_("no card on {url}; the site may look different now, see its `listing`"), url=url)
            if not cards or fingerprint in seen:
                return
            seen.add(fingerprint)
            addresses = {_short(card.url) for card in cards if self.tells_pages_apart(card.url)}
            nothing_new = nothing_new + 1 if addresses <= shown else 0
            shown |= addresses
            if nothing_new == NOTHING_NEW:
                self.tell(
                    Message(
                        "{url}: nothing new on {nothing_new} pages in a row; the listing goes round in circles",
                        url=response.url,
                        nothing_new=NOTHING_NEW,
                    )
                )
                return
            if len(seen) > MOST_PAGES:
                raise RouteFailed(
                    N_("{url}: the listing goes on after {most_pages} pages"), url=response.url, most_pages=MOST_PAGES
                )
            self._cards_a_page = max(self._cards_a_page, len(cards))
            page += 1
            following = listing.address(self.scope.site_url, page) if numbered else read.next
            note = {"listing": here["listing"], "page": page, "url": None if numbered else following}
            found = found_on(read, self.has_article)
            known = known + 1 if self.all_known(found) and not listing.oldest_first else 0
            yield Page(found, note)
            if following is None or known >= KNOWN_PAGES or self._all_too_old(cards, listing):
                return
            if not same_site(following, self.scope.site_url):
                self.tell(
                    Message(
                        "{url}: the next page is on another site, {following}; not followed",
                        url=response.url,
                        following=following,
                    )
                )
                return
            url = following

    async def _page(self, url: str, *, first: bool) -> TextResponse | None:
        """A listing page; null past the last one."""
        try:
            response: Response = await self.get(url)
        except AnswerRefused as error:
            if error.status in _GONE and not first:
                return None
            raise
        if not isinstance(response, TextResponse):
            raise RouteFailed(N_("{url} is no page of text"), url=url)
        return response

    def _all_too_old(self, cards: list[Card], listing: Listing) -> bool:
        """Whether everything from here on was published before the window: the list is ordered by day."""
        since = self.scope.window.since
        if since is None or listing.oldest_first:
            return False
        days = [(card.published or "")[:10] for card in cards]
        return all(len(day) == len("2023-01-31") and day < since.isoformat() for day in days)


@cache
def _addresses(pages: str) -> tuple[re.Pattern[str], re.Pattern[str] | None, str]:
    """What the addresses of a listing's pages look like, their paths where these hold the number, and that of the first, which
    often has no number.
    """
    first = re.sub(r"/?(?:page/|[?&]\w+=)\{page\}", "", pages).replace("{page}", "")
    path = pages.partition("?")[0]
    return _numbered(pages), _numbered(path) if "{page}" in path else None, first.rstrip("/")


def _numbered(pages: str) -> re.Pattern[str]:
    return re.compile(re.escape(pages).replace(re.escape("{page}"), r"\d+").rstrip("/") + "/?")


def _short(text: str) -> bytes:
    """What stands for a text in a set that may grow with the site."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()


def found_on(page: ListingPage, is_article: Callable[[str], bool]) -> list[Found]:
    """The articles that the cards of a page lead to, with what the cards show; `is_article` judges an address."""
    return [
        Found(
            card.url,
            title=card.title,
            published=card.published,
            authors=[card.author] if card.author else [],
            section=card.section,
        )
        for card in page.cards
        if is_article(card.url)
    ]
