"""Requests to WordPress' REST API and what its answers mean: posts, a refusal, or a page that is too heavy."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from aurora_crawl.extraction.rest_answer import NotRows, Row, error_code, numbers, read_rows
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.route import FetchFailed, RouteFailed

Query = dict[str, Any]
"""Parameters of a request, by the API's names."""

PAGE_SIZES = (100, 50, 20, 10, 5, 1)
"""Posts to a request: WordPress' maximum first, less when a server caps it or fails on heavy pages."""
_ROUND = 5
_LOCKED = {401, 403, 404, 410, 451}
_FIELDS = (
    "id,link,type,date,date_gmt,modified,modified_gmt,title,content,author,categories,tags,"
    "_links.author,_links.wp:term,_embedded,yoast_head_json.author"
)
_TERMS = {"categories": "category", "tags": "post_tag"}
_PAST_THE_END = {"rest_post_invalid_page_number", "rest_invalid_page_number"}
_TOTAL = re.compile(rb"\d{1,9}")


@dataclass(slots=True, frozen=True)
class RestPage:
    """What an answer holds: rows, how many entries that are none, and the number of posts that the server announces."""

    rows: list[Row]
    unusable: int
    total: int | None

    @property
    def size(self) -> int:
        """How many entries the server sent."""
        return len(self.rows) + self.unusable

    def ends(self, asked_for: int, end: int) -> bool:
        """Whether nothing follows: `end` posts lie behind, `asked_for` were asked for.

        The number that the server announces is believed where pages before agree with it. On the first, some count the page
        alone: it is believed where the page has fewer posts than were asked for, and not a round number, as a bound would be.
        """
        if self.total != end:
            return False
        return end > self.size or (self.size < asked_for and self.size % _ROUND != 0)


class TooHeavy(Exception):  # noqa: N818 - a condition, not an error: the route asks for less
    """The server could not bring a page of this size; `capped` where it never brings so many, `is_silent` where it has never answered."""

    def __init__(self, reason: str, *, capped: bool = False, is_silent: bool = False) -> None:
        super().__init__(reason)
        self.capped = capped
        self.is_silent = is_silent


class NoSuchType(RouteFailed):
    """The API works and knows no posts of this type."""


class PageSize:
    """How many posts are asked for at a time: fewer where the server fails, more again when it went well for a while."""

    _GOOD_PAGES = 3

    def __init__(self) -> None:
        self._step = self._largest = self._good = 0

    @property
    def posts(self) -> int:
        """The present size."""
        return PAGE_SIZES[self._step]

    def shrink(self, error: TooHeavy) -> bool:
        """Take the next smaller size, of a server that has never answered the smallest at once; False when there is none."""
        self._good = 0
        if self._step + 1 == len(PAGE_SIZES):
            return False
        self._step = len(PAGE_SIZES) - 1 if error.is_silent else self._step + 1
        if error.capped:
            self._largest = self._step
        return True

    def grow(self) -> None:
        """A page came whole."""
        self._good += 1
        if self._good >= self._GOOD_PAGES and self._step > self._largest:
            self._step, self._good = self._step - 1, 0


