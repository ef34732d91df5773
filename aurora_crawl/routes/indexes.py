"""The route through a library's indexes, by authors and by dates: every page that only leads on is read, every work is reported."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from scrapy.http import TextResponse

from aurora_crawl.addresses import path_of
from aurora_crawl.extraction.books.work_index import (
    WorkTemplate,
    folder_of,
    has_information,
    is_index,
    links_on,
)
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.route import AnswerRefused, Found, Page, Route, RouteFailed, RouteSettings

MOST_INDEXES = 5_000
"""Pages of indexes of one library; one with some hundred authors has about as many."""

_GONE = {404, 410}
_NUMBERED = re.compile(r"/cap[^/]*\d[^/]*\.html?$", re.IGNORECASE)
_FEWEST_CHAPTERS = 2
_YEAR_FOLDER = re.compile(r"/(?:1[4-9]|20)\d\d(?:/(?:0?[1-9]|1[0-2]))?/(?P<rest>[^/].*)$")
_CHAPTER = re.compile(
    r"(?:cap(?:[ií]tulo)?|c|parte?|livro|sec(?:[cç][aã]o)?|anexo|ap[eê]nd(?:ice)?|pref(?:[aá]cio)?|intro\w*|posf[aá]cio|notas?|pr[oó]logo"
    r"|ep[ií]logo|conc\w*)?[-_]?\d*[a-z]?$",
    re.IGNORECASE,
)
"""How chapters' files are called: cap01, 03, prefacio."""


@dataclass(slots=True, frozen=True)
class Indexes(RouteSettings):
    """The page from which all works are reached, by its path, and what a page of a work looks like."""

    name: ClassVar[str] = "indexes"
    attribute: ClassVar[str] = ""

    start: str = "/"
    template: WorkTemplate = field(default_factory=WorkTemplate)

    @classmethod
    def usual(cls) -> tuple[Self, ...]:
        """None: where a library begins is its own affair."""
        return ()

    def faults(self) -> list[str]:
        """See `RouteSettings.faults`."""
        return (
            []
            if self.start.startswith("/")
            else [Message("indexes: {start} is no path; it begins with /", start=repr(self.start))]
        )


class IndexesRoute(Route):
    """Reads the pages in the order in which they are linked, each once, those of the wanted part of the site alone.

    A work is known by its address where that tells it: a page below a year, or the first page of a folder below one, and a
    chapter's page stands for its folder. Elsewhere the page's information block tells a work from an index.
    """

    settings = Indexes

    async def pages(self, position: dict[str, Any] | None, changed_since: str | None) -> AsyncIterator[Page]:
        """See `Route.pages`. Indexes tell neither order nor change: they are always read whole."""
        settings = self.scope.of(Indexes)
        if not settings:
            raise RouteFailed(N_("the site declares no index"))
        for one in settings:
            async for page in self._from(one):
                yield page

    async def _from(self, settings: Indexes) -> AsyncIterator[Page]:
        start = await self._start(self.scope.site_url + settings.start)
        waiting, seen, reported, folders = deque([start]), {start}, set[str](), set[str]()
        read = 0
        while waiting:
            url = waiting.popleft()
            if folder_of(url) in folders:
                # A chapter: its work's first page tells of it.
                continue
            html = await self._read(url, must=url == start)
            if html is None:
                continue
            read += 1
            if read > MOST_INDEXES:
                raise RouteFailed(
                    N_("more than {most_indexes} pages lead on; the works may have other addresses now"),
                    most_indexes=MOST_INDEXES,
                )
            if url != start and self.read(url, _is_work, html, url, settings.template):
                works = [url]
                if is_index(url):
                    folders.add(folder_of(url))
            else:
                works = []
                for address in self.read(url, links_on, html, url):
                    if not self.has_article(address) or address in seen:
                        continue
                    seen.add(address)
                    if work := work_at(address):
                        works.append(work)
                    else:
                        waiting.append(address)
            fresh = [one for one in dict.fromkeys(works) if one not in reported]
            reported.update(fresh)
            yield Page([Found(one) for one in fresh], {})

    async def _start(self, url: str) -> str:
        """The address of the first index; the folder's where the server has it under that name alone. Raises RouteFailed."""
        folder = folder_of(url)
        if folder == url:
            return url
        try:
            await self.get(url)
        except AnswerRefused as error:
            if error.status not in _GONE:
                raise
            await self.get(folder)
            return folder
        return url

    async def _read(self, url: str, *, must: bool) -> str | None:
        """A page's text; null for one that is not there, or none. Raises RouteFailed where it must be there."""
        try:
            response = await self.get(url)
        except AnswerRefused as error:
            if must:
                raise
            self.tell(Message("{why}; passed over", why=error))
            return None
        if isinstance(response, TextResponse):
            return response.text
        if must:
            raise RouteFailed(N_("{url} is no page of text"), url=url)
        return None


def _is_work(html: str, url: str, template: WorkTemplate) -> bool:
    """Whether a page is a work's by what stands on it."""
    return has_information(html, template) or _is_of_chapters(html, url)


def _is_of_chapters(html: str, url: str) -> bool:
    """Whether a folder's first page leads to numbered chapters beside it."""
    chapters = [one for one in links_on(html, url) if folder_of(one) == folder_of(url) and _NUMBERED.search(one)]
    return is_index(url) and len(chapters) >= _FEWEST_CHAPTERS


def work_at(url: str) -> str | None:
    """The address of the work that an address tells by itself: one page, or the first page of a folder; null where it does not."""
    found = _YEAR_FOLDER.search(path_of(url))
    if found is None:
        return None
    folder, _, name = found["rest"].rpartition("/")
    if not folder:
        return None if is_index(url) else url
    if "/" not in folder and (is_index(url) or not _CHAPTER.fullmatch(name.rpartition(".")[0])):
        # The folder may be no work's, but a month's by its name: then its pages are works.
        return url
    return f"{url[: url.rindex(found['rest'])]}{folder.partition('/')[0]}/index.htm"
