"""What a crawl recorded, read again: the same articles, and a cut archive said."""

import gzip
import io
import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import processes
import pytest

from aurora_crawl.demo.server import answer, serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.storage.archive import Capture, archives_of, noted, record_of
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.store import SiteStore
from aurora_crawl.storage.verify import verify_site

ROOT = Path(__file__).resolve().parents[3]
SITE = "ofaroldovale"


def scrapy(data_dir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        "DATA_DIR": data_dir,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
        "RETRY_BACKOFF": 0.01,
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    command = [*processes.SCRAPY, *options, *given]
    return processes.run(command, cwd=ROOT)


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
        (line,) = cut.stderr.splitlines()
        held = noted(archive)["records"]
        missing = int(line.partition("cut short: ")[2].split()[0])
        assert line == f"{archive}: cut short: {missing} of {held} records are missing"
        assert 10 < missing < held - 10
        assert len(stored(tmp_path)) == 40
        assert verify_site(tmp_path, SITE).problems == []


def test_reparse_without_archives_says_so(command: Callable[..., Any], tmp_path: Path) -> None:
    done = command(tmp_path, "reparse", SITE)
    assert done.returncode == 2
    assert "crawl with -s ARCHIVE=True" in done.stderr


def recorded(data_dir: Path, site: Site) -> None:
    with serve(site) as address:
        crawl = ("crawl", SITE, "-s", "ARCHIVE=True", "-a", f"site_url={address}", "-a", "via=sitemap")
        assert scrapy(data_dir, *crawl).returncode == 0


def files(data_dir: Path) -> dict[str, bytes]:
    folder = data_dir / "articles" / SITE
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_reparse_leaves_the_old_generation_and_no_process(tmp_path: Path) -> None:
    recorded(tmp_path, Site.generated(200))
    before = files(tmp_path)
    settings = ("-s", f"DATA_DIR={tmp_path}", "-s", "SPIDER_MODULES=aurora_crawl.demo.spiders")
    command = [*processes.SCRAPY, "reparse", SITE, "--jobs", "2", *settings]
    running = processes.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    workers: list[int] = []
    while running.poll() is None and len(workers) < 2:
        workers = children(running.pid)
        time.sleep(0.005)
    running.kill()
    assert running.wait() == -signal.SIGKILL
    end = time.monotonic() + 900
    while any(map(is_running, workers)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(is_running, workers))
    assert files(tmp_path) == before
    assert verify_site(tmp_path, SITE).problems == []
    assert "200 articles read again" in scrapy(tmp_path, "reparse", SITE).stdout


def test_reparse_waits_for_no_crawl_and_says_so(tmp_path: Path) -> None:
    recorded(tmp_path, Site.generated(5))
    store = SiteStore(tmp_path, SITE)
    done = scrapy(tmp_path, "reparse", SITE)
    store.close()
    assert done.returncode == 1
    assert done.stderr.startswith(f"scrapy reparse: {SITE}: another crawl has its data open")


def of_others(path: Path, pages: dict[str, bytes], *, packed: bool) -> None:
    """An archive of pages as a collection of the whole web has them: bodies unpacked, whatever the headers of old say."""
    out = b""
    headers = [("Content-Type", "text/html; charset=UTF-8"), ("X-Crawler-Content-Encoding", "gzip")]
    for url, body in pages.items():
        record = io.BytesIO()
        record_of(Capture(url, 200, headers, body, datetime(2025, 5, 1, tzinfo=UTC))).write(record)
        out += gzip.compress(record.getvalue()) if packed else record.getvalue()
    path.write_bytes(out)


@pytest.mark.parametrize("packed", [True, False])
def test_archives_from_elsewhere_are_read_by_each_page_s_own_site(tmp_path: Path, packed: bool) -> None:
    site = Site.generated(6)
    pages: dict[str, bytes] = {}
    for host in (OfaroldovaleSpider.site_url, "https://averdade.org.br", "https://nobody.invalid"):
        site.address = host
        pages |= {host + post.story.path: answer(site, post.story.path).body for post in site.posts()}
    pages["https://averdade.org.br/quem-somos/"] = (
        b"<html><title>Quem somos</title><p>Um jornal.</p></html>" + b" " * 900
    )
    pages["https://[broken/"] = b"x"
    path = tmp_path / ("news.warc.gz" if packed else "news.warc")
    of_others(path, pages, packed=packed)
    done = scrapy(tmp_path, "reparse", "--archive", str(path), "--jobs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{SITE}: 6 articles read again" in done.stdout
    assert "averdade: 6 articles read again" in done.stdout
    titles = {post.story.title for post in site.posts()}
    for name in (SITE, "averdade"):
        rows = [r for shard in tmp_path.glob(f"articles/{name}/*.jsonl.gz") for r in read_shard(shard)]
        assert {row["title"] for row in rows} == titles
        assert {(row["route"], row["crawled_at"][:10], row["site"]) for row in rows} == {
            ("archive", "2025-05-01", name)
        }
        assert verify_site(tmp_path, name).problems == []


def test_documents_of_several_pages_are_left_as_they_are(tmp_path: Path, command: Any) -> None:
    done = command(tmp_path, "reparse", "marxists")
    assert done.returncode == 2
    assert "more than pages" in done.stderr
