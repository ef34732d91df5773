"""What every route has in common: where it begins, what it yields, how it fails."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings

from aurora_crawl.addresses import ANOTHER_SITE, Rewrites, is_front_page, is_permalink, path_of, refusal, shown
from aurora_crawl.budget import OverBudget, within_budget
from aurora_crawl.errors import AuroraError
from aurora_crawl.items import Article
from aurora_crawl.messages import N_, Message
from aurora_crawl.storage.archive import Capture

_NOT_PAGES = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|avif|pdf|epub|docx?|xlsx?|pptx?|odt|zip|rar|gz|mp[34]|m4a|ogg|wav|webm|mov|xml|json|css|js|ico)$"
    r"|/wp-(?:content|admin|json|login)|/feed/?$",
    re.IGNORECASE,
)
"""Paths of files and of a site's machinery."""

Fetch = Callable[[Request], Awaitable[Response]]
"""Brings the response to a request, of whatever status; raises FetchFailed when there is none."""


Known = Callable[[str], bool]
"""Whether an address is known from earlier crawls."""

KNOWN_PAGES = 2
"""So many pages without anything new are known ground: one may be of articles that stay on top."""


class RouteFailed(AuroraError):  # noqa: N818 - it names what happened to the route
    """A route cannot go on; the message says why, in words for the site's operator."""


class FetchFailed(RouteFailed):
    """No response came; `less_may_help` where a smaller one might (it took too long, or was too large)."""

    def __init__(self, reason: str, *, less_may_help: bool = False) -> None:
        super().__init__(reason)
        self.less_may_help = less_may_help


class FetchStopped(FetchFailed):
    """No response came, because a person stopped the crawl: it says nothing about the address."""


class AnswerRefused(RouteFailed):
    """The server answered with something else than the page that was asked for."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(N_("HTTP {status} at {url}"), status=status, url=url)
        self.status = status


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


Note = dict[str, Any]
"""A route's own note of where to go on; the ledger keeps it as JSON, and only the route knows what is in it."""
Load = Callable[[], Awaitable[list[Capture]]]
"""Brings the captures of an article out of an archive."""


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
    load: Load | None = None
    """Brings what an archive has of it, by the site's own rules to be read; nothing else is asked for it."""
    spare: Load | None = None
    """Brings a longer capture, worth asking for where the text of the others is short."""


@dataclass(slots=True, frozen=True)
class ArchivePlaces:
    """Where the archives are, the folder for what their indexes told, and the seconds between two questions to an index."""

    commoncrawl: str = ""
    commoncrawl_index: str = ""
    wayback: str = ""
    wayback_delay: float = 0.0
    folder: Path = Path()


class Told:
    """What archives tell of a site beside its articles: its files of rules, and addresses that led to others."""

    def __init__(self) -> None:
        self.rules: list[Capture] = []
        self.leads: dict[str, tuple[str, str]] = {}
        """By the id of the old address: the address, and the id of the new one."""


@dataclass(slots=True, frozen=True)
class Page:
    """One step of a route: what it found, and its own note of where to go on after it.

    `expected` is how many addresses the route announces in all, null where it cannot tell.
    """

    found: list[Found]
    position: Note
    expected: int | None = None


class RouteSettings:
    """What a route needs to know of a site: a value in `routes` of the site's class, checked when the class is made.

    Subclasses are frozen dataclasses whose fields have defaults where something is usual.
    """

    name: ClassVar[str]
    """The route's, by which it is asked for and counted."""
    attribute: ClassVar[str]
    """The short attribute of a site's class that stands for settings of this kind; empty for none."""

    @classmethod
    def usual(cls) -> tuple[Self, ...]:
        """The settings where a site names the route and no more; none where the route needs more."""
        return (cls(),)

    @classmethod
    def shortened(cls, value: Any) -> tuple[Self, ...]:
        """The settings that a short attribute stands for: one or several of what the first field takes, or of settings."""
        values = value if isinstance(value, tuple) else (value,)
        return tuple(cls(one) if isinstance(one, str) else one for one in values)  # type: ignore[call-arg]

    def faults(self) -> list[str]:
        """What is wrong with the settings, each fault in words."""
        return []

    def covers(self, url: str) -> bool:
        """Whether an address of the site is that of a page which only leads to articles."""
        return False

    def prepare(self, settings: BaseSettings) -> None:
        """Make the crawl's settings ready for the route."""


T = TypeVar("T")
S = TypeVar("S", bound=RouteSettings)


