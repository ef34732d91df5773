"""`scrapy newsite` and `scrapy census` as commands: wrong words named, an archive in the network's place, what was counted shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aurora_crawl.demo.outlets.closed import opted_out
from aurora_crawl.demo.outlets.outlet import Outlet
from aurora_crawl.demo.outlets.sitemaps import flat_sitemap
from aurora_crawl.inspection.census import Counted
from aurora_crawl.inspection.census_file import CensusFile
from aurora_crawl.inspection.counts import Estimate
from aurora_crawl.storage.archive import Capture, archives_of
from aurora_crawl.storage.recording import SiteArchive

Run = Callable[..., Any]
AT = "https://gazetarasa.example"


@pytest.fixture
def spiders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty package of spiders, to write into."""
    folder = tmp_path / "meus"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "meus"]:
        del sys.modules[name]


@pytest.fixture
def scrapy(command: Run, tmp_path: Path, spiders: Path) -> Run:
    """Runs a command whose new spiders go into that package."""
    where = ("-s", "NEWSPIDER_MODULE=meus", "-s", "SPIDER_MODULES=meus,aurora_crawl.spiders")
    return lambda *words: command(tmp_path / "data", *words, last=where)


def archived(outlet: Outlet, folder: Path) -> Path:
    """A WARC file with all that an outlet answers, under an address of its own."""
    outlet.site.address = AT
    archive = SiteArchive(folder, outlet.name, AT)
    for path in ("/", "/robots.txt", "/sitemap.xml", *outlet.paths):
        answer = outlet.site.on_request(path) if outlet.site.on_request else None
        assert answer is not None
        headers = [("Content-Type", answer.content_type)]
        archive.add(Capture(f"{AT}{path}", answer.status, headers, answer.body, datetime(2024, 5, 1, tzinfo=UTC)))
    archive.close()
    return archives_of(folder, outlet.name)[0]


def test_a_site_in_an_archive_is_looked_at_and_written_without_the_network(
    scrapy: Run, spiders: Path, tmp_path: Path
) -> None:
    warc = archived(flat_sitemap(8), tmp_path)
    done = scrapy("newsite", AT, "--archive", warc)
    assert done.returncode == 0, done.stderr
    assert "it would be crawled as Static; sure" in done.stdout
    assert 'routes = ("sitemap",)' in (spiders / "gazetarasa.py").read_text(encoding="utf-8")
    assert (spiders / "tests" / "pages" / "gazetarasa.html").is_file()
    again = scrapy("newsite", AT, "--archive", warc)
    assert (again.returncode, "there is a spider 'gazetarasa' already" in again.stderr) == (2, True)
    assert "gazetarasa" in scrapy("list").stdout.split()


def test_an_archived_site_that_opted_out_is_refused(scrapy: Run, spiders: Path, tmp_path: Path) -> None:
    done = scrapy("newsite", AT, "--archive", archived(opted_out(8), tmp_path))
    assert (done.returncode, "robots.txt: GPTBot" in done.stderr) == (1, True)
    assert [path.name for path in spiders.iterdir() if path.suffix] == ["__init__.py"]


@pytest.mark.parametrize(("first", "last", "is_out"), [(1, 0, False), (0, 1, True)])
def test_the_last_tdmrep_json_in_an_archive_counts(
    first: int, last: int, is_out: bool, scrapy: Run, spiders: Path, tmp_path: Path
) -> None:
    warc, later = archived(flat_sitemap(8), tmp_path), SiteArchive(tmp_path, "regras", AT)
    for year, word in ((2025, last), (2023, first)):
        rules = json.dumps([{"location": "/", "tdm-reservation": word}]).encode()
        headers = [("Content-Type", "application/json")]
        later.add(Capture(f"{AT}/.well-known/tdmrep.json", 200, headers, rules, datetime(year, 5, 1, tzinfo=UTC)))
    later.close()
    done = scrapy("newsite", AT, "--archive", warc, "--archive", archives_of(tmp_path, "regras")[0])
    assert (done.returncode, "tdmrep.json" in done.stderr) == (int(is_out), is_out), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("newsite",), "it wants one address"),
        (("newsite", "http://"), "is not an address"),
        (("newsite", AT, "--name", "Meu-Site"), "small letters and digits"),
        (("newsite", AT, "--archive", "nada.warc.gz"), "nada.warc.gz"),
        (("census", "a", "b"), "one file of outlets"),
        (("census", "--goal", "0"), "numbers above 0"),
        (("census", "nada.csv"), "nada.csv: No such file"),
        (("checkup", "nenhum"), "unknown site 'nenhum'"),
        (("checkup", "mst", "-a", "limite=3"), "unknown argument"),
    ],
)
def test_a_wrong_command_is_named_in_one_line(scrapy: Run, words: tuple[str, ...], said: str) -> None:
    done = scrapy(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_census_that_is_done_is_shown_and_added_without_a_request(scrapy: Run, spiders: Path, tmp_path: Path) -> None:
    rows = [
        {"host": "umjornal.example", "name": "Um Jornal", "state": "SP"},
        {"host": "mst.org.br"},
        {"host": "mudo.example"},
    ]
    path = tmp_path / "lista.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    kept = CensusFile(tmp_path / "data" / "census" / "lista.jsonl")
    known = {
        "route": "rest",
        "articles": Estimate.exact(40_000),
        "tokens": Estimate(45e6, 40e6, 50e6),
        "requests": 400,
        "is_sure": True,
    }
    kept.add(Counted("umjornal.example", "Um Jornal", "SP", "https://umjornal.example", **known))  # type: ignore[arg-type]
    kept.add(Counted("mst.org.br", "MST", "", "https://mst.org.br", **known))  # type: ignore[arg-type]
    kept.add(Counted("mudo.example", why="HTTP 503"))
    done = scrapy("census", path, "--goal", "100000000", "--add")
    assert done.returncode == 0, done.stderr
    assert "umjornal.example: 40 k articles, 45 M [40 M–50 M] tokens, by rest" in done.stdout
    assert "mudo.example: not known (HTTP 503)" in done.stdout
    assert "2 outlets counted, 1 not known" in done.stdout
    assert "fetching them takes 800 requests" in done.stdout
    # MST has a spider already.
    assert {path.name for path in spiders.glob("*.py")} == {"__init__.py", "umjornal.py"}
    assert "umjornal" in scrapy("list").stdout.split()
