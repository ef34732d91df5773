"""A client that shows what the newspaper's server really sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import pytest

from aurora_crawl.demo.clutter import plant
from aurora_crawl.demo.newspaper import read_newspaper
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site


@dataclass
class Reply:
    """One answer as it came over the socket."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection to a site, kept open from request to request."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.connection = HTTPConnection(site.address.removeprefix("http://"), timeout=10)

    def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        path = path.removeprefix(self.site.address)
        self.connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        response = self.connection.getresponse()
        return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())

    def rest(self, path: str) -> Reply:
        return self.get("/wp-json/wp/v2/" + path)


@pytest.fixture
def client() -> Iterator[Client]:
    """The newspaper, served, with everything planted."""
    site = Site(plant(read_newspaper()))
    with serve(site):
        yield Client(site)


@pytest.fixture
def small() -> Iterator[Client]:
    """Twelve generated stories, served."""
    site = Site.generated(12, words=40)
    with serve(site):
        yield Client(site)
