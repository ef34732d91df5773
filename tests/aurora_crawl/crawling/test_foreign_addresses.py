"""Addresses that a server names and no crawl may open: each costs itself, and is noted with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.core.scheduler import Scheduler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from aurora_crawl.demo.server import answer as site_answer
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.storage.ledger import Entry, Ledger
from aurora_crawl.storage.shards import read_shard

NAME = OfaroldovaleSpider.name
SECRET = "Segredo guardado neste computador. " * 30


@dataclass
class Outcome:
    """What a crawl kept and noted, by path, and its counts."""

    kept: list[str] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    reason: str = ""


@pytest.fixture
def site() -> Site:
    site = Site.generated(4)
    site.rest_locked = True
    return site


@pytest.fixture
def served(site: Site) -> Iterator[str]:
    with serve(site) as address:
        yield address


@pytest.fixture
def outcome(crawl: Callable[..., Crawler], settings: Settings, served: str) -> Callable[..., Outcome]:
    """Crawls the served site by one route."""

    def run(via: str = "sitemap", **given: str) -> Outcome:
        crawler = crawl(OfaroldovaleSpider, site_url=served, via=via, **given)
        stats = crawler.stats.get_stats()
        assert not [key for key in stats if key.startswith("spider_exceptions")], stats
        data = Path(settings["DATA_DIR"])
        ledger = Ledger(data / "ledger" / f"{NAME}.sqlite")
        entries = {entry.url.removeprefix(served): entry for entry in ledger.entries()}
        ledger.close()
        kept = [row for path in data.glob(f"articles/{NAME}/*.jsonl.gz") for row in read_shard(path)]
        assert not [row for row in kept if SECRET[:20] in row["text"]]
        prefix = "aurora/refused/"
        refused = {key.removeprefix(prefix): value for key, value in stats.items() if key.startswith(prefix)}
        return Outcome(sorted(row["url"] for row in kept), entries, refused, stats["finish_reason"])

    return run


def urlset(site: Site, strangers: list[str]) -> Answer:
    own = [site.address + post.story.path for post in site.posts()]
    rows = "".join(f"<url><loc>{escape(url)}</loc></url>" for url in strangers + own)
    return Answer(f"<urlset>{rows}</urlset>".encode(), "application/xml")


def test_a_sitemaps_strange_addresses_cost_themselves(
    site: Site, served: str, outcome: Callable[..., Outcome], tmp_path: Path
) -> None:
    secret = tmp_path / "segredo.html"
    secret.write_text(f"<html><title>Segredo</title><article><h1>Segredo</h1><p>{SECRET}</p></article></html>")
    host = served.partition("//")[2]
    strangers = [
        f"file://{secret}",
        f"file://{host}{secret}",
        f"file://{host}{secret}?p=1",
        f"data:text/html,<p>{'x' * 50}",
        "http://[x",
        f"{served}/2021/{'a' * 3000}/",
        f"{served}/2021/{'é' * 600}/",
        f"http://ana:senha@{host}/x/",
        "http://127.0.0.1:99999999/x/",
        "http://localhost:1/x/",
    ]
    site.on_request = lambda path: urlset(site, strangers) if path.startswith("/wp-sitemap-posts-post") else None
    got = outcome()
    assert got.reason == "finished"
    assert len(got.kept) == 4
    assert got.refused == {
        "an address that is neither http nor https": 4,
        "no address": 2,
        "an address of more than 2083 letters": 2,
        "an address with a user name": 1,
    }


def test_what_an_old_ledger_holds_is_judged_too(
    site: Site, served: str, outcome: Callable[..., Outcome], settings: Settings
) -> None:
    data = Path(settings["DATA_DIR"]) / "ledger"
    ledger = Ledger(data / f"{NAME}.sqlite")
    for url in ("file:///etc/hostname", "http://[x", f"{served}/{'b' * 3000}"):
        ledger.find(OfaroldovaleSpider.__name__ + url, url, "sitemap")
    ledger.close()
    got = outcome()
    assert (got.reason, len(got.kept)) == ("finished", 4)


LOCATIONS = {
    "http://[x": "no address",
    "file:///etc/hostname": "neither http nor https",
    "http://ana@SITE/x": "a user name",
    "/" + "a" * 3000: "more than 2083 letters",
    "http://127.1/": "no address",
}


@pytest.mark.parametrize("location", LOCATIONS)
def test_a_redirect_to_no_address_is_a_reason_and_not_the_end(
    site: Site, served: str, outcome: Callable[..., Outcome], location: str
) -> None:
    path = site.posts()[0].story.path
    to = location.replace("SITE", served.partition("//")[2])
    site.on_request = lambda asked: Answer(b"", status=302, headers={"Location": to}) if asked == path else None
    got = outcome()
    assert (got.reason, len(got.kept)) == ("finished", 3)
    assert LOCATIONS[location] in (got.entries[path].reason or "")


def test_a_route_whose_page_redirects_to_no_address_fails_in_words(site: Site, outcome: Callable[..., Outcome]) -> None:
    site.on_request = lambda asked: (
        Answer(b"", status=302, headers={"Location": "http://[x"}) if asked.startswith("/page/") else None
    )
    assert outcome("listing").reason == "no_route"


@pytest.mark.parametrize("target", ["http://[x", "file:///etc/hostname", "javascript:x()"])
def test_a_page_that_refreshes_to_no_address_is_the_page(
    site: Site, outcome: Callable[..., Outcome], target: str
) -> None:
    path = site.posts()[0].story.path
    refresh = f'<meta http-equiv="refresh" content="0;url={target}">'.encode()

    def on_request(asked: str) -> Answer | None:
        if asked != path:
            return None
        site.on_request = None
        page = site_answer(site, path)
        site.on_request = on_request
        return Answer(page.body.replace(b"<head>", b"<head>" + refresh))

    site.on_request = on_request
    assert len(outcome().kept) == 4


def test_a_page_that_leads_to_another_site_is_not_followed(site: Site, outcome: Callable[..., Outcome]) -> None:
    path = site.posts()[0].story.path
    site.on_request = lambda one: (
        Answer(b"", status=301, headers={"Location": "http://93.184.215.14/x"}) if one == path else None
    )
    got = outcome()
    assert got.entries[path].reason == "led elsewhere"
    assert got.refused == {"another site": 1}
    assert not got.entries[path].due
    assert len(got.kept) == 3


def test_posts_whose_links_are_none_are_kept_under_their_numbers(
    site: Site, served: str, outcome: Callable[..., Outcome]
) -> None:
    site.rest_locked = False
    links = ["http://[casa/x", "file:///etc/hostname", "javascript:x()"]

    def on_request(path: str) -> Answer | None:
        if not path.startswith("/wp-json/wp/v2/posts"):
            return None
        site.on_request = None
        page = site_answer(site, path)
        site.on_request = on_request
        rows = json.loads(page.body)
        for row, link in zip(rows, links, strict=False):
            row["link"] = link
        return Answer(json.dumps(rows).encode(), page.content_type, page.status, page.headers)

    site.on_request = on_request
    got = outcome("rest")
    assert got.reason == "finished"
    assert len(got.kept) == 4
    assert sum("/?p=" in url for url in got.kept) == 3


class Swallows(BaseSpiderMiddleware):
    """Drops a request without a word, as Scrapy's own middlewares do with long addresses."""

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """None for an address that ends in `swallowed`."""
        return None if request.url.endswith("swallowed/") else request


class Full(Scheduler):
    """A scheduler that does not take an address that ends in `swallowed`."""

    def enqueue_request(self, request: Request) -> bool:
        """False for that address."""
        return not request.url.endswith("swallowed/") and super().enqueue_request(request)


@pytest.mark.parametrize("who", ["middleware", "scheduler"])
def test_a_request_that_scrapy_drops_is_noted_and_not_waited_for(
    site: Site, outcome: Callable[..., Outcome], settings: Settings, who: str
) -> None:
    if who == "middleware":
        settings.set("SPIDER_MIDDLEWARES", {Swallows: 50}, priority="cmdline")
    else:
        settings.set("SCHEDULER", Full, priority="cmdline")
    site.on_request = lambda path: (
        urlset(site, [f"{site.address}/2021/swallowed/"]) if path.startswith("/wp-sitemap-posts-post") else None
    )
    got = outcome()
    assert (got.reason, len(got.kept)) == ("finished", 4)
    entry = got.entries["/2021/swallowed/"]
    assert (entry.reason, entry.due) == ("dropped without an answer", True)
