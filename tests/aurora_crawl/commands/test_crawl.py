"""`scrapy crawl` as a person runs it: a process, a server, files."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import processes
import pytest

from aurora_crawl.demo.clutter import plant
from aurora_crawl.demo.newspaper import read_newspaper
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.store import SiteStore

ROOT = Path(__file__).resolve().parents[3]
SPIDERS = "SPIDER_MODULES=aurora_crawl.spiders,aurora_crawl.demo.spiders"
SCHEMA = jsonschema.Draft202012Validator(
    json.loads(files("aurora_crawl.storage").joinpath("article.schema.json").read_text(encoding="utf-8"))
)


def crawl(data_dir: Path, *options: str, site: str = "ofaroldovale") -> subprocess.CompletedProcess[str]:
    command = [*processes.SCRAPY, "crawl", site, "-s", SPIDERS, "-s", f"DATA_DIR={data_dir}"]
    fast = ["-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "RETRY_TIMES=0", "-s", "RETRY_BACKOFF=0.01"]
    return processes.run([*command, *fast, *options], cwd=ROOT)


def lines(data_dir: Path, site: str = "ofaroldovale") -> list[dict]:
    records = [record for path in sorted(data_dir.glob(f"articles/{site}/*.jsonl.gz")) for record in read_shard(path)]
    for record in records:
        SCHEMA.validate(record)
    return records


def test_the_newspaper_is_kept_as_its_originals_say(tmp_path: Path) -> None:
    stories = read_newspaper()
    with serve(Site(plant(stories))) as address:
        done = crawl(tmp_path, "-a", f"site_url={address}")
    assert done.returncode == 0, done.stderr
    kept = {record["title"]: record for record in lines(tmp_path)}
    assert set(kept) == {story.title for story in stories if story.language == "pt"}
    assert "dropped 1: 1 language es" in done.stderr
    assert all(
        record["license"] == "CC-BY-SA-4.0" and record["section"] and record["authors"] for record in kept.values()
    )
    assert any("lido" not in record["text"] and record["removed"] for record in kept.values())


def test_second_crawl_asks_only_for_what_is_new_or_edited(tmp_path: Path) -> None:
    site = Site.generated(150)
    with serve(site) as address:
        assert crawl(tmp_path, "-a", f"site_url={address}").returncode == 0
        asked = len(site.requests)
        again = crawl(tmp_path, "-a", f"site_url={address}")
        assert again.returncode == 0
        assert "ofaroldovale: nothing new; 150 stored" in again.stderr
        assert len(lines(tmp_path)) == 150
        assert len(site.requests) - asked <= 4
        number = site.posts()[7].id
        site.edit(
            number, body="<p>O texto foi corrigido pela redação depois que a prefeitura respondeu às perguntas.</p>"
        )
        story = Site.generated(1, seed=77).posts()[0].story
        site.add(replace(story, title="Matéria nova", published=datetime.now(UTC)))
        third = crawl(tmp_path, "-a", f"site_url={address}")
    assert third.returncode == 0
    records = lines(tmp_path)
    assert len(records) == 152
    assert sorted(record["revision"] for record in records)[-2:] == [0, 1]
    assert "kept 1, new revisions 1" in third.stderr


def test_limit_stops_and_the_next_crawl_takes_up_the_rest(tmp_path: Path) -> None:
    site = Site.generated(30)
    with serve(site) as address:
        limited = crawl(tmp_path, "-a", f"site_url={address}", "-a", "limit=5")
        assert "limit=5 ended it; without it, the same command goes on (the site announces 30)" in limited.stderr
        assert len(lines(tmp_path)) == 5
        done = crawl(tmp_path, "-a", f"site_url={address}")
    assert "taking up 25 articles" in done.stderr
    assert len({record["id"] for record in lines(tmp_path)}) == len(lines(tmp_path)) == 30


def test_window_keeps_the_days_that_were_asked_for(tmp_path: Path) -> None:
    site = Site.generated(40)
    days = sorted(post.story.published.date().isoformat() for post in site.posts())
    with serve(site) as address:
        crawl(tmp_path, "-a", f"site_url={address}", "-a", f"since={days[5]}", "-a", f"until={days[20]}")
    kept = [record["published"][:10] for record in lines(tmp_path)]
    assert sorted(kept) == [day for day in days if days[5] <= day <= days[20]]


def test_two_texts_at_two_addresses_are_kept_once(tmp_path: Path) -> None:
    site = Site.generated(3)
    story = site.posts()[0].story
    site.add(replace(story, slug=f"{story.slug}-outra-vez"))
    with serve(site) as address:
        done = crawl(tmp_path, "-a", f"site_url={address}")
    assert len(lines(tmp_path)) == 3
    assert "1 duplicate" in done.stderr


def test_crawl_while_another_has_the_data_open_stops_and_says_so(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "ofaroldovale")
    done = crawl(tmp_path, "-a", "site_url=http://127.0.0.1:9")
    store.close()
    assert done.returncode == 1
    assert "another crawl has its data open" in done.stderr


@pytest.mark.parametrize(
    ("site", "options", "status", "says"),
    [
        ("averdad", [], 2, "unknown site 'averdad'; did you mean averdade?"),
        ("averdade", ["-a", "limite=3"], 2, "-a limite=3: unknown argument; did you mean limit?"),
        ("averdade", ["-a", "since=ontem"], 2, "-a since=ontem: not a day like 2023-01-31"),
        ("averdade", ["-a", "since=2024-01-02", "-a", "until=2024-01-01"], 2, "lies after"),
        ("averdade", ["-a", "via=fax"], 2, "-a via=fax: this site's routes are rest"),
        ("averdade", ["-a", "site_url=ftp://x"], 2, "not an address like"),
        ("averdade", ["-a", "limit=0"], 2, "not a number above 0"),
    ],
)
def test_a_wrong_command_gets_one_line(
    command: Callable[..., Any], tmp_path: Path, site: str, options: list[str], status: int, says: str
) -> None:
    done = command(tmp_path, "crawl", site, *options)
    assert (done.returncode, len(done.stderr.splitlines())) == (status, 1), done.stderr
    assert says in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_unreachable_server_gets_one_line_and_harms_nothing(tmp_path: Path) -> None:
    done = crawl(tmp_path, "-a", "site_url=http://127.0.0.1:9", "-a", "via=rest")
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if " ERROR " in line]
    assert len(errors) == 1
    assert errors[0].endswith("ofaroldovale: route rest: 127.0.0.1:9 refuses connections; is the server running?")
    assert "Traceback" not in done.stderr


def broken(path: str) -> Answer | None:
    return None if path == "/robots.txt" else Answer(b"x", status=500)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda site: setattr(site, "rest_locked", True), id="locked"),
        pytest.param(lambda site: setattr(site, "on_request", broken), id="broken"),
    ],
)
def test_a_route_that_fails_is_said_with_its_reason(tmp_path: Path, change: Callable[[Site], None]) -> None:
    site = Site.generated(3)
    change(site)
    with serve(site) as address:
        done = crawl(tmp_path, "-a", f"site_url={address}", "-a", "via=rest")
    assert done.returncode == 1
    assert (
        f"ofaroldovale: route rest: the REST API of {address} is locked" in done.stderr
        or "no post can be had" in done.stderr
    )


def test_a_broken_file_of_blocks_stops_the_crawl_and_nothing_is_lost(tmp_path: Path) -> None:
    blocks = tmp_path / "boilerplate" / "ofaroldovale.txt"
    blocks.parent.mkdir()
    blocks.write_bytes(b"\xff\xfe nothing of the kind")
    site = Site.generated(3)
    with serve(site) as address:
        done = crawl(tmp_path, "-a", f"site_url={address}")
        assert done.returncode == 1
        assert [line for line in done.stderr.splitlines() if " ERROR " in line and f"{blocks}: is not UTF-8" in line]
        assert "Traceback" not in done.stderr
        blocks.unlink()
        assert crawl(tmp_path, "-a", f"site_url={address}").returncode == 0
    assert len(lines(tmp_path)) == 3
