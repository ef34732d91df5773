"""What a crawl recorded, read again: the same articles, and a cut archive said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.site import Site
from aurora_crawl.storage.archive import archives_of, noted
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.verify import verify_site

ROOT = Path(__file__).resolve().parents[3]
SITE = "ofaroldovale"


def scrapy(data_dir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        "DATA_DIR": data_dir,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    command = [sys.executable, "-m", "scrapy", *options, *given]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=200)


def stored(data_dir: Path) -> dict[str, dict]:
    return {r["id"]: r for path in data_dir.glob(f"articles/{SITE}/*.jsonl.gz") for r in read_shard(path)}


@pytest.mark.parametrize("via", ["sitemap", "rest"])
def test_reparse_gives_the_same_articles_and_says_what_is_cut(tmp_path: Path, via: str) -> None:
    with serve(Site.generated(40)) as address:
        crawl = ("crawl", SITE, "-s", "ARCHIVE=True", "-a", f"site_url={address}", "-a", f"via={via}")
        assert scrapy(tmp_path, *crawl).returncode == 0
    before = stored(tmp_path)
    (archive,) = archives_of(tmp_path, SITE)
    assert noted(archive)["records"] >= (40 if via == "sitemap" else 1)
    done = scrapy(tmp_path, "reparse", SITE, "--jobs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "40 articles read again, 0 kept as they were" in done.stdout
    after = stored(tmp_path)
    assert {id: row["text"] for id, row in after.items()} == {id: row["text"] for id, row in before.items()}
    assert {id: row["authors"] for id, row in after.items()} == {id: row["authors"] for id, row in before.items()}
    assert verify_site(tmp_path, SITE).problems == []
    if via == "sitemap":
        os.truncate(archive, archive.stat().st_size // 2)
        cut = scrapy(tmp_path, "reparse")
        assert cut.returncode == 1
        assert "records are missing" in cut.stderr
        assert len(stored(tmp_path)) == 40
        assert verify_site(tmp_path, SITE).problems == []


def test_reparse_without_archives_says_so(tmp_path: Path) -> None:
    done = scrapy(tmp_path, "reparse", SITE)
    assert done.returncode == 2
    assert "crawl with -s ARCHIVE=True" in done.stderr
