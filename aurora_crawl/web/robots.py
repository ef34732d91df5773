"""robots.txt by RFC 9309: what cannot be asked is not allowed."""

from __future__ import annotations

import logging

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from aurora_crawl import stat_names as names
from aurora_crawl.web.refusal import Refused, refuse

logger = logging.getLogger(__name__)


class _Unreachable(RobotParser):
    """Stands for a robots.txt that could not be had: nothing is allowed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    @classmethod
    def from_crawler(cls, crawler: object, robotstxt_body: bytes) -> _Unreachable:
        """See RobotParser; never made by Scrapy."""
        raise NotImplementedError

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """Nothing is."""
        return False


class Robots(RobotsTxtMiddleware):
    """Scrapy's own, except where the server fails: Scrapy then fetches everything, this leaves the site alone.

    400 to 499 mean that there are no rules (RFC 9309, 2.3.1.3), except 429; 429, 500 to 599, and no answer at all, that nobody
    may fetch anything (2.3.1.4).
    """

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status == 429 or response.status >= 500:
            raise Refused(f"robots.txt of {netloc} answers HTTP {response.status}; the site is left alone")
        await super()._parse_robots(response if response.status == 200 else response.replace(body=b""), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        reason = _in_words(exc, netloc)
        waiting = self._parsers[netloc]
        self._parsers[netloc] = unreachable = _Unreachable(reason)
        self._stats.set_value(f"{names.LEFT_ALONE}{netloc}", reason)
        waiting.callback(unreachable)  # type: ignore[union-attr]

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raises Refused while the rules cannot be had, IgnoreRequest for what they forbid."""
        if isinstance(rp, _Unreachable):
            raise refuse(self.crawler, "robots.txt unreachable", rp.reason, of_host=True)
        super().process_request_2(rp, request)


def _in_words(error: Exception, host: str) -> str:
    match error:
        case Refused():
            return str(error)
        case CannotResolveHostError():
            return f"the name {host} does not resolve; check the address and the connection"
        case DownloadConnectionRefusedError():
            return f"{host} refuses connections; is the server running?"
        case IgnoreRequest():
            return f"robots.txt of {host} cannot be had ({error}); the site is left alone"
    return f"robots.txt of {host} cannot be had; the site is left alone"
