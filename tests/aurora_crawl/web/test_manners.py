"""What a server's owner wishes is kept: names, delays, and the signals against machine learning."""

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import processes
import pytest

from aurora_crawl.demo.server import answer
from aurora_crawl.storage.hosts import HostClock

ROOT = Path(__file__).resolve().parents[3]


def test_the_agent_names_itself_and_its_contact(server: Any, crawl: Any) -> None:
    crawl("-s", "CONTACT=https://exemplo.invalid/robo", "-a", "limit=2")
    heads = [head for _, _, head in server.asked]
    assert all("User-Agent: aurora-br/" in head and "+https://exemplo.invalid/robo)" in head for head in heads)


def test_crawl_delay_of_robots_txt_is_kept(server: Any, crawl: Any) -> None:
    rules = b"User-agent: *\nCrawl-delay: 0.7\n"
    server.lie = lambda asked: server.http(rules, kind="text/plain") if asked == "/robots.txt" else None
    crawl("-a", "limit=3")
    times = [when for when, path, _ in server.asked if path != "/robots.txt"]
    # robots.txt is not known yet when the file of reservations is asked for.
    gaps = [after - before for before, after in pairwise(times[1:])]
    assert gaps
    assert min(gaps) > 0.6, gaps


def test_two_processes_share_the_delay_of_a_host(tmp_path: Path) -> None:
    clocks = [HostClock(tmp_path, "exemplo.invalid:80") for _ in range(2)]

    def turns(clock: HostClock) -> list[float]:
        return [time.time() + clock.reserve(0.5) for _ in range(10)]

    with ThreadPoolExecutor(2) as pool:
        taken = sorted(turn for part in pool.map(turns, clocks) for turn in part)
    assert min(b - a for a, b in pairwise(taken)) > 0.4


def test_two_sites_on_one_host_share_its_delay(server: Any, tmp_path: Path) -> None:
    delay, each = 0.2, 8
    settings = {
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        "DATA_DIR": tmp_path,
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0,
        "AUTOTHROTTLE_ENABLED": 0,
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    arguments = ["-a", f"site_url={server.address}", "-a", "via=sitemap", "-a", f"limit={each}"]
    crawls = [
        processes.Popen([*processes.SCRAPY, "crawl", name, *given, *arguments], cwd=ROOT, stderr=subprocess.DEVNULL)
        for name in ("ofaroldovale", "averdade")
    ]
    for one in crawls:
        one.wait(timeout=900)
    times = [when for when, _, _ in server.asked]
    assert len(times) >= 2 * each
    # Half of this would be enough for each alone.
    assert times[-1] - times[0] > 0.8 * delay * (len(times) - 1)


def test_opt_outs_of_all_kinds_are_obeyed_and_counted(server: Any, crawl: Any) -> None:
    posts = [post.story.path for post in server.site.posts()]
    headers = {
        posts[0]: "X-Robots-Tag: noai",
        posts[1]: "tdm-reservation: 1",
        posts[2]: "X-Robots-Tag: noimageai, noai",
    }
    metas = {
        posts[3]: '<meta name="robots" content="index, noai">',
        posts[4]: "<meta content=1 name=tdm-reservation>",
    }
    rules = json.dumps([{"location": posts[5] + "*", "tdm-reservation": 1}, {"location": "/", "tdm-reservation": 0}])
    robots = f"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: {posts[6]}\n\nUser-agent: *\nDisallow:\n"

    def lie(asked: str) -> bytes | None:
        if asked == "/robots.txt":
            return server.http(robots.encode(), kind="text/plain")
        if asked == "/.well-known/tdmrep.json":
            return server.http(rules.encode(), kind="application/json")
        body = answer(server.site, asked).body
        if asked in headers:
            return server.http(body, "200 OK", headers[asked])
        return server.http(body.replace(b"<head>", b"<head>" + metas[asked].encode())) if asked in metas else None

    server.lie = lie
    result = crawl()
    assert [record["url"].removeprefix(server.address) for record in result.kept] == [posts[7]]
    assert {result.entries[path].reason for path in posts[:7]} == {"opted out"}
    assert "7 opted out" in result.said


def test_an_unknown_policy_stops_the_crawl_with_nothing_kept(crawl: Any) -> None:
    result = crawl("-s", "OPT_OUT=ignore")
    assert result.kept == []
    assert "scrapy crawl: OPT_OUT=ignore is not one of obey, mark" in result.said


@pytest.mark.parametrize("via", ["sitemap", "rest"])
def test_marked_articles_are_kept_with_what_was_found(server: Any, crawl: Any, via: str) -> None:
    rules = json.dumps([{"location": "/", "tdm-reservation": 1}]).encode()
    server.lie = lambda asked: server.http(rules, kind="application/json") if asked.startswith("/.well-known") else None
    result = crawl("-s", "OPT_OUT=mark", via=via)
    assert len(result.kept) == 8
    assert all(record["opt_out"] == ["tdmrep.json"] for record in result.kept)
