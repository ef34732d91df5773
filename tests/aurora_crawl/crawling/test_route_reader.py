"""A crawl of a route that brings whole articles, killed at chosen moments: nothing is lost, and one request is asked again."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from aurora_crawl.crawling.page_requests import ArticlePages
from aurora_crawl.crawling.route_reader import Limit, RouteReading
from aurora_crawl.demo.server import answer
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.items import Article
from aurora_crawl.routes.rest import RestRoute
from aurora_crawl.storage.store import SiteStore

ADDRESS = "http://farol.example"
POSTS = 120
"""Two requests: a hundred posts, and twenty after the anchor."""


class Killed(Exception):  # noqa: N818 - no error
    """The crawl got no further."""


def crawl(data_dir: Path, site: Site, on_event: Callable[[str], None], limit: int | None = None) -> None:
    """Read the site into a store; `on_event` is told of each request that has reached the server and each stored article."""

    async def fetch(request: Request) -> Response:
        path = request.url.removeprefix(ADDRESS)
        site.requests.append(path)
        on_event("request")
        found = answer(site, path)
        return Response(request.url, found.status, found.headers, found.body)

    spider = OfaroldovaleSpider.from_crawler(get_crawler(OfaroldovaleSpider), site_url=ADDRESS)
    store = SiteStore(data_dir, spider.name)
    context = replace(spider.context, store=store, fetch=fetch)

    async def read() -> None:
        route = RouteReading(
            context,
            store.ledger,
            lambda known: RestRoute(context.scope, fetch, lambda line: None, known),
            Limit(limit),
            ArticlePages(context, store.ledger, "aurora-br"),
        )
        async for out in route.read():
            assert isinstance(out, Article)
            store.keep(out)
            on_event("article")

    try:
        asyncio.run(read())
    finally:
        store.close()


def killed_crawl(data_dir: Path, left: Path, site: Site, event: str, number: int, limit: int | None = None) -> bool:
    """Crawl, and keep in `left` what lies on the disk at one moment; whether the moment came."""
    count = 0

    def on_event(what: str) -> None:
        nonlocal count
        count += what == event
        if what == event and count == number:
            shutil.copytree(data_dir, left)
            raise Killed

    try:
        crawl(data_dir, site, on_event, limit)
    except Killed:
        return True
    return False


def ids(data_dir: Path) -> list[str]:
    store = SiteStore(data_dir, "ofaroldovale")
    try:
        return [entry.id for entry in store.ledger.entries() if entry.state == "kept" and not entry.due]
    finally:
        store.close()


MOMENTS = [
    *(("request", number) for number in (1, 2)),
    *(("article", number) for number in (1, 99, 100, 101, 119, 120)),
]


@pytest.mark.parametrize(("event", "number"), MOMENTS)
def test_one_kill_costs_at_most_one_request(tmp_path: Path, event: str, number: int) -> None:
    site = Site.generated(POSTS)
    site.address = ADDRESS
    assert killed_crawl(tmp_path / "a", tmp_path / "b", site, event, number)
    crawl(tmp_path / "b", site, lambda what: None)
    assert len(ids(tmp_path / "b")) == POSTS
    assert len(site.requests) <= 2 + 1, site.requests


@pytest.mark.parametrize(("event", "number"), [("request", 1), ("request", 2), ("article", 1), ("article", 3)])
def test_one_kill_of_an_update_costs_at_most_one_request(tmp_path: Path, event: str, number: int) -> None:
    site = Site.generated(POSTS)
    site.address = ADDRESS
    crawl(tmp_path / "a", site, lambda what: None)
    for story in Site.generated(3, seed=5).posts():
        site.add(replace(story.story, published=datetime.now(UTC)))
    site.requests.clear()
    assert killed_crawl(tmp_path / "a", tmp_path / "b", site, event, number)
    crawl(tmp_path / "b", site, lambda what: None)
    assert len(ids(tmp_path / "b")) == POSTS + 3
    assert len(site.requests) <= 2 + 1, site.requests


def test_kills_one_after_the_other_cost_a_request_each(tmp_path: Path) -> None:
    site = Site.generated(POSTS)
    site.address = ADDRESS
    moments = [
        ("article", 30),
        ("request", 1),
        ("article", 40),
        ("article", 30),
        ("request", 2),
        ("article", 3),
        ("article", 17),
    ]
    for number, (event, count) in enumerate(moments):
        assert killed_crawl(tmp_path / f"{number}", tmp_path / f"{number + 1}", site, event, count), (event, count)
    crawl(tmp_path / f"{len(moments)}", site, lambda what: None)
    assert len(ids(tmp_path / f"{len(moments)}")) == POSTS
    assert len(site.requests) <= 2 + len(moments), site.requests


def test_after_a_limit_the_page_comes_again_and_what_came_since_is_found(tmp_path: Path) -> None:
    site = Site.generated(30)
    site.address = ADDRESS
    crawl(tmp_path, site, lambda what: None, limit=5)
    site.add(Site.generated(1, seed=5).posts()[0].story)
    crawl(tmp_path, site, lambda what: None, limit=10)
    assert len(ids(tmp_path)) == 15
    crawl(tmp_path, site, lambda what: None)
    assert len(ids(tmp_path)) == 31
    assert len(site.requests) == 3
