"""What a crawl says at its end: why it found nothing, and what its monitors saw."""

import subprocess
from pathlib import Path

import processes
import pytest

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.monitoring.nothing import why_nothing
from aurora_crawl.monitoring.outcome import Outcome
from aurora_crawl.monitoring.summary import summary_lines

ROOT = Path(__file__).resolve().parents[3]


def crawl(data_dir: Path, address: str, *options: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        "DATA_DIR": data_dir,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
        "RETRY_BACKOFF": 0.01,
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    command = [*processes.SCRAPY, "crawl", "ofaroldovale", *given, "-a", f"site_url={address}", *options]
    return processes.run(command, cwd=ROOT)


def test_a_site_that_shrank_fails_a_monitor(tmp_path: Path) -> None:
    with serve(Site.generated(60)) as address:
        assert crawl(tmp_path, address).returncode == 0
    with serve(Site.generated(20)) as address:
        done = crawl(tmp_path, address)
    assert done.returncode == 1, done.stderr
    assert "monitor: the site announces 20 articles; last time it was 60" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_window_is_explained(tmp_path: Path) -> None:
    with serve(Site.generated(5)) as address:
        done = crawl(tmp_path, address, "-a", "since=2031-01-01")
    assert "nothing was found: the routes could be read, and name no article in the part" in done.stderr


@pytest.mark.parametrize(
    ("stats", "says"),
    [
        ({"aurora/blocks": 3}, "bot walls (3)"),
        ({"robotstxt/forbidden": 2, "downloader/response_count": 1}, "robots.txt forbids"),
        ({"aurora/dropped/language es": 9, "aurora/dropped/no text": 2}, "dropped, most of it for: language es"),
        ({"aurora/route_failed/rest": 1}, "none of the routes could be read"),
        ({}, "no server answered"),
        ({"aurora/left_alone/x": "robots.txt of x answers HTTP 503; the site is left alone"}, "is left alone"),
    ],
)
def test_nothing_has_a_reason(stats: dict, says: str) -> None:
    crawl = Outcome.of(stats, "finished")
    assert says in str(why_nothing(crawl))
    assert any(says in line for line in summary_lines("x", crawl))


def test_something_needs_none() -> None:
    assert why_nothing(Outcome(kept=1)) is None
    assert why_nothing(Outcome(found={"known": 1})) is None


@pytest.mark.parametrize(
    ("crawl", "says"),
    [
        (Outcome("finished", is_update=True, kept_in_all=120, responses=2), "nothing new; 120 stored"),
        (
            Outcome("finished", kept=20, limit=20, expected=120),
            "limit=20 ended it; without it, the same command goes on (the",
        ),
        (Outcome("store"), "nothing was found: the articles could not be stored"),
    ],
)
def test_a_crawl_says_what_a_person_wants_to_know(crawl: Outcome, says: str) -> None:
    lines = summary_lines("x", crawl)
    assert any(line.startswith(f"x: {says}") for line in lines), lines


def test_a_person_s_stop_is_no_failure_and_no_riddle() -> None:
    crawl = Outcome("shutdown", responses=3)
    assert crawl.exit_status == 130
    assert why_nothing(crawl) is None
    assert summary_lines("x", crawl)[0].startswith("x: interrupted; found 0")


def test_cuts_marks_and_masks_are_counted_by_name() -> None:
    stats = {
        "aurora/removed/site": 2,
        "aurora/removed/read-also": 5,
        "aurora/marked/newlines": 1,
        "aurora/masked": 4,
    }
    lines = summary_lines("x", Outcome.of(stats, "finished"))
    assert "x: cut 7 pieces of text: 5 read-also, 2 site" in lines
    assert "x: 1 marks of quality: 1 newlines" in lines
    assert "x: masked 4 pieces of personal data" in lines
