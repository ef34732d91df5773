"""`-a again=`: pages that are asked for once more, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.monitoring.outcome import Outcome
from aurora_crawl.storage.articles import newest_articles
from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.shards import shards_of

Crawl = Callable[..., Crawler]
CORRECTED = "<p>" + "O texto foi corrigido pela redação depois que a prefeitura respondeu às perguntas. " * 3 + "</p>"


def outcome(crawler: Crawler) -> Outcome:
    assert crawler.stats is not None
    return Outcome.of(crawler.stats.get_stats())


def texts(tmp_path: Path) -> dict[str, str]:
    paths = [path for _site, path in shards_of(tmp_path / "data" / "articles")]
    return {article.url.rstrip("/"): article.text for article in newest_articles(paths)}


@pytest.mark.parametrize("via", ["rest", "sitemap"])
def test_an_address_is_asked_for_once_more_and_nothing_else(via: str, crawl: Crawl, tmp_path: Path) -> None:
    site = Site.generated(12)
    with serve(site) as address:
        crawl(OfaroldovaleSpider, site_url=address, via=via)
        first, second = site.posts()[3], site.posts()[4]
        for post in (first, second):
            # The site says nothing of a change, as where a rule changed and not the page.
            site.edit(post.id, body=CORRECTED, modified=post.modified)
        asked = len(site.requests)
        again = outcome(crawl(OfaroldovaleSpider, site_url=address, via=via, again=site.link(first)))
    assert (again.edited, again.kept, again.unchanged) == (1, 0, 0)
    assert len(site.requests) - asked <= 4
    stored = texts(tmp_path)
    assert "corrigido" in stored[site.link(first).rstrip("/")]
    assert "corrigido" not in stored[site.link(second).rstrip("/")]
    assert len(stored) == 12


def test_everything_that_is_kept_is_asked_for_once_more(crawl: Crawl, tmp_path: Path) -> None:
    site = Site.generated(7)
    with serve(site) as address:
        crawl(OfaroldovaleSpider, site_url=address)
        site.add(Site.generated(1, seed=9).posts()[0].story)
        again = outcome(crawl(OfaroldovaleSpider, site_url=address, again="kept"))
        assert (again.unchanged, again.stored, again.reason) == (7, 0, "finished")
        limited = outcome(crawl(OfaroldovaleSpider, site_url=address, again="kept", limit=2))
        assert limited.unchanged == 2
    assert len(texts(tmp_path)) == 7


def test_a_reason_of_the_ledger_means_all_that_have_it(crawl: Crawl, tmp_path: Path) -> None:
    site = Site.generated(6)
    with serve(site) as address:
        broken = {site.link(post).removeprefix(address) for post in site.posts()[:2]}
        site.on_request = lambda path: Answer(b"", status=410) if path in broken else None
        assert outcome(crawl(OfaroldovaleSpider, site_url=address, via="sitemap")).dropped == {"gone": 2}
        site.on_request = None
        again = outcome(crawl(OfaroldovaleSpider, site_url=address, via="sitemap", again="gone"))
    assert again.kept == 2
    assert len(texts(tmp_path)) == 6


@pytest.mark.parametrize("again", ["no such reason", "https://ofaroldovale.example/nunca-visto/", "kept"])
def test_what_means_nothing_ends_the_crawl_in_a_line(
    again: str, crawl: Crawl, settings: Settings, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "data" / "ledger" / "ofaroldovale.sqlite")
    ledger.forget("a" * 16, "https://ofaroldovale.example/esquecido/")
    ledger.close()
    with caplog.at_level(logging.ERROR), serve(Site.generated(2)) as address:
        crawler = crawl(OfaroldovaleSpider, site_url=address, again=again)
    assert outcome(crawler).reason == "arguments"
    assert sum(f"-a again={again}" in record.getMessage() for record in caplog.records) == 1


def test_where_one_route_fails_in_the_middle_the_next_one_asks_for_the_rest(crawl: Crawl, tmp_path: Path) -> None:
    site = Site.generated(7)
    asked: list[str] = []

    def fails_in_the_middle(path: str) -> Answer | None:
        if "include=" not in path:
            return None
        asked.append(path)
        # Too heavy in one piece, then the first half as it is, then the interface is closed.
        return {1: Answer(b"", status=400), 2: None}.get(len(asked), Answer(b"", status=403))

    with serve(site) as address:
        crawl(OfaroldovaleSpider, site_url=address)
        for post in site.posts():
            site.edit(post.id, body=f"{CORRECTED}<p>{post.story.title}</p>", modified=post.modified)
        pages = {site.link(post).removeprefix(address) for post in site.posts()}
        before, site.on_request = len(site.requests), fails_in_the_middle
        crawler = crawl(OfaroldovaleSpider, site_url=address, again="kept")
        by_page = [path for path in site.requests[before:] if path in pages]
    assert len(asked) == 3
    again = outcome(crawler)
    # What a page reads differently from the interface is no edit.
    assert (again.edited, again.unchanged, again.reason) == (3, 4, "finished")
    # What the first route had brought was not asked for a second time.
    assert sorted(by_page) == sorted(set(by_page))
    assert len(by_page) == 4
    assert len(texts(tmp_path)) == 7
