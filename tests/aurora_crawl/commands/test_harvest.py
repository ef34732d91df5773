"""`scrapy harvest`, and what other commands make of what it kept."""

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aurora_crawl.addresses import host_of
from aurora_crawl.demo.news_month import PORTUGUESE, month, page, url
from aurora_crawl.demo.warc_files import answer, record
from aurora_crawl.demo.web_archive import WebArchive, served
from aurora_crawl.errors import WrongCommand
from aurora_crawl.harvest.ccnews import FileDone, FileTask, files_of, harvest_file
from aurora_crawl.harvest.kept import captures_at, kept_records
from aurora_crawl.harvest.outlets import read_outlets
from aurora_crawl.harvest.stream import Server
from aurora_crawl.storage.shards import read_shard

SERVER = Server("test", 0.001)
NOAI, TDM = '<meta name="robots" content="noai">', '<meta name="tdm-reservation" content="1">'
BAN, RULES = b"User-agent: GPTBot\nDisallow: /no/\n", b'[{"location": "/no/*", "tdm-reservation": 1}]'
PLAIN, JSON = "Content-Type: text/plain", "Content-Type: application/json"


def said(head: str = "", *headers: str, date: str = "2024-05-02T00:00:00Z") -> tuple[str, bytes, str]:
    body = page(0, 0, PORTUGUESE, ' lang="pt-BR"').replace(b"<head>", b"<head>" + head.encode())
    return "/no/materia/", answer(body, *headers), date


def rules(path: str, body: bytes, day: int, kind: str) -> tuple[str, bytes, str]:
    return (
        path,
        answer(body).replace(b"Content-Type: text/html; charset=utf-8", kind.encode()),
        f"2024-05-{day:02}T00:00:00Z",
    )


FORMS = {
    "header": [said("", "X-Robots-Tag: noai")],
    "header-of-tdmrep": [said("", "TDM-Reservation: 1")],
    "meta": [said(NOAI)],
    "meta-of-tdmrep": [said(TDM)],
    "robots": [rules("/robots.txt", BAN, 1, PLAIN), said()],
    "tdmrep": [rules("/.well-known/tdmrep.json", RULES, 1, JSON), said()],
    "later-robots": [rules("/robots.txt", b"", 1, PLAIN), said(), rules("/robots.txt", BAN, 3, PLAIN)],
    "later-tdmrep": [
        said(),
        rules("/.well-known/tdmrep.json", b"[]", 1, JSON),
        rules("/.well-known/tdmrep.json", RULES, 3, JSON),
    ],
    "later-page": [said(NOAI, date="2024-05-04T00:00:00Z"), said()],
}
"""The ways in which a publisher says no, each at a host of its own: paths, answers and moments."""


def harvested(folder: Path) -> list[str]:
    kept = kept_records(folder, host_of)
    return [one.url for places in kept.values() for one in captures_at(places, lambda lost: pytest.fail(str(lost)))]


