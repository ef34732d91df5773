"""What every route has in common: where it begins, what it yields, how it fails."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from aurora_crawl.items import Article

Fetch = Callable[[Request], Awaitable[Response]]
"""Brings the response to a request, of whatever status; raises FetchFailed when there is none."""


class RouteFailed(Exception):  # noqa: N818 - it names what happened to the route
    """A route cannot go on; the message says why, in words for the site's operator."""


class FetchFailed(RouteFailed):
    """No response came; `less_may_help` where a smaller one might (it took too long, or was too large)."""

    def __init__(self, reason: str, *, less_may_help: bool = False) -> None:
        super().__init__(reason)
        self.less_may_help = less_may_help


@dataclass(slots=True, frozen=True)
class Window:
    """The days of publication that are asked for, both included; null is open."""

    since: date | None = None
    until: date | None = None

    def __contains__(self, published: str | None) -> bool:
        """Whether a moment in ISO 8601 lies in the window. An unknown one does: what is unknown is not left out."""
        if not published:
            return True
        since, until = self.since and self.since.isoformat(), self.until and self.until.isoformat()
        # A bare year or month is compared as far as it is known.
        day = published[:10]
        return not (since and day < since[: len(day)]) and not (until and day > until[: len(day)])

    def __str__(self) -> str:
        """The window as part of a listing's name in the ledger."""
        return f"{self.since or ''}..{self.until or ''}"


@dataclass(slots=True, frozen=True)
class Found:
    """An address that a route reports, with what it knows of it: whole articles where it can.

    `key` is the route's own name for it, by which it can be asked for again.
    """

    url: str
    key: str | None = None
    title: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: list[str] = field(default_factory=list)
    section: str | None = None
    article: Article | None = None


@dataclass(slots=True, frozen=True)
class Page:
    """One step of a route: what it found, and its own note of where to go on after it.

    `expected` is how many addresses the route announces in all, null where it cannot tell.
    """

    found: list[Found]
    position: dict[str, Any]
    expected: int | None = None


@dataclass(slots=True, frozen=True)
class Scope:
    """What a route is asked for: the site and the part of it that is wanted."""

    site: str
    site_url: str
    window: Window = field(default_factory=Window)
    license: str | None = None
    post_types: tuple[str, ...] = ("posts",)

    def __str__(self) -> str:
        """The scope's name in the ledger: a listing that was read for another one says nothing about this."""
        return f"{self.site_url} {','.join(self.post_types)} {self.window}"


class Route(ABC):
    """A way to find a site's articles.

    `fetch` brings responses; `tell` takes one line for people (a page that had to be asked for in smaller pieces, a post
    that could not be had).
    """

    name: ClassVar[str]

    def __init__(self, scope: Scope, fetch: Fetch, tell: Callable[[str], None]) -> None:
        self.scope = scope
        self.fetch = fetch
        self.tell = tell

    @abstractmethod
    def pages(self, position: dict[str, Any] | None, changed_since: str | None) -> AsyncIterator[Page]:
        """The site's articles, page by page, from `position` on (null: from the beginning).

        With `changed_since` (UTC, ISO 8601) only what is new or edited since then, as far as the site can tell.
        Raises RouteFailed.
        """

    async def again(self, keys: list[str]) -> AsyncIterator[Page]:
        """Articles that were found earlier, by their keys, for routes that bring whole articles."""
        raise NotImplementedError(f"{self.name} names no keys")
        yield
