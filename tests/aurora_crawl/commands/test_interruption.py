"""Ctrl-C, a service that is stopped, and a disk that was full before the crawl began: an orderly end, and nothing lost."""

import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import processes
import pytest

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.verify import verify_site

ROOT = Path(__file__).resolve().parents[3]
SITE = "ofaroldovale"


def command(name: str, data_dir: Path, address: str, *options: str) -> list[str]:
    settings = {
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        "DATA_DIR": data_dir,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
        "RETRY_BACKOFF": 0.01,
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    return [*processes.SCRAPY, name, *given, "-a", f"site_url={address}", "-a", "via=sitemap", *options]


def run(words: list[str]) -> subprocess.CompletedProcess[str]:
    return processes.run(words, cwd=ROOT)


def stored(data_dir: Path) -> list[str]:
    return [r["id"] for path in data_dir.glob(f"articles/{SITE}/*.jsonl.gz") for r in read_shard(path)]


def end_in_the_middle(site: Site, words: list[str], how: signal.Signals) -> tuple[int, str]:
    """Run, and send a signal when thirty pages were asked for; the exit status, and all that was said."""
    site.delay = 0.05
    running = processes.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        end = time.monotonic() + 900
        while sum(path.startswith("/20") for path in list(site.requests)) < 30 and time.monotonic() < end:
            time.sleep(0.02)
        running.send_signal(how)
        said, _ = running.communicate(timeout=900)
        return running.returncode, said
    finally:
        running.kill()
        site.delay = 0.0


def test_ctrl_c_ends_in_order_and_the_next_crawl_takes_up_the_rest(tmp_path: Path) -> None:
    site = Site.generated(100)
    with serve(site) as address:
        status, said = end_in_the_middle(site, command("crawl", tmp_path, address, SITE), signal.SIGINT)
        assert status == 130, said
        assert "Traceback" not in said
        before = stored(tmp_path)
        assert f"{SITE}: interrupted; found 100" in said
        assert f"kept {len(before)}" in said
        assert 20 < len(before) < 100
        assert not list(tmp_path.rglob("*.part"))
        done = run(command("crawl", tmp_path, address, SITE))
    assert done.returncode == 0, done.stderr
    assert "ended suddenly" not in done.stderr
    assert len(set(stored(tmp_path))) == len(stored(tmp_path)) == 100
    assert sum(path.startswith("/20") for path in site.requests) == 100, "a page was asked for twice"


def stop_when_first_asked(site: Site, words: list[str]) -> processes.Popen:
    """A crawl that was sent Ctrl-C as soon as it asked for something, and has said that it stops."""
    running = processes.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    end = time.monotonic() + 900
    while not list(site.requests) and time.monotonic() < end:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    assert running.stdout is not None
    assert any("stopping: " in line for line in running.stdout)
    return running


def test_a_crawl_that_waits_for_its_turn_asks_for_nothing_more(tmp_path: Path) -> None:
    site = Site.generated(5)
    with serve(site) as address:
        words = command("crawl", tmp_path, address, SITE, "-s", "DOWNLOAD_DELAY=50")
        running = stop_when_first_asked(site, words)
        asked = len(site.requests)
        said, _ = running.communicate(timeout=900)
        assert running.returncode == 130, said
        assert "Traceback" not in said
        assert "failed" not in said
        assert len(site.requests) == asked
        # The turns that it had booked are free again: the next crawl waits for one at most.
        assert run(command("crawl", tmp_path, address, SITE)).returncode == 0
    assert len(stored(tmp_path)) == 5


def test_a_second_ctrl_c_ends_at_once_and_the_next_crawl_goes_on(tmp_path: Path) -> None:
    site = Site.generated(5)
    with serve(site) as address:
        site.delay = 600
        running = stop_when_first_asked(site, command("crawl", tmp_path, address, SITE))
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=300)
        site.delay = 0
        assert running.returncode == 130, said
        assert "Traceback" not in said
        assert run(command("crawl", tmp_path, address, SITE)).returncode == 0
    assert len(stored(tmp_path)) == 5


def test_a_stopped_crawlall_ends_its_crawls_in_order(tmp_path: Path) -> None:
    site = Site.generated(100)
    with serve(site) as address:
        status, said = end_in_the_middle(site, command("crawlall", tmp_path, address, SITE), signal.SIGTERM)
    assert status == 130, said
    assert f"{SITE}: stopped after" in said
    assert "interrupted; found 100" in said
    assert verify_site(tmp_path, SITE).problems == [], "the crawl is still running"
    assert 20 < len(stored(tmp_path)) < 100


def test_progress_tells_how_far_how_fast_and_how_long_and_begins_where_the_last_crawl_ended(tmp_path: Path) -> None:
    site = Site.generated(60)
    with serve(site) as address:
        run(command("crawl", tmp_path, address, SITE, "-a", "limit=20"))
        site.delay = 0.1
        done = run(command("crawl", tmp_path, address, SITE, "-s", "PROGRESS_SECONDS=0.3"))
    assert "were not found" not in done.stderr, "what was read again was counted twice"
    lines = [line.partition(f"{SITE}: ")[2] for line in done.stderr.splitlines() if " a second" in line]
    counts = [int(line.split()[0]) for line in lines]
    assert len(counts) > 2, done.stderr
    assert counts[0] >= 20
    assert counts == sorted(counts)
    assert counts[-1] <= 60
    known = [line for line in lines if " of 60 articles, " in line and line.endswith(" to go")]
    assert known, lines


def full(limit: int) -> Callable[[], None]:
    """No file may grow beyond so many bytes: as on a full disk, for one process alone."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@pytest.mark.parametrize(
    ("limit", "options"),
    [
        pytest.param(0, (), id="nothing can be written"),
        pytest.param(20_000, (), id="no room for the ledger"),
        pytest.param(60_000, ("-s", "ARCHIVE=True"), id="no room for the archive"),
        pytest.param(60_000, ("-s", "ARCHIVE=True", "-s", "DOWNLOAD_DELAY=0.05"), id="with turns to book"),
    ],
)
def test_a_full_disk_gets_one_line_from_the_beginning_on(tmp_path: Path, limit: int, options: tuple[str, ...]) -> None:
    site = Site.generated(120)
    with serve(site) as address:
        words = command("crawl", tmp_path, address, SITE, *options)
        done = subprocess.run(
            words, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900, preexec_fn=full(limit)
        )
        assert done.returncode == 1, done.stderr
        errors = [line for line in done.stderr.splitlines() if " ERROR " in line or " CRITICAL " in line]
        assert len(errors) == 1, done.stderr
        assert "make room, then run the same command again" in errors[0]
        assert "Traceback" not in done.stderr
        again = run(words)
        assert again.returncode == 0, again.stderr
    assert len(set(stored(tmp_path))) == len(stored(tmp_path)) == 120
    assert verify_site(tmp_path, SITE).problems == []
