"""What publishers say against machine learning: in robots.txt, headers, pages, and the TDM Reservation Protocol."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.context import SIGNALS
from aurora_crawl.extraction.optout import (
    HEAD_LETTERS,
    TDMREP,
    Reservation,
    header_signals,
    meta_signals,
    reservation_signals,
    reservations_in,
    robots_signals,
)
from aurora_crawl.items import Article
from aurora_crawl.web.once import OncePerHost

_OWN = "aurora_own_request"


class HostSignals:
    """What each host says for all of its pages: fetched once a crawl, before the first page."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._robots: dict[str, RobotParser] = {}
        self._rules: OncePerHost[list[Reservation]] = OncePerHost()
        self._api: dict[str, list[str]] = {}
        crawler.signals.connect(self.robots_parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostSignals:
        """Made by Scrapy."""
        return cls(crawler)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Remember the rules of a host."""
        self._robots[urlparse_cached(request).netloc] = robotparser

    async def process_request(self, request: Request) -> None:
        """Ask a host for its reservations before anything else is asked of it."""
        if request.meta.get("dont_obey_robotstxt") or _OWN in request.meta:
            return
        parts = urlparse_cached(request)
        await self._rules.of(parts.netloc, lambda: self._asked_for(f"{parts.scheme}://{parts.netloc}{TDMREP}"))

    async def _asked_for(self, url: str) -> list[Reservation]:
        own = Request(url, meta={_OWN: True, "dont_retry": True}, callback=NO_CALLBACK, dont_filter=True)
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(own)
        except (IgnoreRequest, OSError):
            return []
        except Exception as error:  # noqa: BLE001 - downloads fail in many ways, none of which matters here
            # Whatever keeps the file from coming keeps the pages from coming too, and is said there.
            self.crawler.stats.inc_value(f"{names.TDMREP_UNREAD}{type(error).__name__}")
            return []
        return reservations_in(response.body) if 200 <= response.status < 300 else []

    def process_response(self, request: Request, response: Response) -> Response:
        """Note what a host's API says in headers, which brings articles without their pages, and what a document's part says."""
        noted = request.meta.get(SIGNALS)
        if noted is not None:
            noted += [*self.of(response.url), *header_signals(header_pairs(response))]
            noted += meta_signals(response.text[:HEAD_LETTERS]) if isinstance(response, TextResponse) else []
        if "json" in (response.headers.get("Content-Type") or b"").decode("latin-1"):
            found = header_signals(header_pairs(response))
            if found:
                self._api[urlparse_cached(request).netloc] = found
        return response

    def of(self, url: str) -> list[str]:
        """What the host of an address says of it."""
        parts = urlsplit(url)
        found = [*self._api.get(parts.netloc, [])]
        robots = self._robots.get(parts.netloc)
        if robots is not None:
            found += robots_signals(robots.allowed, url)
        found += reservation_signals(self._rules.known(parts.netloc) or [], url)
        return found


class StampOptOuts(BaseSpiderMiddleware):
    """Writes what was found into `opt_out` of each article; the pipeline decides what follows from it."""

    def get_processed_item(self, item: Any, response: Response | None) -> Any:
        """The article with what its host, and its page where it came as one, say."""
        if isinstance(item, Article):
            host = self.crawler.get_downloader_middleware(HostSignals)
            found = host.of(item.url) if host is not None else []
            if response is not None:
                found += header_signals(header_pairs(response))
                found += meta_signals(response.text[:HEAD_LETTERS]) if isinstance(response, TextResponse) else []
            item.opt_out = list(dict.fromkeys([*item.opt_out, *found]))
        return item


def header_pairs(response: Response) -> list[tuple[str, str]]:
    """The headers of a response, a pair a line."""
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