@dataclass(slots=True, frozen=True)
class Scope:
    """What a route is asked for: the site and the part of it that is wanted.

    `only`: how the paths of the wanted part begin. `articles`: a regular expression that the path of every article
    matches, where the site's addresses tell articles from other pages. `post_types`: what the site's system calls the kinds
    of content that are articles. `reads`: what the documents are (`html`, `pdf`, `works`). `settings`: those of the site's routes.
    """

    site: str
    site_url: str
    window: Window = field(default_factory=Window)
    license: str | None = None
    post_types: tuple[str, ...] = ("posts",)
    only: str = "/"
    articles: str = ""
    reads: tuple[str, ...] = ("html",)
    settings: tuple[RouteSettings, ...] = ()
    rewrites: Rewrites = ()
    archives: ArchivePlaces | None = None
    told: Told = field(default_factory=Told)

    def of(self, kind: type[S]) -> tuple[S, ...]:
        """The settings of one route: the site's, else the usual ones."""
        return tuple(one for one in self.settings if isinstance(one, kind)) or kind.usual()

    def is_listing(self, url: str) -> bool:
        """Whether an address is that of a page which only leads to articles."""
        return any(one.covers(url) for one in self.settings)

    def is_wanted(self, url: str) -> bool:
        """Whether an address lies in the wanted part of the site; a file may lie anywhere."""
        path = path_of(url) or "/"
        return path.startswith(self.only) or self._is_file(path)

    def has_article(self, url: str) -> bool:
        """Whether an address can be one of the articles that are wanted."""
        if refusal(url, self.site_url) is not None or is_front_page(url):
            return False
        path = path_of(url) or "/"
        return (
            self.is_wanted(url)
            and not self.is_listing(url)
            and (self._is_file(path) or not _NOT_PAGES.search(path))
            and (is_permalink(url) or bool(re.search(self.articles, path)))
        )

    def _is_file(self, path: str) -> bool:
        return "pdf" in self.reads and path.lower().endswith(".pdf")

    def __str__(self) -> str:
        """The scope's name in the ledger: a listing that was read for another one says nothing about this."""
        return f"{self.site_url} {','.join(self.post_types)} {self.window}"


class Route(ABC):
    """A way to find a site's articles.

    `fetch` brings responses; `tell` takes one line for people (a page that had to be asked for in smaller pieces, a post
    that could not be had). `known` says of an address whether earlier crawls know it; an update hands it in, so that a
    listing with the newest first is read only to known ground. `server_time`: what the server's clock said with its first answer. `refused` counts entries whose addresses may not be asked for.
    """

    settings: ClassVar[type[RouteSettings]]
    """What it needs to know of a site."""
    brings_articles: ClassVar[bool] = False
    """Whether what it finds are whole articles, rather than addresses of pages to be read."""

    is_archive: ClassVar[bool] = False
    """Whether it reads an archive of the web: the publisher is not asked for anything."""

    announces_at_once: ClassVar[bool] = False
    """Whether the first page tells how many articles there are in all."""
    counts_cheaply: ClassVar[bool] = False
    """Whether a few requests tell how many articles there are, rather than one for every ten of them."""

    def __init__(self, scope: Scope, fetch: Fetch, tell: Callable[[str], None], known: Known | None = None) -> None:
        self.scope = scope
        self.tell = tell
        self.known = known
        self.requests = 0
        self.server_time: datetime | None = None
        self.refused: Counter[str] = Counter()
        self._told: set[str] = set()
        self._fetch = fetch

    def has_article(self, url: str) -> bool:
        """Whether an address can be one of the articles that are wanted; one that may not be asked for is refused."""
        reason = refusal(url, self.scope.site_url)
        if reason is None:
            return self.scope.has_article(url)
        if reason != ANOTHER_SITE:
            # Links to other sites are what pages are made of.
            self.refuse(url, reason)
        return False

    def read(self, url: str, read: Callable[..., T], *given: Any) -> T:
        """What `read` makes of the answer of an address, in the time that a page may take. Raises RouteFailed beyond it."""
        try:
            with within_budget():
                return read(*given)
        except OverBudget as error:
            raise RouteFailed(N_("{url}: {why}"), url=url, why=error) from error

    def tells_pages_apart(self, url: str) -> bool:
        """Whether an address that a page lists shows that this is another page than those before: not so one that may not be asked
        for, nor one of a listing, which pages name by what they are asked for themselves.
        """
        own = any(one.covers(url) for one in self.scope.of(self.settings))
        return refusal(url, self.scope.site_url) is None and not own and not self.scope.is_listing(url)

    def refuse(self, url: str, reason: str) -> None:
        """Count an entry whose address may not be asked for in `refused`, by the reason, which is said once."""
        self.refused[reason] += 1
        if reason not in self._told:
            self._told.add(reason)
            self.tell(Message("{url}: {reason}; passed over", url=shown(url), reason=reason))

    @property
    def name(self) -> str:
        """By which it is asked for and counted."""
        return self.settings.name

    async def fetch(self, request: Request) -> Response:
        """The response to a request, of whatever status; counted in `requests`. Raises FetchFailed."""
        self.requests += 1
        response = await self._fetch(request)
        if self.server_time is None:
            self.server_time = _moment(response)
        return response

    async def get(self, url: str, **meta: Any) -> Response:
        """The response to a GET request. Raises AnswerRefused where its status is not 200."""
        response = await self.fetch(Request(url, meta=meta, dont_filter=True))
        if response.status != 200:
            raise AnswerRefused(url, response.status)
        return response

    @abstractmethod
    def pages(self, position: Note | None, changed_since: str | None) -> AsyncIterator[Page]:
        """The site's articles, page by page, from `position` on (null: from the beginning).

        With `changed_since` (UTC, ISO 8601) only what is new or edited since then, as far as the site can tell.
        Raises RouteFailed.
        """

    def all_known(self, found: list[Found]) -> bool:
        """Whether this is an update and everything on a page is known. To be asked before the page is yielded."""
        return self.known is not None and all(self.known(one.url) for one in found)

    def whole_cost(self, known: int) -> int:
        """How many requests reading the whole listing takes, when the site has `known` articles."""
        return 0

    async def again(self, keys: list[str]) -> AsyncIterator[Page]:
        """Articles that were found earlier, by their keys, for routes that bring whole articles."""
        raise NotImplementedError(f"{self.name} names no keys")
        yield


def _moment(response: Response) -> datetime | None:
    """When the server says that it answered; null where it does not say so."""
    try:
        moment = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
