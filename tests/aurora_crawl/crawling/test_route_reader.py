"""A crawl of a route that brings whole articles, killed at chosen moments: nothing is lost, and one request is asked again."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from aurora_crawl.crawling.limit import Limit
from aurora_crawl.crawling.page_requests import ArticlePages
from aurora_crawl.crawling.route_reader import RouteReading
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


def crawl(
    data_dir: Path, site: Site, on_event: Callable[[str], None], limit: int | None = None, date: str | None = None
) -> None:
    """Read the site into a store; `on_event` is told of each request that has reached the server and each stored article."""

    async def fetch(request: Request) -> Response:
        path = request.url.removeprefix(ADDRESS)
        site.requests.append(path)
        on_event("request")
        found = answer(site, path)
        headers = dict(found.headers or {}) | ({"Date": date} if date else {})
        return Response(request.url, found.status, headers, found.body)

    spider = OfaroldovaleSpider.from_crawler(
        get_crawler(OfaroldovaleSpider, {"DATA_DIR": str(data_dir)}), site_url=ADDRESS
    )
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


def completed(data_dir: Path) -> str | None:
    """When the last whole reading of the site's REST API had begun, as the ledger has it."""
    with closing(sqlite3.connect(data_dir / "ledger" / "ofaroldovale.sqlite")) as db:
        row = db.execute("SELECT completed_at FROM listing").fetchone()
    return str(row[0]) if row else None


def test_a_reading_by_a_clock_that_stood_ahead_is_begun_by_the_servers(tmp_path: Path) -> None:
    crawl(tmp_path, Site.generated(3), lambda what: None, date="Tue, 04 Mar 2025 08:00:00 GMT")
    assert completed(tmp_path) == "2025-03-04T08:00:00Z"


@pytest.mark.parametrize("date", ["Tue, 04 Mar 9999 08:00:00 GMT", "no date", "Tue, 99 Mar 2025 99:00:00 GMT", "\x00"])
def test_a_servers_clock_ahead_or_without_sense_changes_nothing(tmp_path: Path, date: str) -> None:
    before = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    crawl(tmp_path, Site.generated(3), lambda what: None, date=date)
    assert before <= str(completed(tmp_path)) <= datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_what_was_edited_while_a_clock_stood_ahead_is_fetched(tmp_path: Path) -> None:
    site = Site.generated(3)
    crawl(tmp_path, site, lambda what: None)
    with closing(sqlite3.connect(tmp_path / "ledger" / "ofaroldovale.sqlite")) as db, db:
        db.execute("UPDATE listing SET completed_at = '2199-01-01T00:00:00Z'")
    site.edit(site.posts()[0].id, body="<p>O texto foi corrigido pela redação depois da resposta da prefeitura.</p>")
    events: list[str] = []
    crawl(tmp_path, site, events.append)
    assert events.count("article") == 1
    assert str(completed(tmp_path)) < "2199"
