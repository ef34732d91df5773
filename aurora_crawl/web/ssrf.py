"""Refuses addresses that lead into private networks, whatever name they hide behind and wherever they come from."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.resolver import dnscache
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl.crawling.context import context_of
from aurora_crawl.web.refusal import refuse

_PORTS = {"http": 80, "https": 443}
_FOLLOWED = ("redirect_urls", "depth", "dont_obey_robotstxt", "aurora_own_request")
"""What Scrapy notes of a request that a server led to; the last two ask a host for its rules."""


class PrivateAddresses:
    """Resolves each host once and looks at the numbers; what was looked at is what is connected to.

    A server that a person named (with `-a site_url`, or as the address to be shown) may be private; its other ports may not.
    Behind a proxy the proxy resolves names, so that only numbers can be judged.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._judged: dict[str, str | None] = {}
        self._typed: set[tuple[str, int]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PrivateAddresses:
        """Made by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises Refused for a private address."""
        if self._is_typed(request):
            return
        parts = urlparse_cached(request)
        host = parts.hostname or ""
        if host not in self._judged:
            self._judged[host] = await _private_number(host, resolve="proxy" not in request.meta)
        number = self._judged[host]
        if number is not None:
            raise refuse(self.crawler, "private address", f"{parts.netloc} leads into a private network ({number})")

    def _is_typed(self, request: Request) -> bool:
        """Whether a request goes to a server that a person named."""
        context = context_of(self.crawler)
        if context is None or context.is_by_hand:
            # A shell, or somebody's own spider: what no server led to, a person asked for.
            if not any(request.meta.get(note) for note in _FOLLOWED):
                self._typed.add(_server(request))
        elif not self._typed:
            self._typed.update(_server(Request(url)) for url in context.typed)
        return _server(request) in self._typed


def _server(request: Request) -> tuple[str, int]:
    parts = urlparse_cached(request)
    return parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


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