class RestApi:
    """The API of one site, at `/wp-json/`, or at `/?rest_route=` where the site has no readable addresses.

    `fetch` brings responses, `tell` takes a line for people.
    """

    def __init__(
        self, site_url: str, fetch: Callable[[Request], Awaitable[Response]], tell: Callable[[str], None]
    ) -> None:
        self.site_url = site_url
        self._fetch = fetch
        self._tell = tell
        self._plain = self._tried_plain = False
        self._answered = False
        self._names: dict[tuple[str, int], str] = {}
        self._refused: set[str] = set()

    async def posts(self, type_: str, query: Query) -> RestPage:
        """A page of posts. Raises TooHeavy where a smaller page might do, else RouteFailed."""
        query = query | {"_embed": "author,wp:term", "_fields": _FIELDS}
        try:
            page = await self._rows(type_, query)
        except NoSuchType:
            raise
        except (RouteFailed, TooHeavy) as error:
            if self._answered or self._tried_plain or isinstance(error, FetchFailed):
                raise
            if isinstance(error, TooHeavy) and query["per_page"] > 1:
                raise
            self._plain = self._tried_plain = True
            try:
                page = await self._rows(type_, query)
            except (RouteFailed, TooHeavy):
                self._plain = False
                raise error from None
            self._tell(Message("the REST API answers at /?rest_route= only"))
        self._answered = True
        await self._embed([row for row in page.rows if not isinstance(row.get("_embedded"), dict)])
        return page

    async def _rows(self, path: str, query: Query) -> RestPage:
        url = self._address(path, query)
        try:
            response = await self._fetch(Request(url, meta={"max_retry_times": 1}))
        except FetchFailed as error:
            if error.less_may_help and (self._answered or query["per_page"] > 1):
                raise TooHeavy(str(error), is_silent=not self._answered) from error
            raise
        if response.status == 200:
            try:
                found = read_rows(response.body)
            except NotRows as error:
                # An interface that has answered before has not become something else: one post of the page breaks it.
                if error.is_cut or self._answered:
                    raise TooHeavy(
                        Message(
                            "the answer of {count} bytes cannot be read: {why}", count=len(response.body), why=error
                        )
                    ) from error
                said = Message(
                    "{url} answers with something that is not a list of {path}",
                    url=self._address(path, {}),
                    path=path,
                )
                raise RouteFailed(f"{said}: {error}") from error
            if found.unusable and not found.rows and not self._answered:
                raise RouteFailed(
                    N_("{url} answers with a list of something else than {path}"),
                    url=self._address(path, {}),
                    path=path,
                )
            return RestPage(found.rows, found.unusable, _total(response))
        code = error_code(response.body)
        reason = f"HTTP {response.status}{f', {code}' if code else ''}"
        if code == "rest_no_route":
            raise NoSuchType(
                N_("the REST API of {site_url} has no {path} ({reason})"),
                site_url=self.site_url,
                path=path,
                reason=reason,
            )
        if code in _PAST_THE_END:
            return RestPage([], 0, None)
        if response.status in _LOCKED:
            raise RouteFailed(
                N_("the REST API of {site_url} is locked or absent ({reason})"), site_url=self.site_url, reason=reason
            )
        if response.status >= 500 or (response.status == 400 and query["per_page"] > 1):
            raise TooHeavy(reason, capped=response.status == 400)
        raise RouteFailed(
            N_("the REST API of {site_url} refuses the request ({reason})"), site_url=self.site_url, reason=reason
        )

    def _address(self, path: str, query: Query) -> str:
        if self._plain:
            return f"{self.site_url}/?{urlencode({'rest_route': f'/wp/v2/{path}'} | query, safe=',:/')}"
        return f"{self.site_url}/wp-json/wp/v2/{path}{'?' if query else ''}{urlencode(query, safe=',:')}"

    async def _embed(self, rows: list[Row]) -> None:
        """Put names into posts that came without them, as `_embed` would have."""
        if not rows:
            return
        await self._look_up("users", {number for row in rows for number in numbers(row.get("author"))})
        for kind in _TERMS:
            await self._look_up(kind, {number for row in rows for number in numbers(row.get(kind))})
        for row in rows:
            authors = [self._names.get(("users", number)) for number in numbers(row.get("author"))]
            row["_embedded"] = {
                "author": [{"name": author} for author in authors if author],
                "wp:term": [
                    [
                        {"taxonomy": taxonomy, "name": self._names[kind, number]}
                        for number in numbers(row.get(kind))
                        if (kind, number) in self._names
                    ]
                    for kind, taxonomy in _TERMS.items()
                ],
            }

    async def _look_up(self, kind: str, ids: set[int]) -> None:
        wanted = sorted(number for number in ids if (kind, number) not in self._names)
        for start in range(0, len(wanted), PAGE_SIZES[0]):
            if kind in self._refused:
                return
            part = wanted[start : start + PAGE_SIZES[0]]
            query = {"include": ",".join(map(str, part)), "per_page": PAGE_SIZES[0], "_fields": "id,name"}
            try:
                rows = (await self._rows(kind, query)).rows
            except (RouteFailed, TooHeavy) as error:
                self._refused.add(kind)
                self._tell(Message("the names of {kind} cannot be had: {why}", kind=kind, why=error))
                return
            self._names.update({(kind, row["id"]): row["name"] for row in rows if isinstance(row.get("name"), str)})


def _total(response: Response) -> int | None:
    """How many posts there are, as the server says; None where it says nothing that can be true."""
    value = (response.headers.get("X-WP-Total") or b"").strip()
    return int(value) if _TOTAL.fullmatch(value) else None
