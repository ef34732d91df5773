"""Crawls over article pages: what is kept, what is given up and why, what is asked for again."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path
from typing import Any

import processes
import pytest
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure

from aurora_crawl.crawling.context import site_context
from aurora_crawl.crawling.page_requests import MOST_IN_FLIGHT, ArticlePages
from aurora_crawl.demo.server import answer, serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.items import article_id
from aurora_crawl.routes.route import Found
from aurora_crawl.storage.ledger import Ledger, State
from aurora_crawl.storage.shards import read_shard

ROOT = Path(__file__).resolve().parents[3]
NAME = "ofaroldovale"


class Crawls:
    """Crawls of one served site into one folder, always at the same address."""

    def __init__(self, site: Site, data: Path) -> None:
        self.site = site
        self.data = data
        self.port = 0

    def command(self, address: str, *options: str) -> list[str]:
        command = [*processes.SCRAPY, "crawl", NAME, "-s", f"DATA_DIR={self.data}"]
        settings = {
            "SPIDER_MODULES": "aurora_crawl.demo.spiders",
            "DOWNLOAD_DELAY": "0",
            "AUTOTHROTTLE_ENABLED": "0",
            "RETRY_BACKOFF": "0.01",
            "RETRY_TIMES": "0",
        }
        given = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        return [*command, *given, "-a", f"site_url={address}", *options]

    def __call__(self, *options: str) -> subprocess.CompletedProcess[str]:
        with serve(self.site, self.port) as address:
            self.port = int(address.rpartition(":")[2])
            return processes.run(
                self.command(address, *options),
                cwd=ROOT,
            )

    @property
    def kept(self) -> list[dict[str, Any]]:
        return [row for path in sorted(self.data.glob(f"articles/{NAME}/*.jsonl.gz")) for row in read_shard(path)]

    def entry(self, path: str) -> Any:
        ledger = Ledger(self.data / "ledger" / f"{NAME}.sqlite")
        try:
            return ledger.get(article_id(f"http://127.0.0.1:{self.port}{path.rstrip('/')}"))
        finally:
            ledger.close()


@pytest.fixture
def crawls(tmp_path: Path) -> Crawls:
    """Crawls of thirty generated stories whose REST API is locked."""
    site = Site.generated(30)
    site.rest_locked = True
    return Crawls(site, tmp_path)


def titles(site: Site) -> list[str]:
    return sorted(post.story.title for post in site.posts())


@pytest.mark.parametrize("route", ["sitemap", "feed", "listing"])
def test_each_route_alone_brings_every_article_as_it_was_written(crawls: Crawls, route: str) -> None:
    done = crawls("-a", f"via={route}")
    assert done.returncode == 0, done.stderr
    kept = {row["title"]: row for row in crawls.kept}
    assert sorted(kept) == titles(crawls.site)
    for post in crawls.site.posts():
        row = kept[post.story.title]
        assert row["route"] == route
        assert row["authors"] == [post.story.byline]
        assert row["published"][:10] == post.story.published.date().isoformat()


def test_a_locked_route_is_left_for_the_next_one_with_its_reason(crawls: Crawls) -> None:
    done = crawls()
    assert done.returncode == 0, done.stderr
    assert "route rest: the REST API" in done.stderr
    assert "HTTP 401" in done.stderr
    assert len(crawls.kept) == 30


def test_a_forced_route_that_fails_ends_the_crawl_with_1(crawls: Crawls) -> None:
    done = crawls("-a", "via=rest")
    assert done.returncode == 1
    assert crawls.kept == []


def test_pages_that_are_gone_and_pages_that_fail_are_told_apart_and_the_latter_asked_for_again(crawls: Crawls) -> None:
    posts = crawls.site.posts()
    gone, broken = posts[3].story.path, posts[8].story.path
    answers = {gone: Answer(b"", status=410), broken: Answer(b"", status=503)}
    crawls.site.on_request = answers.get
    first = crawls("-a", "via=sitemap")
    assert first.returncode == 0, first.stderr
    assert "1 gone" in first.stderr
    assert "1 HTTP 503" in first.stderr
    assert (crawls.entry(gone).state, crawls.entry(gone).due) == (State.DROPPED, False)
    assert (crawls.entry(broken).state, crawls.entry(broken).due) == (State.FAILED, True)
    crawls.site.on_request = None
    crawls.site.requests.clear()
    second = crawls("-a", "via=sitemap")
    assert "taking up 1 article" in second.stderr
    assert len(crawls.kept) == 29
    assert gone not in crawls.site.requests


def test_a_second_crawl_fetches_no_page_again_and_says_what_it_saved(crawls: Crawls) -> None:
    crawls("-a", "via=listing")
    crawls.site.requests.clear()
    done = crawls("-a", "via=listing")
    assert not any(path.startswith("/20") for path in crawls.site.requests)
    assert "saved" in done.stderr
    assert len(crawls.kept) == 30


def test_an_edited_page_becomes_a_new_revision(crawls: Crawls) -> None:
    crawls("-a", "via=sitemap")
    post = crawls.site.posts()[5]
    crawls.site.edit(
        post.id, body="<p>" + "A ponte do ribeirão voltou a abrir depois de uma longa reforma. " * 20 + "</p>"
    )
    done = crawls("-a", "via=sitemap")
    assert done.returncode == 0, done.stderr
    rows = [row for row in crawls.kept if row["title"] == post.story.title]
    assert [row["revision"] for row in rows] == [0, 1]
    assert len(crawls.kept) == 31


def test_another_address_of_an_article_leads_to_the_one_it_declares(crawls: Crawls) -> None:
    post = crawls.site.posts()[0]
    other = "/outro-caminho/"

    def on_request(path: str) -> Answer | None:
        if path == other:
            crawls.site.on_request = None
            page = answer(crawls.site, post.story.path)
            crawls.site.on_request = on_request
            return page
        if path.startswith("/wp-sitemap-posts-post"):
            address = crawls.site.address
            urls = "".join(f"<url><loc>{address}{one}</loc></url>" for one in (other, post.story.path))
            return Answer(f"<urlset>{urls}</urlset>".encode(), "application/xml")
        return None

    crawls.site.on_request = on_request
    done = crawls("-a", "via=sitemap")
    assert done.returncode == 0, done.stderr
    assert [row["title"] for row in crawls.kept] == [post.story.title]
    assert crawls.entry(other).id == crawls.entry(post.story.path).id


def test_a_window_that_only_pages_can_tell_is_looked_at_again_for_another_window(crawls: Crawls) -> None:
    days = sorted(post.story.published.date() for post in crawls.site.posts())
    crawls("-a", "via=sitemap", "-a", f"until={days[9]}")
    first = len(crawls.kept)
    assert {row["published"][:10] <= days[9].isoformat() for row in crawls.kept} == {True}
    assert first == sum(day <= days[9] for day in days)
    crawls("-a", "via=sitemap")
    assert len(crawls.kept) == 30


def test_limit_is_kept_and_the_next_crawl_goes_on(crawls: Crawls) -> None:
    crawls("-a", "via=listing", "-a", "limit=7")
    assert len(crawls.kept) == 7
    crawls("-a", "via=listing")
    assert len(crawls.kept) == 30


def test_a_crawl_over_pages_that_is_killed_keeps_every_article_once(crawls: Crawls) -> None:
    crawls.site.delay = 0.05
    with serve(crawls.site) as address:
        crawls.port = int(address.rpartition(":")[2])
        for _ in range(2):
            running = processes.Popen(crawls.command(address, "-a", "via=listing"), cwd=ROOT, stderr=subprocess.DEVNULL)
            asked = len(crawls.site.requests)
            while running.poll() is None and len(crawls.site.requests) < asked + 14:
                time.sleep(0.02)
            running.kill()
            running.wait()
    crawls.site.delay = 0
    done = crawls("-a", "via=listing")
    assert done.returncode == 0, done.stderr
    assert sorted(row["title"] for row in crawls.kept) == titles(crawls.site)


def test_what_robots_txt_forbids_is_not_fetched(crawls: Crawls) -> None:
    post = crawls.site.posts()[2]
    robots = f"User-agent: *\nDisallow: {post.story.path}\nSitemap: SITE/wp-sitemap.xml\n"
    crawls.site.on_request = lambda path: (
        Answer(robots.replace("SITE", crawls.site.address).encode(), "text/plain") if path == "/robots.txt" else None
    )
    done = crawls("-a", "via=sitemap")
    assert post.story.path not in crawls.site.requests
    assert "1 robots.txt" in done.stderr
    assert len(crawls.kept) == 29


def test_no_more_pages_are_asked_for_at_a_time_than_there_is_room_for(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    crawler = get_crawler(OfaroldovaleSpider, {"DATA_DIR": str(tmp_path)})
    crawler.spider = OfaroldovaleSpider.from_crawler(crawler, site_url="https://x.example")
    context = site_context(crawler)

    async def ask() -> None:
        pages = ArticlePages(context, ledger, "aurora-br")
        asked = [pages.ask(Found(f"https://x.example/{n}/"), "sitemap") for n in range(MOST_IN_FLIGHT)]
        requests = [await anext(one) for one in asked]
        waiting = asyncio.ensure_future(anext(pages.ask(Found("https://x.example/mais/"), "sitemap")))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        failure = Failure(ValueError("nada"))
        failure.request = requests[0]  # type: ignore[attr-defined]
        assert requests[0].errback is not None
        requests[0].errback(failure)
        assert (await asyncio.wait_for(waiting, 1)).url == "https://x.example/mais/"

    asyncio.run(ask())
