"""What the routes through web archives have in common: the index first, then the captures that count; the publisher is never asked."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from aurora_crawl.addresses import canonical_address
from aurora_crawl.items import article_id
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.capture_index import CaptureRow, Choice, IndexFile, choices, redirects, rule_files
from aurora_crawl.routes.route import (
    ArchivePlaces,
    FetchFailed,
    Found,
    Load,
    Note,
    Page,
    Route,
    RouteFailed,
    RouteSettings,
)
from aurora_crawl.storage.archive import Capture

ARTICLES_A_PAGE = 20
MOST_TRIES = 3
"""Times that a record is asked for whose bytes come garbled or cut."""
RATE_LIMITS = {403, 429}


@dataclass(slots=True, frozen=True)
class FromArchive(RouteSettings):
    """An archive of the web; every site has this way, named or not."""

    attribute: ClassVar[str] = ""


class ArchiveRoute(Route):
    """Reads a site's captures. Rules of robots.txt and tdmrep.json are heard first, and hold for all captures."""

    brings_articles = True
    is_archive = True
    announces_at_once = True

    @property
    def places(self) -> ArchivePlaces:
        """Where the archives are."""
        places = self.scope.archives
        if places is None:
            raise RouteFailed(N_("this look has no archives; crawl with -a via={route}"), route=self.name)
        return places

    @abstractmethod
    def index(self, known: IndexFile) -> AsyncIterator[None]:
        """Read what is new in the index into the file, part by part. Raises RouteFailed."""

    @abstractmethod
    async def record(self, row: CaptureRow) -> Capture | None:
        """The answer in a capture; None where the archive has it no more, or garbled. Raises RouteFailed."""

    async def pages(self, position: Note | None, changed_since: str | None) -> AsyncIterator[Page]:
        """See `Route.pages`. The captures of articles of which no text is known, page by page."""
        file = IndexFile(self.places.folder / f"{self.scope.site}-{self.name}.jsonl")
        async for _ in self.index(file):
            pass
        rows = list(file.rows())
        for row in rule_files(rows):
            capture = await self.record(row)
            if capture is not None:
                self.scope.told.rules.append(capture)
        every = choices(rows, self._id, self.scope.has_article)
        for old, new in redirects(rows):
            if self.scope.has_article(new) and self._id(old) != self._id(new):
                self.scope.told.leads[self._id(old)] = old, self._id(new)
        for choice in every:
            for twin in choice.twins:
                self.scope.told.leads[self._id(twin.url)] = twin.url, choice.id
        wanted = [one for one in every if self.known is None or not self.known(one.rows[0].url)]
        for start in range(0, len(wanted), ARTICLES_A_PAGE):
            part = wanted[start : start + ARTICLES_A_PAGE]
            yield Page([self._found(one) for one in part], {}, len(every))
        if not wanted:
            yield Page([], {}, len(every))

    async def again(self, keys: list[str]) -> AsyncIterator[Page]:
        """See `Route.again`."""
        for key in keys:
            rows = tuple(CaptureRow(**row) for row in json.loads(key))
            yield Page([self._found(Choice("", rows))], {})

    def _found(self, choice: Choice) -> Found:
        key = json.dumps([asdict(row) for row in choice.rows], separators=(",", ":"))
        spare = self._loading((choice.spare,)) if choice.spare is not None else None
        return Found(choice.rows[0].url, key=key, load=self._loading(choice.rows), spare=spare)

    def _loading(self, rows: tuple[CaptureRow, ...]) -> Load:
        async def load() -> list[Capture]:
            captures = [await self.record(row) for row in rows]
            return [one for one in captures if one is not None]

        return load

    def _id(self, url: str) -> str:
        return article_id(canonical_address(url, self.scope.site_url, self.scope.rewrites))

    async def ask(self, url: str, rest: float = 0.0, **headers: str) -> Response:
        """The answer of an archive, of whatever status but those that ask for rest. Raises RouteFailed.

        `rest`: seconds in which the archive is left alone before it is asked.
        """
        meta = {
            "aurora_archive": True,
            "aurora_rest": rest,
            "dont_obey_robotstxt": True,
            "dont_redirect": True,
            "handle_httpstatus_all": True,
        }
        response = await self.fetch(Request(url, headers=headers, meta=meta, dont_filter=True))
        if response.status in RATE_LIMITS or response.status >= 500:
            host = urlsplit(url).netloc
            said = N_(
                "{host} answers HTTP {status}, which asks for rest; what is read is kept, run the same command again later"
            )
            raise RouteFailed(said, host=host, status=response.status)
        return response

    async def ask_whole(self, url: str, first: int, length: int) -> bytes | None:
        """A range of a file; None where the archive does not have it, or hands out other bytes. Raises RouteFailed."""
        for attempt in range(MOST_TRIES):
            try:
                response = await self.ask(url, Range=f"bytes={first}-{first + length - 1}")
            except FetchFailed as error:
                if not error.less_may_help or attempt + 1 == MOST_TRIES:
                    raise
                continue
            if response.status in (404, 410, 416):
                return None
            if response.status == 206 and len(response.body) == length:
                return response.body
            if response.status == 200 and len(response.body) >= first + length:
                return response.body[first : first + length]
            self.tell(
                Message(
                    "{url}: {count} bytes with HTTP {status} instead of {length}; asked again",
                    url=url,
                    count=len(response.body),
                    status=response.status,
                    length=length,
                )
            )
        return None
