"""What pages say of their own addresses, held against what stands there.

A page's canonical link is a claim. It counts when the page at that address, on the same site, has the same text; then that
page is the article. A theme may name one address on all its pages, an address without the query that tells them apart,
another article, or the page of errors: such a claim is ignored, and the page keeps the address that it was found at.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scrapy import Request
from scrapy.http import TextResponse

from aurora_crawl import stat_names as names
from aurora_crawl.addresses import is_front_page, same_site, shown
from aurora_crawl.budget import OverBudget
from aurora_crawl.crawling.article_page import ReadPage, read_page
from aurora_crawl.crawling.context import CrawlContext
from aurora_crawl.items import article_id
from aurora_crawl.routes.route import FetchStopped, Found, RouteFailed
from aurora_crawl.storage.ledger import Ledger, State

logger = logging.getLogger(__name__)

AGREEMENT = 0.8
"""The share of two pages' letters, in paragraphs that both have, from which their texts are the same: teasers may differ."""
REMEMBERED = 512
"""Pages whose paragraphs are remembered, some 20 numbers each: most claims are about a page that was just read."""
MOST_IN_VAIN = 20
"""So many claims in a row that did not hold: the site's theme names wrong addresses, and no more of them are looked at."""
_NOT_THERE = {State.DROPPED, State.FAILED}

Paragraphs = dict[int, int]
"""The lengths of a text's paragraphs, by their hashes."""


@dataclass(slots=True, frozen=True)
class Named:
    """The article that a page rightly names as its own; `page` is null where it was read before in this crawl."""

    id: str
    page: ReadPage | None


class CanonicalClaims:
    """The claims of one crawl's pages. What stands at a claimed address is asked for at most once a crawl."""

    def __init__(self, context: CrawlContext, ledger: Ledger) -> None:
        self._context = context
        self._ledger = ledger
        self._lock = asyncio.Lock()
        self._texts: OrderedDict[str, Paragraphs] = OrderedDict()
        self._in_vain = 0
        self._said: set[str] = set()

    def remember(self, page: ReadPage) -> None:
        """What stands at a page's own address."""
        self._keep(page.article.id, paragraphs_of(page.article.paragraphs))

    async def named_by(self, page: ReadPage, found: Found, route: str) -> Named | None:
        """The article that a page names as its own, where that is so; null where the page stands for itself."""
        if page.claims is None:
            return None
        async with self._lock:
            if self._in_vain >= MOST_IN_VAIN:
                return None
            id = article_id(self._context.reading.canonical(page.claims))
            named = await self._read(page.claims, id, page.article.id, found, route)
            if agree(paragraphs_of(page.article.paragraphs), self._texts.get(id, {})):
                self._in_vain = 0
                return Named(named.article.id if named else id, named)
            self._in_vain += 1
        self._say(page)
        return None

    async def _read(self, url: str, id: str, claimant: str, found: Found, route: str) -> ReadPage | None:
        """The page at a claimed address, whose paragraphs are remembered; null where there is none, or not its own."""
        entry = self._ledger.get(id)
        if id in self._texts or (entry is not None and entry.shard is None and entry.state in _NOT_THERE):
            return None
        page = await self._fetched(url, found, route)
        if page is None or page.article.id == claimant:
            # Nothing stands there, or it leads back.
            self._keep(id, {})
            return None
        self._keep(id, paragraphs_of(page.article.paragraphs))
        return page

    async def _fetched(self, url: str, found: Found, route: str) -> ReadPage | None:
        try:
            response = await self._context.fetch(Request(url, dont_filter=True))
        except FetchStopped:
            raise
        except RouteFailed:
            return None
        if response.status != 200 or not isinstance(response, TextResponse) or is_front_page(response.url):
            return None
        if not same_site(response.url, self._context.site_url):
            return None
        try:
            return read_page(response.text, response.url, self._context.reading, route=route, found=found)
        except OverBudget:
            return None

    def _keep(self, id: str, paragraphs: Paragraphs) -> None:
        self._texts[id] = paragraphs
        self._texts.move_to_end(id)
        if len(self._texts) > REMEMBERED:
            self._texts.popitem(last=False)

    def _say(self, page: ReadPage) -> None:
        self._context.stats.inc_value(names.CANONICAL_IGNORED)
        claimed = shown(page.claims or "")
        if not self._said:
            logger.info(
                "%s: %s names %s as its address, where no such text stands; such links are ignored",
                self._context.site,
                shown(page.article.url),
                claimed,
            )
        self._said.add(claimed)


def paragraphs_of(paragraphs: Iterable[str]) -> Paragraphs:
    """A text's paragraphs by what does not change with spaces and capitals."""
    found: Paragraphs = defaultdict(int)
    for paragraph in paragraphs:
        plain = " ".join(paragraph.casefold().split())
        found[hash(plain)] += len(plain)
    return dict(found)


def agree(one: Paragraphs, other: Paragraphs) -> bool:
    """Whether two texts are the same but for a few paragraphs."""
    longer = max(sum(one.values()), sum(other.values()))
    shared = sum(min(length, other[key]) for key, length in one.items() if key in other)
    return longer > 0 and shared >= AGREEMENT * longer
