"""What a site answered to a look: each address once, within a budget of requests, failures in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from scrapy import Request
from scrapy.http import Response, TextResponse

from aurora_crawl.addresses import refusal
from aurora_crawl.routes.route import Fetch, FetchFailed

FORBIDDEN = "forbidden"
WALL = "wall"
UNREACHABLE = "unreachable"
SPENT = "spent"

Says = Callable[[str], list[str]]
"""What the host of an address says against machine learning for it: in robots.txt, tdmrep.json, its interface's headers."""


@dataclass(slots=True, frozen=True)
class Got:
    """An answer, or why there is none.

    `url` is where it came from, after redirects. `failure` is empty where an answer came; `kind` then too, else FORBIDDEN (by
    robots.txt), WALL (a bot wall), SPENT (the look may ask no more) or UNREACHABLE. `text` is empty where the answer is none.
    """

    url: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    text: str = ""
    failure: str = ""
    kind: str = ""
    response: Response | None = None

    @property
    def is_there(self) -> bool:
        """Whether the address brought what it names."""
        return self.status == 200

    @property
    def why_not(self) -> str:
        """Why it is not there, in words."""
        return self.failure or f"HTTP {self.status}"


class Asking:
    """Asks a site through `fetch`, at most `most` requests in all; an address that was asked for is not asked for again.

    `spent` counts what really went out, which `fetch` may know better: robots.txt and redirects count too.
    """

    def __init__(self, fetch: Fetch, most: int, says: Says, sent: Callable[[], int] | None = None) -> None:
        self._fetch, self._most, self._sent = fetch, most, sent
        self.says = says
        self._own = 0
        self._got: dict[str, Got] = {}

    @property
    def spent(self) -> int:
        """Requests that went out."""
        return self._sent() if self._sent is not None else self._own

    @property
    def left(self) -> int:
        """Requests that may still go out."""
        return max(0, self._most - self.spent)

    async def get(self, url: str) -> Got:
        """The answer at an address; asked for once."""
        if url not in self._got:
            self._got[url] = await self._asked(url)
        return self._got[url]

    def known(self, url: str) -> Got | None:
        """The answer at an address that was asked for."""
        return self._got.get(url)

    async def _asked(self, url: str) -> Got:
        if (reason := refusal(url)) is not None:
            return Got(url, failure=reason, kind=UNREACHABLE)
        if not self.left:
            return Got(url, failure=f"the {self._most} requests of a look are spent", kind=SPENT)
        self._own += 1
        try:
            response = await self._fetch(Request(url, dont_filter=True, meta={"max_retry_times": 0}))
        except FetchFailed as error:
            return Got(url, failure=str(error), kind=_kind_of(error))
        return got(response)


def got(response: Response) -> Got:
    """A response as an answer."""
    headers = {
        name.decode("latin-1").lower(): b", ".join(response.headers.getlist(name)).decode("latin-1")
        for name in response.headers
    }
    text = response.text if isinstance(response, TextResponse) else ""
    return Got(response.url, response.status, headers, response.body, text, response=response)


def _kind_of(error: FetchFailed) -> str:
    reason = str(error)
    if str(error.__cause__) == "Forbidden by robots.txt" or " forbids " in reason:
        return FORBIDDEN
    if "bot wall" in reason:
        return WALL
    return SPENT if "requests of a look" in reason else UNREACHABLE
