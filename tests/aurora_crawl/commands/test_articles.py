"""`scrapy articles` and `scrapy status`: what is stored, for people."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from aurora_crawl.items import Removal
from aurora_crawl.maintenance.status import status_of
from aurora_crawl.storage.crawl_history import CrawlRecord, note_crawl
from aurora_crawl.storage.ledger import Ledger

PLEA = "O jornal da cidade circula às quintas-feiras em toda a região do vale."
BLOCKS = f"whole | 9/10 | {PLEA}\n"


@pytest.fixture
def stored(shards: Any) -> Path:
    """Three articles of a site, one of them in two revisions, from which a learned block was cut."""
    cut = [Removal(1, "whole", PLEA, "site")]
    shards.add("mst", "A colheita começou.\n\nO milho rende.", title="Colheita de milho", removed=cut)
    shards.add("mst", "Ocupação no sertão.", title="=1+2 é conta", published="2024-02-01T10:00:00-03:00", removed=cut)
    address = "https://mst.org.br/outra"
    shards.add("mst", "Texto velho.", title="Outra", address=address, tags=["greve", "saúde"])
    shards.add(
        "mst", "Texto novo: a GREVE acabou.", title="Outra", address=address, revision=1, tags=["greve", "saúde"]
    )
    data: Path = shards.write()
    (data / "boilerplate").mkdir()
    (data / "boilerplate" / "mst.txt").write_text(BLOCKS, encoding="utf-8")
    return data


def test_a_list_has_a_line_an_article_the_newest_first(stored: Path, command: Callable[..., Any]) -> None:
    done = command(stored, "articles", "mst")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line[18:28] for line in lines] == ["2024-02-01", "2023-05-04", "2023-05-04"]
    assert sum("Outra" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("GREVE", {"Outra"}),
        ("ocupacao sertao", {"=1+2 é conta"}),
        ("velho", set()),
        ("", {"Outra", "=1+2 é conta", "Colheita de milho"}),
    ],
)
def test_search_finds_all_words_whatever_their_accents(
    stored: Path, command: Callable[..., Any], words: str, titles: set[str]
) -> None:
    done = command(stored, "articles", "mst", "--search", words)
    assert {line.split("  ")[-1] for line in done.stdout.splitlines()} == titles


def test_a_block_that_was_struck_out_gives_its_text_back(stored: Path, command: Callable[..., Any]) -> None:
    (line,) = command(stored, "articles", "mst", "--search", "milho").stdout.splitlines()
    id = line.split()[0]
    before = command(stored, "articles", "mst", id).stdout
    assert f"[-{PLEA}-] (site)" in before
    (stored / "boilerplate" / "mst.txt").write_text(f"-{BLOCKS}", encoding="utf-8")
    after = command(stored, "articles", "mst", id).stdout
    assert "[-" not in after
    assert f"A colheita começou.\n\n{PLEA}\n\nO milho rende." in after
    assert PLEA in command(stored, "articles", "mst", "--show", "--search", "circula quintas").stdout


def test_an_address_finds_its_article(stored: Path, command: Callable[..., Any]) -> None:
    assert "a GREVE acabou" in command(stored, "articles", "mst", "http://www.mst.org.br/outra/").stdout


def test_tables_are_read_back_as_they_are(stored: Path, command: Callable[..., Any], tmp_path: Path) -> None:
    files = tmp_path / "mst.csv", tmp_path / "mst.parquet"
    done = command(stored, "articles", "mst", "--csv", files[0], "--parquet", files[1])
    assert done.stdout.splitlines() == [f"3 articles in {path}" for path in files]
    with files[0].open(encoding="utf-8-sig", newline="") as file:
        sheet = list(csv.DictReader(file))
    rows = parquet.read_table(files[1]).to_pylist()
    assert [row["id"] for row in sheet] == [row["id"] for row in rows]
    assert [row["title"] for row in rows] == ["Colheita de milho", "=1+2 é conta", "Outra"]
    assert [row["title"] for row in sheet] == ["Colheita de milho", "'=1+2 é conta", "Outra"]
    assert (sheet[2]["tags"], rows[2]["tags"], rows[2]["revision"]) == ("greve; saúde", ["greve", "saúde"], 1)
    assert rows[0]["text"] == sheet[0]["text"] == "A colheita começou.\n\nO milho rende."
    assert rows[0]["removed"] == [f"site: {PLEA}"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "name one site"),
        (("nada",), "no articles of nada in"),
        (("mst", "0123456789abcdef"), "mst has no article 0123456789abcdef"),
        (("mst", "--limit", "0"), "--limit is 1 or more"),
    ],
)
def test_what_is_not_there_is_one_line(
    stored: Path, command: Callable[..., Any], words: tuple[str, ...], says: str
) -> None:
    done = command(stored, "articles", *words)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert says in done.stderr


def test_status_has_a_line_a_site(stored: Path, command: Callable[..., Any]) -> None:
    ledger = Ledger(stored / "ledger" / "mst.sqlite")
    for number in range(3):
        ledger.find(f"{number:016}", f"https://mst.org.br/{number}", "rest")
    ledger.keep(f"{0:016}", shard="mst-000001", revision=0, text_hash="x")
    ledger.close()
    note_crawl(stored, "mst", CrawlRecord("2026-01-02T03:04:05+00:00", "finished", kept=1))
    note_crawl(stored, "ponte", CrawlRecord("2026-01-02T03:04:05+00:00", "shutdown"))
    done = command(stored, "status")
    lines = {line.split()[0]: line.split() for line in done.stdout.splitlines()}
    assert lines["mst"][1:4] == ["1", "1", "2"]
    assert lines["mst"][-1] == "well"
    assert "interrupted; the same command goes on" in " ".join(lines["ponte"])
    assert "never crawled" in " ".join(lines["sul21"])
    assert done.returncode == 1
    assert command(stored, "status", "mst").returncode == 0
    assert command(stored, "status", "mts").returncode == 2


def test_status_reads_while_a_crawl_writes_and_names_what_it_cannot_read(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger" / "mst.sqlite")
    ledger.find("a" * 16, "https://mst.org.br/1", "rest")
    (here,) = status_of(tmp_path, [])
    assert (here.stored, here.due, here.is_well) == (0, 0, True)
    ledger.close()
    (tmp_path / "ledger" / "ponte.sqlite").write_bytes(b"no database at all, and long enough to be looked at" * 30)
    sites = {one.site: one for one in status_of(tmp_path, [])}
    assert sites["mst"].due == 1
    assert "scrapy verify ponte --repair" in sites["ponte"].health
