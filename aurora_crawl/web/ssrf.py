"""Refuses addresses that no crawl may open: of another form or site, or leading into private networks, whatever they hide behind."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.resolver import dnscache
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl.addresses import refusal, same_site, shown
from aurora_crawl.crawling.context import context_of
from aurora_crawl.messages import Message
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
            raise refuse(self.crawler, reason, Message("{url} is {reason}", url=shown(request.url), reason=reason))
        if _server(request) in self._typed:
            return
        await self._look_at_number(request)
        if context is None or context.is_by_hand or request.meta.get("dont_obey_robotstxt"):
            # A site may keep its robots.txt elsewhere.
            return
        if not same_site(request.url, context.site_url):
            said = Message("the address leads to another site, {netloc}", netloc=urlparse_cached(request).netloc)
            raise refuse(self.crawler, "another site", said, leads_elsewhere=True)

    async def _look_at_number(self, request: Request) -> None:
        parts = urlparse_cached(request)
        host = parts.hostname or ""
        if host not in self._judged:
            self._judged[host] = await _private_number(host, resolve="proxy" not in request.meta)
        number = self._judged[host]
        if number is not None:
            way_out = Message(
                "a server of your own is named by -a site_url={address}",
                address=f"{parts.scheme}://{shown(parts.netloc)}",
            )
            said = Message(
                "{netloc} leads into a private network ({number}); {way_out}",
                netloc=shown(parts.netloc),
                number=number,
                way_out=way_out,
            )
            raise refuse(self.crawler, "private address", said)


def _server(request: Request) -> tuple[str, int]:
    parts = urlparse_cached(request)
    try:
        return parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", 0


async def _private_number(host: str, *, resolve: bool) -> str | None:
    """The private number that a host stands for; null where all its numbers are public, or a proxy resolves it.

    Raises CannotResolveHostError for a name that stands for none now: what it may stand for later is not known.
    """
    try:
        numbers = [str(ipaddress.ip_address(host.strip("[]")))]
    except ValueError:
        if not resolve:
            return None
        try:
            rows = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise CannotResolveHostError(host) from error
        numbers = [str(row[4][0]) for row in rows]
        if not numbers:
            raise CannotResolveHostError(host) from None
    for number in numbers:
        if not _is_public(number):
            return number
    if resolve:
        # A second look-up might be answered with another number (DNS rebinding): Scrapy connects to the first of these.
        dnscache[host] = next((number for number in numbers if ":" not in number), numbers[0])
    return None


_GLOBAL = ipaddress.IPv6Network("2000::/3")
"""All that is given out to hosts on the Internet (IANA); of the rest only numbers that stand for IPv4 ones lead there."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _is_public(number: str) -> bool:
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    inner = address.ipv4_mapped or address.sixtofour
    if address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return _is_public(str(inner))
    return address in _GLOBAL and address.is_global
