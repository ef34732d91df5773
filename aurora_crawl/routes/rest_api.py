"""Requests to WordPress' REST API and what its answers mean: posts, a refusal, or a page that is too heavy."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from aurora_crawl.routes.route import FetchFailed, RouteFailed

PAGE_SIZES = (100, 50, 20, 10, 5, 1)
"""Posts to a request: WordPress' maximum first, less when a server caps it or fails on heavy pages."""
_LOCKED = {401, 403, 404, 410, 451}
_FIELDS = (
    "id,link,type,date,date_gmt,modified,modified_gmt,title,content,author,categories,tags,"
    "_links.author,_links.wp:term,_embedded,yoast_head_json.author"
)
_TERMS = {"categories": "category", "tags": "post_tag"}

Row = dict[str, Any]
"""A post, an author or a term, as the API tells it."""


class TooHeavy(Exception):  # noqa: N818 - a condition, not an error: the route asks for less
    """The server could not bring a page of this size; `capped` where it never brings so many."""

    def __init__(self, reason: str, *, capped: bool = False) -> None:
        super().__init__(reason)
        self.capped = capped


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

    def shrink(self, *, capped: bool) -> bool:
        """Take the next smaller size; False when there is none."""
        self._good = 0
        if self._step + 1 == len(PAGE_SIZES):
            return False
        self._step += 1
        if capped:
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
        self._plain = False
        self._answered = False
        self._names: dict[tuple[str, int], str] = {}
        self._refused: set[str] = set()

    async def posts(self, type_: str, query: Row) -> tuple[list[Row], int | None]:
        """Posts and their total. Raises TooHeavy where a smaller page might do, else RouteFailed."""
        query = query | {"_embed": "author,wp:term", "_fields": _FIELDS}
        try:
            rows, total = await self._rows(type_, query)
        except NoSuchType:
            raise
        except RouteFailed as error:
            if self._answered or self._plain or isinstance(error, FetchFailed):
                raise
            self._plain = True
            try:
                rows, total = await self._rows(type_, query)
            except (RouteFailed, TooHeavy):
                self._plain = False
                raise error from None
            self._tell("the REST API answers at /?rest_route= only")
        self._answered = True
        await self._embed([row for row in rows if "_embedded" not in row])
        return rows, total

    async def _rows(self, path: str, query: Row) -> tuple[list[Row], int | None]:
        url = self._address(path, query)
        try:
            response = await self._fetch(Request(url, meta={"max_retry_times": 1}))
        except FetchFailed as error:
            if error.less_may_help:
                raise TooHeavy(str(error)) from error
            raise
        if response.status == 200:
            rows = _json(response)
            if isinstance(rows, list) and all(isinstance(row, dict) and isinstance(row.get("id"), int) for row in rows):
                return rows, _total(response)
            if isinstance(rows, dict) or response.body.lstrip()[:1] not in (b"[", b"{"):
                raise RouteFailed(f"{self._address(path, {})} answers with something that is not a list of {path}")
            raise TooHeavy(f"the answer of {len(response.body)} bytes is not whole")
        code = _error_code(response)
        reason = f"HTTP {response.status}{f', {code}' if code else ''}"
        if code == "rest_no_route":
            raise NoSuchType(f"the REST API of {self.site_url} has no {path} ({reason})")
        if response.status in _LOCKED:
            raise RouteFailed(f"the REST API of {self.site_url} is locked or absent ({reason})")
        if response.status >= 500 or (response.status == 400 and query["per_page"] > 1):
            raise TooHeavy(reason, capped=response.status == 400)
        raise RouteFailed(f"the REST API of {self.site_url} refuses the request ({reason})")

    def _address(self, path: str, query: Row) -> str:
        if self._plain:
            return f"{self.site_url}/?{urlencode({'rest_route': f'/wp/v2/{path}'} | query, safe=',:/')}"
        return f"{self.site_url}/wp-json/wp/v2/{path}{'?' if query else ''}{urlencode(query, safe=',:')}"

    async def _embed(self, rows: list[Row]) -> None:
        """Put names into posts that came without them, as `_embed` would have."""
        if not rows:
            return
        await self._look_up("users", {row.get("author") for row in rows})
        for kind in _TERMS:
            await self._look_up(kind, {number for row in rows for number in row.get(kind) or []})
        for row in rows:
            author = self._names.get(("users", row.get("author") or 0))
            row["_embedded"] = {
                "author": [{"name": author}] if author else [],
                "wp:term": [
                    [
                        {"taxonomy": taxonomy, "name": self._names[kind, number]}
                        for number in row.get(kind) or []
                        if (kind, number) in self._names
                    ]
                    for kind, taxonomy in _TERMS.items()
                ],
            }

    async def _look_up(self, kind: str, numbers: set[Any]) -> None:
        wanted = sorted(number for number in numbers if isinstance(number, int) and (kind, number) not in self._names)
        for start in range(0, len(wanted), PAGE_SIZES[0]):
            if kind in self._refused:
                return
            part = wanted[start : start + PAGE_SIZES[0]]
            query = {"include": ",".join(map(str, part)), "per_page": PAGE_SIZES[0], "_fields": "id,name"}
            try:
                rows, _ = await self._rows(kind, query)
            except (RouteFailed, TooHeavy) as error:
                self._refused.add(kind)
                self._tell(f"the names of {kind} cannot be had: {error}")
                return
            self._names.update({(kind, row["id"]): row["name"] for row in rows if isinstance(row.get("name"), str)})


def _json(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except ValueError:
        return None


def _total(response: Response) -> int | None:
    value = (response.headers.get("X-WP-Total") or b"").decode("ascii", "replace")
    return int(value) if value.isdigit() else None


def _error_code(response: Response) -> str:
    answer = _json(response)
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if isinstance(code, str) else ""
