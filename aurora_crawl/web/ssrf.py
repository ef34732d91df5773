"""Refuses addresses that no crawl may open: of another form or site, or leading into private networks, whatever they hide behind."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.resolver import dnscache
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl.addresses import refusal, same_site, shown
from aurora_crawl.crawling.context import context_of
from aurora_crawl.web.refusal import refuse

_PORTS = {"http": 80, "https": 443}
_FOLLOWED = ("redirect_urls", "depth", "dont_obey_robotstxt", "aurora_own_request")
"""What Scrapy notes of a request that a server led to; the last two ask a host for its rules."""


class ForeignAddresses:
    """Looks at each address before anything is asked of its host, wherever it comes from: a route, a redirect, a refresh.

    Hosts are resolved once, and the numbers looked at; what was looked at is what is connected to.

    A server that a person named (with `-a site_url`, or as the address to be shown) may be private; its other ports may not.
    Behind a proxy the proxy resolves names, so that only numbers can be judged.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._judged: dict[str, str | None] = {}
        self._typed: set[tuple[str, int]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ForeignAddresses:
        """Made by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises Refused for an address that may not be opened."""
        context = context_of(self.crawler)
        if context is None or context.is_by_hand:
            # A shell, or somebody's own spider: what no server led to, a person asked for.
            if not any(request.meta.get(note) for note in _FOLLOWED):
                self._typed.add(_server(request))
                return
        elif not self._typed:
            self._typed.update(_server(Request(url)) for url in context.typed)
        reason = refusal(request.url)
        if reason is not None:
            raise refuse(self.crawler, reason, f"{shown(request.url)} is {reason}")
        if _server(request) in self._typed:
            return
        await self._look_at_number(request)
        if context is None or context.is_by_hand or request.meta.get("dont_obey_robotstxt"):
            # A site may keep its robots.txt elsewhere.
            return
        if not same_site(request.url, context.site_url):
            said = f"the address leads to another site, {urlparse_cached(request).netloc}"
            raise refuse(self.crawler, "another site", said, leads_elsewhere=True)

    async def _look_at_number(self, request: Request) -> None:
        parts = urlparse_cached(request)
        host = parts.hostname or ""
        if host not in self._judged:
            self._judged[host] = await _private_number(host, resolve="proxy" not in request.meta)
        number = self._judged[host]
        if number is not None:
            raise refuse(self.crawler, "private address", f"{parts.netloc} leads into a private network ({number})")


def _server(request: Request) -> tuple[str, int]:
    parts = urlparse_cached(request)
    try:
        return parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", 0


async def _private_number(host: str, *, resolve: bool) -> str | None:
    """The private number that a host stands for; null where all its numbers are public, or it has none."""
    try:
        numbers = [str(ipaddress.ip_address(host.strip("[]")))]
    except ValueError:
        if not resolve:
            return None
        try:
            rows = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return None
        numbers = [str(row[4][0]) for row in rows]
    for number in numbers:
        if not _is_public(number):
            return number
    if resolve and numbers:
        # A second look-up might be answered with another number (DNS rebinding): Scrapy connects to the first of these.
        dnscache[host] = next((number for number in numbers if ":" not in number), numbers[0])
    return None


def _is_public(number: str) -> bool:
    address = ipaddress.ip_address(number.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return (inner or address).is_global and not (inner or address).is_multicast
