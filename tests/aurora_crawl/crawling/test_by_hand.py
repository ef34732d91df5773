"""Scrapy's own commands in this project, which take a foreign spider, or a site's spider without its crawl."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.shell import Shell
from scrapy.utils.spider import DefaultSpider

from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.discovery import Discovery
from aurora_crawl.crawling.single_page import SinglePage
from aurora_crawl.crawling.site_spider import SiteSpider, reading_of, scope_of
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.items import Article

Crawl = Callable[..., Crawler]


@pytest.fixture
def site() -> Site:
    return Site.generated(3)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with serve(site) as served:
        yield served


def faults(crawler: Crawler) -> dict[str, Any]:
    """What went wrong in a crawl, by the engine's own counts."""
    stats = crawler.stats.get_stats()
    return {key: value for key, value in stats.items() if "exception" in key or key.startswith("log_count/ERROR")}


def fetching(cls: type[Spider], url: str, seen: list[Response]) -> type[Spider]:
    """The spider as `scrapy fetch` and `view` make it: with one request in the place of its own beginning."""

    class Fetching(cls):  # type: ignore[misc, valid-type]
        async def start(self) -> AsyncIterator[Request]:
            yield Request(url, callback=seen.append, dont_filter=True)

    Fetching.__module__ = cls.__module__
    return Fetching


@pytest.mark.parametrize("cls", [DefaultSpider, OfaroldovaleSpider])
def test_a_page_is_fetched_by_any_spider(crawl: Crawl, site: Site, address: str, cls: type[Spider]) -> None:
    seen: list[Response] = []
    crawler = crawl(fetching(cls, address + site.posts()[0].story.path, seen))
    assert faults(crawler) == {}
    assert [response.status for response in seen] == [200]


@pytest.mark.parametrize("cls", [DefaultSpider, OfaroldovaleSpider])
def test_the_shell_shows_a_page(
    reactor: Any, settings: Settings, site: Site, address: str, cls: type[Spider], capsys: pytest.CaptureFixture[str]
) -> None:
    async def begin() -> Crawler:
        crawler = Crawler(cls, settings)
        crawler._apply_settings()
        crawler.engine = crawler._create_engine()
        reactor.loop.create_task(crawler.engine.start_async(_start_request_processing=False))
        return crawler

    crawler = reactor.run(begin())
    shell = Shell(crawler, code="response.status, response.css('h1::text').get()")
    shell.start(url=address + site.posts()[0].story.path)
    reactor.run(crawler.engine.close_async())
    assert f"(200, '{site.posts()[0].story.title}')" in capsys.readouterr().out


def test_parse_gives_the_article_and_its_steps_store_nothing(
    crawl: Crawl, settings: Settings, site: Site, address: str
) -> None:
    items: list[Article] = []

    class Parsing(OfaroldovaleSpider):
        async def start(self) -> AsyncIterator[Request]:
            yield Request(address + site.posts()[0].story.path, callback=self.shown)

        def shown(self, response: Response) -> Iterator[Article]:
            for item in self.parse(response):
                items.append(item)
                yield item

        __module__ = OfaroldovaleSpider.__module__

    crawler = crawl(Parsing, site_url=address)
    assert faults(crawler) == {}
    assert [item.title for item in items] == [site.posts()[0].story.title]
    assert crawler.stats.get_value("item_scraped_count") == 1
    assert not list(Path(settings["DATA_DIR"]).glob("articles/*/*"))
    assert not list(Path(settings["DATA_DIR"]).glob("ledger/*"))


def test_somebodys_own_spider_runs_and_its_items_are_left_alone(crawl: Crawl, site: Site, address: str) -> None:
    items: list[Any] = []

    class Own(Spider):
        name = "own"
        start_urls = (address + "/",)

        def parse(self, response: Response) -> Iterator[Any]:
            items.append({"url": response.url})
            yield items[-1]
            yield response.follow(site.posts()[0].story.path, callback=self.parse_more)

        def parse_more(self, response: Response) -> Iterator[Any]:
            items.append({"url": response.url})
            yield items[-1]

    crawler = crawl(Own)
    assert faults(crawler) == {}
    assert crawler.stats.get_value("item_scraped_count") == 2 == len(items)


def test_somebodys_own_spider_is_led_into_no_private_network(crawl: Crawl, site: Site, address: str) -> None:
    inside: list[str] = []
    other = Site.generated(1)
    other.on_request = lambda path: inside.append(path)
    with serve(other) as private:
        site.on_request = lambda path: Answer(b"", status=302, headers={"Location": private}) if path == "/x" else None
        failures: list[Any] = []

        class Own(Spider):
            name = "own"

            async def start(self) -> AsyncIterator[Request]:
                yield Request(f"{address}/x", errback=failures.append)

        crawl(Own)
    assert inside == []
    assert "leads into a private network" in str(failures[0].value)


@pytest.mark.parametrize("archive", [False, True])
def test_discover_needs_no_store(
    crawl: Crawl, settings: Settings, site: Site, address: str, archive: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.set("ARCHIVE", archive, priority="cmdline")
    found: list[Any] = []
    crawler = crawl(
        Discovery,
        site=OfaroldovaleSpider,
        arguments=CrawlArguments(site_url=address),
        out=found.extend,
    )
    assert faults(crawler) == {}
    assert len(found) == 3
    assert not list(Path(settings["DATA_DIR"]).glob("warc/*"))


@pytest.mark.parametrize("archive", [False, True])
def test_extract_needs_no_store_and_takes_a_private_address_that_was_typed(
    crawl: Crawl, settings: Settings, site: Site, address: str, archive: bool
) -> None:
    settings.set("ARCHIVE", archive, priority="cmdline")
    done: list[Article] = []
    failed: list[str] = []
    arguments = CrawlArguments(site_url=address)
    crawler = crawl(
        SinglePage,
        scope=scope_of(OfaroldovaleSpider, arguments),
        reading=reading_of(OfaroldovaleSpider, arguments),
        source=None,
        url=address + site.posts()[0].story.path,
        done=done.append,
        failed=failed.append,
    )
    assert failed == []
    assert faults(crawler) == {}
    assert [article.title for article in done] == [site.posts()[0].story.title]
    assert not list(Path(settings["DATA_DIR"]).glob("warc/*"))


def test_a_crawl_counts_keeps_and_lets_go_of_its_store(crawl: Crawl, settings: Settings, address: str) -> None:
    crawler = crawl(OfaroldovaleSpider, site_url=address)
    assert issubclass(OfaroldovaleSpider, SiteSpider)
    assert faults(crawler) == {}
    assert crawler.stats.get_value("aurora/kept_in_all") == 3
    assert len(list(Path(settings["DATA_DIR"]).glob("articles/ofaroldovale/*.jsonl.gz"))) == 1
