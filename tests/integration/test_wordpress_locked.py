"""A real WordPress that locks its REST API, found whole by each of the other routes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from aurora_crawl.storage.shards import read_shard

ROOT = Path(__file__).resolve().parents[2]
PORT = 18082
ADDRESS = f"http://127.0.0.1:{PORT}"
POSTS = 300


@pytest.fixture(scope="module")
def locked(shared: Path) -> str:
    """The address of a WordPress with 300 posts that answers 401 on its API; it stays up, so that a second run is quick."""
    if os.geteuid() != 0:
        pytest.skip("needs root to install and start WordPress' packages")
    lab = Path(tempfile.gettempdir()) / "aurora-wordpress-locked"
    environment = {**os.environ, "WP_LAB": str(lab), "PORT": str(PORT), "REST": "off"}
    subprocess.run(["bash", shared / "tools" / "wordpress_up.sh", "up"], check=True, timeout=900, env=environment)
    return ADDRESS


def crawl(data_dir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "crawl", "outraspalavras", "-a", f"site_url={ADDRESS}"]
    fast = ["-s", f"DATA_DIR={data_dir}", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False"]
    return subprocess.run(
        [*command, *fast, *options], cwd=ROOT, check=False, capture_output=True, text=True, timeout=900
    )


def numbers(data_dir: Path) -> list[int]:
    """The number that each stored post's title ends with."""
    rows = [row for shard in sorted(data_dir.glob("articles/*/*.gz")) for row in read_shard(shard)]
    return sorted(int(re.search(r"(\d+)$", row["title"])[1]) for row in rows)  # type: ignore[index]


@pytest.mark.parametrize("route", ["sitemap", "feed", "listing"])
def test_each_route_alone_finds_every_post_once(locked: str, route: str, tmp_path: Path) -> None:
    done = crawl(tmp_path, "-a", f"via={route}")
    assert done.returncode == 0, done.stderr
    assert numbers(tmp_path) == list(range(1, POSTS + 1))


def test_without_a_route_named_the_locked_one_is_left_with_its_reason(locked: str, tmp_path: Path) -> None:
    done = crawl(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "route rest" in done.stderr
    assert "HTTP 401" in done.stderr
    assert numbers(tmp_path) == list(range(1, POSTS + 1))
    again = crawl(tmp_path)
    assert "saved" in again.stderr
    assert numbers(tmp_path) == list(range(1, POSTS + 1))
