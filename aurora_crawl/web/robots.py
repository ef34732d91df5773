"""robots.txt by RFC 9309: what cannot be asked is not allowed."""

from __future__ import annotations

import logging

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.signals import robots_parsed
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from aurora_crawl import stat_names as names
from aurora_crawl.extraction.optout import bounded_robots
from aurora_crawl.messages import Message
from aurora_crawl.web.once import OncePerHost
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

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: OncePerHost[RobotParser] = OncePerHost()

    async def robot_parser(self, request: Request) -> RobotParser:
        """The rules of a request's host, the same for everybody who waits for them; never None, which Scrapy takes for leave."""
        return await self._rules.of(urlparse_cached(request).netloc, lambda: self._asked_for(request))

    async def _asked_for(self, request: Request) -> RobotParser:
        parts = urlparse_cached(request)
        own = Request(
            f"{parts.scheme}://{parts.netloc}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        self._stats.inc_value("robotstxt/request_count")
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(own)
            if response.status == 429 or response.status >= 500:
                said = Message(
                    "robots.txt of {netloc} answers HTTP {status}; the site is left alone",
                    netloc=parts.netloc,
                    status=response.status,
                )
                raise Refused(said)
            return await self._read(response, request)
        except Exception as error:  # noqa: BLE001 - without the rules nothing is allowed, for whatever reason
            reason = _in_words(error, parts.netloc)
            self._stats.set_value(f"{names.LEFT_ALONE}{parts.netloc}", reason)
            return _Unreachable(reason)

    async def _read(self, response: Response, request: Request) -> RobotParser:
        self._stats.inc_value("robotstxt/response_count")
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        rules = build_from_crawler(
            self._parserimpl, self.crawler, bounded_robots(response.body) if 200 <= response.status < 300 else b""
        )
        await self.crawler.signals.send_catch_log_async(signal=robots_parsed, robotparser=rules, request=request)
        return rules

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raises Refused while the rules cannot be had, IgnoreRequest for what they forbid."""
        if isinstance(rp, _Unreachable):
            raise refuse(self.crawler, "robots.txt unreachable", rp.reason, of_host=True)
        super().process_request_2(rp, request)


def _in_words(error: Exception, host: str) -> str:
    match error:
        case Refused():
            return error.args[0] if error.args and isinstance(error.args[0], Message) else str(error)
        case CannotResolveHostError():
            return Message("the name {host} does not resolve; check the address and the connection", host=host)
        case DownloadConnectionRefusedError():
            return Message("{host} refuses connections; is the server running?", host=host)
        case IgnoreRequest():
            return Message("robots.txt of {host} cannot be had ({why}); the site is left alone", host=host, why=error)
    return Message("robots.txt of {host} cannot be had; the site is left alone", host=host)
