"""The route through sitemaps: index files, gzipped ones, news sitemaps; days of change decide what is read again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import ClassVar

from aurora_crawl.addresses import joined, refusal, shown
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.route import AnswerRefused, Found, Note, Page, Route, RouteFailed, RouteSettings
from aurora_crawl.routes.sitemap_files import (
    Entry,
    NotASitemap,
    SitemapFile,
    read_sitemap,
    sitemaps_in_robots,
    sitemaps_of_articles,
)
from aurora_crawl.routes.xmltree import MAX_BYTES

WELL_KNOWN = ("/wp-sitemap.xml", "/sitemap_index.xml", "/sitemap.xml")
"""Where WordPress since 5.5, its SEO plugins, and most others keep theirs."""
ADDRESSES_A_PAGE = 1000
MAX_SITEMAPS = 5000
MAX_DEPTH = 3
MOST_UNREAD = 5
"""So many sitemaps of an index in a row that the server does not hand out: it hands out none."""
_GONE = {404, 410}


@dataclass(slots=True, frozen=True)
class Sitemap(RouteSettings):
    """A sitemap or an index of sitemaps, by its path; without one, those that robots.txt names, else the usual ones."""

    name: ClassVar[str] = "sitemap"
    attribute: ClassVar[str] = "sitemaps"

    path: str = ""


class SitemapRoute(Route):
    """Reads the site's sitemaps: those that the scope or robots.txt names, else the usual ones."""

    settings = Sitemap
    counts_cheaply = True
    _files = _passed_over = 0

    async def pages(self, position: Note | None, changed_since: str | None) -> AsyncIterator[Page]:
        """See `Route.pages`. With `changed_since`, sitemaps and addresses that did not change are passed over."""
        done: list[str] = list(position["done"]) if position else []
        announced = position["announced"] if position else 0
        roots = await self._roots()
        waiting = [(root, 1) for root in reversed(roots)]
        seen = set(roots)
        unread: list[str] = []
        unread_in_a_row = 0
        while waiting:
            url, depth = waiting.pop()
            if self._short(url) in done:
                continue
            try:
                file = roots.pop(url) if url in roots else await self._read(url)
                entries = file.entries
                unread_in_a_row = 0
                if not file.is_whole:
                    unread.append(file.remarks[-1])
            except AnswerRefused as error:
                if error.status not in _GONE:
                    unread.append(str(error))
                    unread_in_a_row += 1
                    if unread_in_a_row == MOST_UNREAD:
                        raise
                    continue
                self.tell(Message("the index names {url}, which is not there ({why})", url=url, why=error))
                continue
            except NotASitemap as error:
                unread.append(str(error))
                continue
            self._files += 1
            children = [entry for entry in entries if entry.is_sitemap]
            wanted = [child for child in self._worth_reading(children, changed_since) if child.url not in seen]
            if wanted and (depth >= MAX_DEPTH or len(seen) + len(wanted) > MAX_SITEMAPS):
                raise RouteFailed(
                    N_("{url}: more than {max_sitemaps} sitemaps, or nested deeper than {max_depth}"),
                    url=url,
                    max_sitemaps=MAX_SITEMAPS,
                    max_depth=MAX_DEPTH,
                )
            seen.update(child.url for child in wanted)
            waiting.extend((child.url, depth + 1) for child in reversed(wanted))
            listed = list(self._listed([entry for entry in entries if not entry.is_sitemap], changed_since))
            # A file that was left in the middle is read, and counted, from its beginning.
            counted = announced
            for start in range(0, len(listed), ADDRESSES_A_PAGE):
                part = listed[start : start + ADDRESSES_A_PAGE]
                announced += len(part)
                yield Page(part, {"done": list(done), "announced": counted}, announced)
            if not children:
                done.append(self._short(url))
            yield Page([], {"done": list(done), "announced": announced}, announced)
        if unread:
            # The others are read; what stands in these, the next route has to bring.
            more = f" and {len(unread) - 1} more" if len(unread) > 1 else ""
            raise RouteFailed(
                N_("a sitemap that the index names could not be read: {first}{more}"), first=unread[0], more=more
            )

    def whole_cost(self, known: int) -> int:
        """See `Route.whole_cost`: as many as there are files."""
        return self._files + self._passed_over

    def _short(self, url: str) -> str:
        """A sitemap's address as the position holds it: there may be thousands."""
        return url.removeprefix(self.scope.site_url)

    async def _roots(self) -> dict[str, SitemapFile]:
        """Where reading begins, with what stands there. Raises RouteFailed where the site has no sitemap."""
        paths = [one.path for one in self.scope.of(Sitemap) if one.path]
        named = [joined(f"{self.scope.site_url}/", path) for path in paths] or await self._in_robots()
        roots: dict[str, SitemapFile] = {}
        reasons = []
        for url in (*named, *(self.scope.site_url + path for path in WELL_KNOWN)):
            if roots and url not in named:
                break
            try:
                roots[url] = await self._read(url)
            except (AnswerRefused, NotASitemap) as error:
                reasons.append(str(error))
        if not roots:
            raise RouteFailed(N_("no sitemap ({list})"), list="; ".join(reasons))
        return roots

    async def _in_robots(self) -> list[str]:
        try:
            response = await self.get(f"{self.scope.site_url}/robots.txt")
        except AnswerRefused:
            return []
        named = sitemaps_in_robots(response.body, response.url)
        return [url for url in named if refusal(url, self.scope.site_url) is None]

    async def _read(self, url: str) -> SitemapFile:
        response = await self.get(url, download_maxsize=MAX_BYTES)
        file = read_sitemap(response.body, response.url)
        for remark in file.remarks:
            self.tell(remark)
        return file

    def _worth_reading(self, children: list[Entry], changed_since: str | None) -> Iterator[Entry]:
        """The sitemaps of an index that can hold articles that are wanted."""
        for child in sitemaps_of_articles(children, self.scope.post_types):
            reason = refusal(child.url, self.scope.site_url)
            if reason is not None:
                self.tell(Message("the index names {url}, {reason}; not read", url=shown(child.url), reason=reason))
            elif _before(child.changed, changed_since) or _before(child.changed, self._since):
                self._passed_over += 1
            else:
                yield child

    def _listed(self, entries: list[Entry], changed_since: str | None) -> Iterator[Found]:
        for entry in entries:
            if not self.has_article(entry.url) or _before(entry.changed, self._since):
                continue
            # A text that was written long ago and appears by timetable is new without being changed.
            if _before(entry.changed, changed_since) and (self.known is None or self.known(entry.url)):
                continue
            yield Found(entry.url, title=entry.title, published=entry.published, modified=entry.changed)

    @property
    def _since(self) -> str | None:
        """What changed before this day is not wanted: nothing is published after its last change."""
        since = self.scope.window.since
        return since.isoformat() if since else None


def _before(moment: str | None, other: str | None) -> bool:
    """Whether a moment lies on a day before another; days suffice, since offsets differ."""
    return bool(moment and other) and str(moment)[:10] < str(other)[:10]