def test_articles_are_made_outlet_by_outlet_learned_from_and_forgotten(
    command: Callable[..., Any], tmp_path: Path
) -> None:
    archive = WebArchive()
    month(archive, files=1)
    with served(archive) as base:
        folder = tmp_path / "harvest" / "ccnews" / "2024-05"
        for one in files_of(base, "2024-05", SERVER):
            assert isinstance(harvest_file(FileTask(one, folder, (), SERVER, 0)), FileDone)
    done = command(tmp_path, "reparse", "--harvest", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    folders = sorted(path.name for path in (tmp_path / "articles").iterdir() if path.is_dir())
    assert folders == ["jornal0.invalid", "jornal1.invalid", "jornal2.invalid"]
    for name in folders:
        assert f"{name}: 5 articles read again" in done.stdout
        assert command(tmp_path, "verify", name).returncode == 0
    gone = url(1, 13)
    taken = command(tmp_path, "forget", gone)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    for path in tmp_path.rglob("*.gz"):
        assert gone.encode() not in gzip.decompress(path.read_bytes()), path
    assert len(harvested(tmp_path)) == 14
    again = command(tmp_path, "reparse", "--harvest", "--jobs", "1")
    assert "jornal1.invalid: 4 articles read again" in again.stdout
    assert command(tmp_path, "learn", "jornal1.invalid").returncode == 0
    assert (tmp_path / "boilerplate" / "jornal1.invalid.txt").is_file()


@pytest.mark.parametrize("outlets", [(), tuple(f"{form}.invalid" for form in FORMS)], ids=["all", "named"])
def test_what_publishers_say_in_the_records_of_a_harvest_is_obeyed_and_counted(
    outlets: tuple[str, ...], command: Callable[..., Any], tmp_path: Path
) -> None:
    records = [record("", b"x", kind="warcinfo")]
    for form, shots in FORMS.items():
        # What a host says counts wherever it stands, and for the addresses that it is about.
        other = page(1, 1, PORTUGUESE, ' lang="pt-BR"')
        for path, block, date in [*shots, ("/outra/", answer(other), "2024-05-02T00:00:00Z")]:
            records.append(record(f"https://{form}.invalid{path}", block, date=date))
    name = "crawl-data/CC-NEWS/2024/05/CC-NEWS-20240501000000-00000.warc.gz"
    archive = WebArchive(files={f"/{name}": b"".join(zlib.compress(one, 6, 31) for one in records)})
    with served(archive) as base:
        harvest_file(FileTask(f"{base}/{name}", tmp_path / "harvest" / "ccnews" / "2024-05", outlets, SERVER, 0))
    done = command(tmp_path, "reparse", "--harvest", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    for form in FORMS:
        shards = (tmp_path / "articles" / f"{form}.invalid").glob("*.jsonl.gz")
        assert [row["url"] for shard in shards for row in read_shard(shard)] == [f"https://{form}.invalid/outra/"]
    assert "9 opted out" in done.stdout


def test_the_command_says_what_it_will_read_and_is_followed_by_itself(
    command: Callable[..., Any], tmp_path: Path
) -> None:
    archive = WebArchive()
    wanted = month(archive, files=2)
    with served(archive) as base:
        here = ("ccnews", "--since", "2024-05", "-s", f"CCNEWS_URL={base}", "--keep-free", "0")
        seen = command(tmp_path, "harvest", *here, "--dry-run")
        assert (seen.returncode, "3 files to read, 0 done" in seen.stdout) == (0, True), seen.stdout + seen.stderr
        assert not (tmp_path / "harvest").exists()
        done = command(tmp_path, "harvest", *here, "--jobs", "1")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "120 records seen, 30 kept" in done.stdout
        assert "the archive does not have it" in done.stdout
        assert "0 files to read, 3 done" in command(tmp_path, "harvest", *here).stdout
        assert command(tmp_path, "harvest", "ccnews", "--since", "2024-5x").returncode == 2
    assert sorted(harvested(tmp_path)) == sorted(wanted)
    gone = command(tmp_path, "harvest", *here)
    assert gone.returncode == 1
    assert "the connection is refused" in gone.stderr


def test_outlets_are_read_from_lists_of_hosts_json_lines_and_csv(tmp_path: Path) -> None:
    plain, lines, table, bad = (tmp_path / name for name in ("a.txt", "b.jsonl", "c.csv", "d.txt"))
    plain.write_text("# comment\nwww.a.com.br\nhttps://b.com.br/\n")
    lines.write_text(json.dumps({"host": "a.com.br", "name": "A"}) + "\n" + json.dumps({"host": "www.b.com.br"}) + "\n")
    table.write_text("name,host,state\nA,a.com.br,SP\nB,b.com.br,RJ\n")
    for path in (plain, lines, table):
        assert read_outlets(path) == {"a.com.br", "b.com.br"}
    bad.write_text("http://[x\n")
    for path in (bad, tmp_path / "none"):
        with pytest.raises(WrongCommand):
            read_outlets(path)
