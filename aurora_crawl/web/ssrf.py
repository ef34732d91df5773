"""Refuses addresses that lead into private networks, whatever name they hide behind and wherever they come from."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.resolver import dnscache
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl.running import running_site
from aurora_crawl.web.refusal import refuse

_PORTS = {"http": 80, "https": 443}


class PrivateAddresses:
    """Resolves each host once and looks at the numbers; what was looked at is what is connected to.

    The server that a person named with `-a site_url` may be private; its other ports may not. Behind a proxy the proxy
    resolves names, so that only numbers can be judged.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._judged: dict[str, str | None] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PrivateAddresses:
        """Made by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises Refused for a private address."""
        parts = urlparse_cached(request)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        if self._is_given(host, port):
            return
        if host not in self._judged:
            self._judged[host] = await _private_number(host, resolve="proxy" not in request.meta)
        number = self._judged[host]
        if number is not None:
            raise refuse(self.crawler, "private address", f"{parts.netloc} leads into a private network ({number})")

    def _is_given(self, host: str, port: int) -> bool:
        spider = running_site(self.crawler)
        arguments = getattr(spider, "arguments", None)
        if arguments is not None and not arguments.site_url:
            return False
        given = urlparse_cached(Request(spider.address))
        return (host, port) == (given.hostname, given.port or _PORTS.get(given.scheme, 0))


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
