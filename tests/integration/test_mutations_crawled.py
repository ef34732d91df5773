"""Twenty of the answers with one thing wrong, by the real command: exit status, words, and no neighbour lost."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from aurora_crawl.demo.server import answer, serve
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.storage.shards import read_shard

ROOT = Path(__file__).resolve().parents[2]
JUNK = [
    None,
    5,
    [],
    {"a": {"b": 1}},
    "http://[x",
    "file:///etc/passwd",
    "\ud83d",
    "x" * 3000,
    "9999-12-31T23:59:59",
    [[1, [2]]],
]


def crawl(data_dir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    spiders = "SPIDER_MODULES=aurora_crawl.spiders,aurora_crawl.demo.spiders"
    fast = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0", "RETRY_TIMES=0", f"DATA_DIR={data_dir}", spiders)
    command = [sys.executable, "-m", "scrapy", "crawl", "ofaroldovale", *options]
    command += [word for setting in fast for word in ("-s", setting)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)


def kept(data_dir: Path) -> set[str]:
    shards = sorted(data_dir.glob("articles/ofaroldovale/*.jsonl.gz"))
    return {str(record["title"]) for shard in shards for record in read_shard(shard)}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_post_that_is_wrong_costs_itself(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    site = Site.generated(12)
    victim = rng.choice(site.posts())
    field = rng.choice(["link", "content", "author", "_embedded", "categories", "date", "id"])

    def mutate(path: str) -> Answer | None:
        if "/wp/v2/posts" not in path:
            return None
        site.on_request = None
        found = answer(site, path)
        site.on_request = mutate
        rows = [row | {field: JUNK[seed]} if row["id"] == victim.id else row for row in json.loads(found.body)]
        found.body = b"\xef\xbb\xbf<!-- x -->" + json.dumps(rows).encode() + b"\n<!-- y -->"
        return found

    site.on_request = mutate
    with serve(site) as address:
        done = crawl(tmp_path, "-a", f"site_url={address}", "-a", "via=rest")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr
    assert {post.story.title for post in site.posts() if post is not victim} <= kept(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_an_entry_that_is_wrong_costs_itself(tmp_path: Path, seed: int) -> None:
    site = Site.generated(12)
    junk = str(JUNK[seed]).encode("utf-8", "replace").decode()

    def mutate(path: str) -> Answer | None:
        site.on_request = None
        found = answer(site, path)
        site.on_request = mutate
        if b"<urlset" not in found.body:
            return found
        wrong = f"<url><image:image><image:loc>{junk}</image:loc></image:image><loc>{junk}</loc><loc>&nbsp;a & b</url>".encode()
        found.body = b"<b>Warning</b>: x [0]\n" + found.body.replace(b"<url>", wrong + b"<url>", 1)
        return found

    site.on_request = mutate
    with serve(site) as address:
        done = crawl(tmp_path, "-a", f"site_url={address}", "-a", "via=sitemap")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr
    assert {post.story.title for post in site.posts()} <= kept(tmp_path)
