"""A real Ghost, crawled by its sitemap and by its listing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC
from pathlib import Path

import pytest

from aurora_crawl.demo.generate import generated_stories
from aurora_crawl.demo.newspaper import Story
from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.items import split_paragraphs
from aurora_crawl.storage.shards import read_shard

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "http://127.0.0.1:18090"
STORIES = list(generated_stories(120, seed=7, words=120))


def as_post(story: Story) -> str:
    moment = f"{story.published.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    post = {
        "title": story.title,
        "content": story.body,
        "date": moment,
        "author": story.byline,
        "category": story.section,
    }
    return json.dumps(post, ensure_ascii=False)


@pytest.fixture(scope="module")
def ghost(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a Ghost with 120 stories in Portuguese; it stays up, so that a second run is quick."""
    if shutil.which("node") is None:
        pytest.skip("needs Node to install and start Ghost")
    posts = tmp_path_factory.mktemp("ghost") / "posts.jsonl"
    posts.write_text("".join(as_post(story) + "\n" for story in STORIES), encoding="utf-8")
    command = ["bash", shared / "tools" / "ghost_up.sh", "up"]
    subprocess.run(command, check=True, timeout=900, env={**os.environ, "POSTS_FILE": str(posts)})
    return ADDRESS


@pytest.mark.parametrize(("route", "most_requests"), [("sitemap", 124), ("listing", 136)])
def test_a_ghost_is_found_whole_and_its_texts_end_where_they_end(
    ghost: str, route: str, most_requests: int, tmp_path: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "scrapy",
        "crawl",
        "emdefesadocomunismo",
        "-a",
        f"site_url={ghost}",
        "-a",
        f"via={route}",
    ]
    options = ["-s", f"DATA_DIR={tmp_path}", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False"]
    done = subprocess.run([*command, *options], cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    shards = sorted(tmp_path.glob("articles/*/*.gz"))
    kept = {row["title"]: row for shard in shards for row in read_shard(shard)}
    assert set(kept) == {story.title for story in STORIES}
    for story in STORIES:
        row = kept[story.title]
        assert split_paragraphs(row["text"]) == paragraphs(story.body)
        assert row["authors"] == [story.byline]
        assert row["published"][:10] == f"{story.published.astimezone(UTC):%Y-%m-%d}"
    requests = int(done.stderr.split(" requests, ")[0].rsplit(" ", 1)[1])
    assert requests <= most_requests
