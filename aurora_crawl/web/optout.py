"""What publishers say against machine learning: in robots.txt, headers, pages, and the TDM Reservation Protocol."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
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
from aurora_crawl.items import Article
from aurora_crawl.web.once import OncePerHost

AI_CRAWLERS = (
    "GPTBot",
    "CCBot",
    "Google-Extended",
    "ClaudeBot",
    "anthropic-ai",
    "Applebot-Extended",
    "meta-externalagent",
    "Bytespider",
    "Amazonbot",
    "cohere-ai",
    "cohere-training-data-crawler",
    "AI2Bot",
    "Diffbot",
    "omgili",
)
"""Robots that collect training data, by the names that their operators publish for robots.txt."""

_WORDS = ("noai", "noimageai")
_HEAD_BYTES = 200_000
_META = re.compile(r"<meta\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""(?<![a-z-])([a-z-]{1,40})\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE
)
_MOST_RULES_BYTES, _MOST_RULES = 1 << 20, 5000
"""Of a tdmrep.json, each held against every article's address."""
_FILE = "/.well-known/tdmrep.json"
_OWN = "aurora_own_request"


@dataclass(slots=True, frozen=True)
class Reservation:
    """What tdmrep.json says of the paths that `location` covers."""

    location: str
    is_reserved: bool


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
        await self._rules.of(parts.netloc, lambda: self._asked_for(f"{parts.scheme}://{parts.netloc}{_FILE}"))

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
        return _reservations(response) if response.status == 200 else []

    def process_response(self, request: Request, response: Response) -> Response:
        """Note what a host's API says in headers, which brings articles without their pages, and what a document's part says."""
        noted = request.meta.get(SIGNALS)
        if noted is not None:
            noted += [*self.of(response.url), *header_signals(response)]
            noted += meta_signals(response.text[:_HEAD_BYTES]) if isinstance(response, TextResponse) else []
        if "json" in (response.headers.get("Content-Type") or b"").decode("latin-1"):
            found = header_signals(response)
            if found:
                self._api[urlparse_cached(request).netloc] = found
        return response

    def of(self, url: str) -> list[str]:
        """What the host of an address says of it."""
        parts = urlsplit(url)
        found = [*self._api.get(parts.netloc, [])]
        robots = self._robots.get(parts.netloc)
        if robots is not None:
            found += [f"robots.txt: {name}" for name in AI_CRAWLERS if not robots.allowed(url, name)]
        fitting = [rule for rule in self._rules.known(parts.netloc) or [] if _fits(rule.location, parts.path or "/")]
        if fitting and max(fitting, key=lambda rule: len(rule.location)).is_reserved:
            found.append("tdmrep.json")
        return found


class StampOptOuts(BaseSpiderMiddleware):
    """Writes what was found into `opt_out` of each article; the pipeline decides what follows from it."""

    def get_processed_item(self, item: Any, response: Response | None) -> Any:
        """The article with what its host, and its page where it came as one, say."""
        if isinstance(item, Article):
            host = self.crawler.get_downloader_middleware(HostSignals)
            found = host.of(item.url) if host is not None else []
            if response is not None:
                found += header_signals(response)
                found += meta_signals(response.text[:_HEAD_BYTES]) if isinstance(response, TextResponse) else []
            item.opt_out = list(dict.fromkeys([*item.opt_out, *found]))
        return item


def header_signals(response: Response) -> list[str]:
    """The signals in a response's headers."""
    found = []
    for line in response.headers.getlist("X-Robots-Tag"):
        # A line may be meant for one robot: `GPTBot: noai`.
        words = {word.strip().lower() for word in re.split(r"[,:]", line.decode("latin-1"))}
        found += [f"X-Robots-Tag: {word}" for word in _WORDS if word in words]
    if (response.headers.get("tdm-reservation") or b"").strip() == b"1":
        found.append("tdm-reservation header")
    return found


def meta_signals(html: str) -> list[str]:
    """The signals in a page's meta elements."""
    found = []
    for tag in _META.findall(html):
        values = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag)}
        name, content = values.get("name", "").lower(), values.get("content", "").lower()
        if name == "tdm-reservation" and content.strip() == "1":
            found.append("tdm-reservation meta")
        elif content and (name == "robots" or name.endswith("bot") or name == "aurora-br"):
            words = {word.strip() for word in content.split(",")}
            found += [f"meta robots: {word}" for word in _WORDS if word in words]
    return found


def _reservations(response: Response) -> list[Reservation]:
    try:
        rows = json.loads(response.body[:_MOST_RULES_BYTES])
    except (ValueError, RecursionError):
        return []
    rows = rows[:_MOST_RULES] if isinstance(rows, list) else [rows]
    return [
        Reservation(row["location"], is_reserved=row.get("tdm-reservation") == 1)
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("location"), str)
    ]


def _fits(location: str, path: str) -> bool:
    """Whether a location of tdmrep.json covers a path: `*` is anything, `$` the end, as in robots.txt."""
    wanted, is_whole = location.removesuffix("$"), location.endswith("$")
    first, *others = wanted.split("*")
    if not path.startswith(first):
        return False
    # Each piece at its first place: no other choice leaves more room for the next.
    place = len(first)
    for piece in others:
        found = path.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return not is_whole or (path.endswith(others[-1]) if others else place == len(path))
