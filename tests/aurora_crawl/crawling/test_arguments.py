"""What a crawl takes as arguments: from the command line, a scheduler, a script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from scrapy.crawler import Crawler

from aurora_crawl.crawling.arguments import ArgumentError, read_arguments
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.monitoring.outcome import Outcome
from aurora_crawl.platforms.folder import FolderSpider

ROUTES = ("rest", "sitemap")


@pytest.mark.parametrize("name", ["_job", "_version", "_portia_project"])
def test_what_a_scheduler_adds_is_passed_over(name: str, tmp_path: Path) -> None:
    assert read_arguments({"limit": "3", name: "a1b2"}, ROUTES).limit == 3
    assert FolderSpider("livros", path=str(tmp_path), **{name: "a1b2"}).limit is None


def test_a_script_gives_numbers_and_days_as_what_they_are(tmp_path: Path) -> None:
    given = {"limit": 2, "since": date(2023, 1, 31), "until": None, "via": "rest", "site_url": None}
    arguments = read_arguments(given, ROUTES)
    assert (arguments.limit, arguments.window.since, arguments.via) == (2, date(2023, 1, 31), "rest")
    books = FolderSpider("livros", path=tmp_path, limit=5, ocr=True)
    assert (books.limit, books.with_ocr) == (5, True)
    assert not FolderSpider("livros", path=tmp_path, ocr=False).with_ocr


@pytest.mark.parametrize("limit", [0, -1, 2.5, "", "²", "9" * 5000, True, [1]])
def test_what_is_no_number_of_articles_is_refused_in_a_line(limit: object) -> None:
    with pytest.raises(ArgumentError, match="not a number above 0"):
        read_arguments({"limit": limit}, ROUTES)


def test_a_crawl_that_a_script_starts_keeps_to_its_number(crawl: Callable[..., Crawler]) -> None:
    with serve(Site.generated(9)) as address:
        crawler = crawl(OfaroldovaleSpider, site_url=address, limit=2)
    assert crawler.stats is not None
    assert Outcome.of(crawler.stats.get_stats()).kept == 2


@pytest.mark.parametrize("given", [{"limit": -3}, {"limits": 2}, {"via": "telepathy"}, {"since": "yesterday"}])
def test_a_wrong_argument_of_a_script_ends_its_crawl_in_a_line(
    given: dict[str, object], crawl: Callable[..., Crawler], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    crawler = crawl(OfaroldovaleSpider, **given)
    assert crawler.stats is not None
    assert crawler.stats.get_value("finish_reason") == "arguments"
    said = [record.getMessage() for record in caplog.records if record.name.startswith("aurora_crawl")]
    assert len(said) == 1
    assert said[0].startswith(f"ofaroldovale: -a {next(iter(given))}=")
    assert not (tmp_path / "data").exists()
