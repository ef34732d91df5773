"""`scrapy discover` as a person runs it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import processes
import pytest

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Answer, Site

ROOT = Path(__file__).resolve().parents[3]


def discover(*options: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*processes.SCRAPY, "discover", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0"]
    settings = ["-s", "SPIDER_MODULES=aurora_crawl.spiders,aurora_crawl.demo.spiders", "-s", "RETRY_TIMES=0"]
    return processes.run([*command, *settings, *options], cwd=ROOT)


def rows(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_addresses_are_printed_and_no_article_is_fetched() -> None:
    site = Site.generated(25)
    with serve(site) as address:
        done = discover("ofaroldovale", "-a", f"site_url={address}", "--via", "listing")
    assert done.returncode == 0, done.stderr
    assert sorted(row["url"] for row in rows(done)) == sorted(site.link(post) for post in site.posts())
    assert all(row["title"] and row["published"] and row["section"] for row in rows(done))
    assert not any(path.startswith("/20") for path in site.requests)


def test_the_first_route_that_works_is_used_and_the_locked_one_named() -> None:
    site = Site.generated(12)
    site.rest_locked = True
    with serve(site) as address:
        done = discover("ofaroldovale", "-a", f"site_url={address}", "--limit", "5")
    assert done.returncode == 0, done.stderr
    assert len(rows(done)) == 5
    assert "route rest" in done.stderr


def test_count_asks_the_cheap_routes_and_says_how_it_knows() -> None:
    site = Site.generated(120)
    with serve(site) as address:
        done = discover("ofaroldovale", "-a", f"site_url={address}", "--count")
    assert [(row["route"], row["announced"], row["how"]) for row in rows(done)] == [
        ("rest", 120, "announced"),
        ("sitemap", 120, "counted"),
    ]
    assert len(site.requests) <= 7
    assert "route rest: the site announces 120 articles (requests: 1)" in done.stderr
    assert "route sitemap: counted 120 articles" in done.stderr


def test_count_asks_every_route_on_demand_and_a_dear_one_where_no_cheap_one_answers() -> None:
    site = Site.generated(42)
    with serve(site) as address:
        every = discover("ofaroldovale", "-a", f"site_url={address}", "--count", "--every-route")
        site.rest_locked = True
        site.on_request = lambda path: Answer(b"", status=404) if "sitemap" in path else None
        dear = discover("ofaroldovale", "-a", f"site_url={address}", "--count")
    announced = {row["route"]: row["announced"] for row in rows(every)}
    assert announced == dict.fromkeys(("rest", "sitemap", "feed", "listing"), 42)
    assert [(row["route"], row["announced"]) for row in rows(dear)] == [("feed", 42)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("ofaroldoval",), "did you mean ofaroldovale?"),
        ((), "name one site"),
        (("mst", "--via", "telepathy"), "this site's routes are"),
        (("mst", "--limit", "many"), "not a number"),
        (("mst", "--every-route"), "goes with --count"),
        (("mst", "--archive", "/nowhere.warc.gz"), "/nowhere.warc.gz: No such file"),
    ],
)
def test_a_wrong_command_is_one_line_and_status_2(
    command: Callable[..., Any], tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    done = command(tmp_path, "discover", *options)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_site_that_cannot_be_reached_ends_with_1() -> None:
    done = discover("ofaroldovale", "-a", "site_url=http://127.0.0.1:9", "--via", "sitemap")
    assert done.returncode == 1
    assert done.stdout == ""
