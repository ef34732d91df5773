"""A disk that is full in the middle of a crawl: one line, nothing broken, and after making room the rest."""

import resource
from pathlib import Path

import processes
import pytest

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.verify import verify_site

ROOT = Path(__file__).resolve().parents[3]
SITE = "ofaroldovale"


def crawl(data_dir: Path, site: Site, address: str, via: str, full_at: str = "") -> tuple[int, str]:
    """Crawl; the disk is full from the request on whose path begins with `full_at`. Exit status, and what was said."""
    settings = {
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        "DATA_DIR": data_dir,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
        "RETRY_BACKOFF": 0.01,
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    command = [*processes.SCRAPY, "crawl", SITE, *given, "-a", f"site_url={address}", "-a", f"via={via}"]
    said = data_dir / "said.txt"
    with said.open("wb") as file:
        process = processes.Popen(command, cwd=ROOT, stdout=file, stderr=file)

        def fill(path: str) -> None:
            if full_at and path.startswith(full_at):
                # No file may grow beyond what the open shard holds now: as on a full disk, for this process alone.
                (part,) = data_dir.glob("articles/*/*.part")
                most = part.stat().st_size + 2000
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
                site.on_request = None

        site.on_request = fill
        try:
            return process.wait(timeout=900), said.read_text()
        finally:
            process.kill()
            site.on_request = None


@pytest.mark.parametrize("via", ["rest", "sitemap"])
def test_full_disk_gets_one_line_and_the_crawl_goes_on_later(tmp_path: Path, via: str) -> None:
    site = Site.generated(300, words=150)
    full_at = "/wp-json/wp/v2/posts?offset=99" if via == "rest" else site.posts()[80].story.path
    with serve(site) as address:
        status, said = crawl(tmp_path, site, address, via, full_at)
        assert status == 1, said
        errors = [line for line in said.splitlines() if " ERROR " in line or " CRITICAL " in line]
        assert len(errors) == 1, errors
        assert "make room, then run the same command again" in errors[0]
        assert "Traceback" not in said
        status, said = crawl(tmp_path, site, address, via)
        assert status == 0, said
    records = [r for path in tmp_path.glob("articles/*/*.jsonl.gz") for r in read_shard(path)]
    assert len(records) == len({r["id"] for r in records}) == 300
    assert verify_site(tmp_path, SITE).problems == []
