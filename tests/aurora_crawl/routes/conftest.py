"""How the tests of routes read a server: over real HTTP, without the rest of a crawl."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.routes.route import FetchFailed, Found, Known, Route, RouteFailed, Scope


@dataclass
class Reading:
    """What a route found and told, where it stopped, and why it failed, if it did."""

    found: list[Found] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    position: dict[str, Any] | None = None
    expected: int | None = None
    failure: str = ""
    requests: int = 0

    @property
    def urls(self) -> list[str]:
        return [one.url for one in self.found]


async def _fetch(request: Request) -> Response:
    try:
        with urllib.request.urlopen(request.url, timeout=10) as got:  # noqa: S310
            return HtmlResponse(got.url, got.status, dict(got.headers), got.read(), encoding="utf-8")
    except urllib.error.HTTPError as error:
        return Response(request.url, error.code, dict(error.headers), error.read())
    except OSError as error:
        raise FetchFailed(str(error)) from error


def _read(
    route: type[Route],
    site: Site,
    *,
    position: dict[str, Any] | None = None,
    changed_since: str | None = None,
    known: Known | None = None,
    stop_after: int | None = None,
    **scope: Any,
) -> Reading:
    reading = Reading(position=position)

    async def walk(address: str) -> None:
        settings = route.settings.shortened(scope.pop(short)) if (short := route.settings.attribute) in scope else ()
        reader = route(Scope("exemplo", address, settings=settings, **scope), _fetch, reading.told.append, known)
        pages = 0
        try:
            async for page in reader.pages(position, changed_since):
                reading.found.extend(page.found)
                reading.position = json.loads(json.dumps(page.position))
                reading.expected = page.expected
                pages += 1
                if pages == stop_after:
                    break
        except RouteFailed as error:
            reading.failure = str(error)
        reading.requests = reader.requests

    with serve(site) as address:
        asyncio.run(walk(address))
    return reading


@pytest.fixture
def read() -> Callable[..., Reading]:
    """Reads a served site by a route, `read(Route, site, **scope)`; a short attribute stands for the route's settings."""
    return _read
