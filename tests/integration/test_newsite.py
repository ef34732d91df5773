"""`scrapy newsite` and `checkup` on a real WordPress and a real Ghost: written, crawled without an edit, and found well."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from aurora_crawl.demo.generate import generated_stories
from aurora_crawl.demo.newspaper import Story
from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.items import split_paragraphs
from aurora_crawl.storage.shards import read_shard

ROOT = Path(__file__).resolve().parents[2]
WORDPRESS, GHOST = "http://127.0.0.1:18080", "http://127.0.0.1:18090"
STORIES = list(generated_stories(120, seed=7, words=120))
"""Those of the other test of Ghost, which stays up between the two."""

Run = Callable[..., subprocess.CompletedProcess[str]]


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


@pytest.fixture
def wordpress(shared: Path) -> str:
    """The address of a real WordPress with 300 posts."""
    if os.geteuid() != 0:
        pytest.skip("needs root to install and start WordPress' packages")
    subprocess.run(["bash", shared / "tools" / "wordpress_up.sh", "up"], check=True, timeout=900, capture_output=True)
    return WORDPRESS


@pytest.fixture
def ghost(shared: Path, tmp_path: Path) -> str:
    """The address of a real Ghost with 120 stories."""
    if shutil.which("node") is None:
        pytest.skip("needs Node to install and start Ghost")
    posts = tmp_path / "posts.jsonl"
    posts.write_text("".join(as_post(story) + "\n" for story in STORIES), encoding="utf-8")
    command = ["bash", shared / "tools" / "ghost_up.sh", "up"]
    subprocess.run(command, check=True, timeout=900, env={**os.environ, "POSTS_FILE": str(posts)}, capture_output=True)
    return GHOST


@pytest.fixture
def scrapy(tmp_path: Path) -> Run:
    """Runs a command of Scrapy in a project of its own, into which new spiders are written."""
    folder = tmp_path / "projeto"
    (folder / "novos").mkdir(parents=True)
    (folder / "novos" / "__init__.py").touch()
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = aurora_crawl.settings\n")
    given = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0", "NEWSPIDER_MODULE=novos", "SPIDER_MODULES=novos")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scrapy", *words, *(part for one in given for part in ("-s", one))]
        environment = {**os.environ, "PYTHONPATH": f"{folder}:{ROOT}"}
        return subprocess.run(
            command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=900
        )

    return run


def kept(folder: Path, name: str) -> dict[str, list[str]]:
    shards = (folder / "projeto" / "data" / "articles" / name).glob("*.gz")
    return {row["title"]: split_paragraphs(row["text"]) for shard in shards for row in read_shard(shard)}


def test_a_real_wordpress_is_looked_at_written_and_crawled(wordpress: str, scrapy: Run, tmp_path: Path) -> None:
    written = scrapy("newsite", wordpress, "--name", "jornal")
    assert written.returncode == 0, written.stderr
    assert "rest: 300 posts" in written.stdout
    assert "it would be crawled as WordPress; sure" in written.stdout
    crawled = scrapy("crawl", "jornal", "-a", f"site_url={wordpress}")
    assert crawled.returncode == 0, crawled.stderr
    assert len(kept(tmp_path, "jornal")) == 300
    well = scrapy("checkup", "jornal", "-a", f"site_url={wordpress}")
    assert (well.returncode, "well" in well.stdout) == (0, True), well.stdout + well.stderr


def test_a_real_ghost_is_looked_at_written_and_crawled(ghost: str, scrapy: Run, tmp_path: Path) -> None:
    written = scrapy("newsite", ghost, "--name", "revista")
    assert written.returncode == 0, written.stderr
    assert "it would be crawled as Ghost; sure" in written.stdout
    crawled = scrapy("crawl", "revista", "-a", f"site_url={ghost}")
    assert crawled.returncode == 0, crawled.stderr
    assert kept(tmp_path, "revista") == {story.title: paragraphs(story.body) for story in STORIES}
    well = scrapy("checkup", "revista", "-a", f"site_url={ghost}")
    assert (well.returncode, "well" in well.stdout) == (0, True), well.stdout + well.stderr
