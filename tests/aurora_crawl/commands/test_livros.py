"""`scrapy crawl livros` and `scrapy extract livros`: files at hand, through every step of a crawl."""

from __future__ import annotations

import gzip
import json
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import processes
import pytest

from aurora_crawl.crawling.arguments import ArgumentError
from aurora_crawl.crawling.book_files import BookOptions, file_id, files_in, read_book_file, read_rows, read_sidecar
from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.spiders.livros import LivrosSpider

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = jsonschema.Draft202012Validator(
    json.loads(files("aurora_crawl.storage").joinpath("article.schema.json").read_text(encoding="utf-8"))
)
PROSE = "O rio levava as folhas da tarde, e ninguém na vila sabia ao certo para onde iam, nem quem as tinha posto ali."
BOOK = "\n\n".join(
    f"CAPÍTULO {roman}\n\n{PROSE}\n\n— E agora? perguntou o homem da ponte." for roman in ("I", "II", "III")
)


def run_scrapy(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`scrapy …` in a process of its own: a reactor runs once."""
    command = [*processes.SCRAPY, *words, "-s", f"DATA_DIR={data}"]
    return processes.run(command, cwd=ROOT, check=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A book with a sidecar, a text, rows, and a broken file."""
    folder = tmp_path / "estante"
    (folder / "velhos").mkdir(parents=True)
    (folder / "rio.txt").write_text(BOOK, "utf-8")
    (folder / "rio.yml").write_text(
        "title: O rio da vila\nauthor: Ana Inventada\nyear: 1899\nlicense: CC0-1.0\n", "utf-8"
    )
    (folder / "velhos" / "nota.txt").write_text(f"{PROSE}\n\nOutra frase sobre a praça da vila, e mais nada.", "utf-8")
    rows = [{"text": f"Notícia. {PROSE}"}, {"texto": "?"}]
    (folder / "antigo.json").write_text(json.dumps(rows), "utf-8")
    (folder / "quebrado.pdf").write_bytes(b"lixo")
    return folder


def stored(data: Path) -> list[dict[str, Any]]:
    lines = []
    for shard in sorted((data / "articles" / "livros").glob("*.jsonl.gz")):
        with gzip.open(shard, "rt", encoding="utf-8") as file:
            lines += [json.loads(line) for line in file]
    return lines


def test_a_folder_becomes_lines_of_a_shard_once(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = run_scrapy(data, "crawl", "livros", "-a", f"path={folder}")
    assert "quebrado.pdf: is damaged" in first.stderr
    rows = {row["title"]: row for row in stored(data)}
    for row in rows.values():
        SCHEMA.validate(row)
    book = rows["O rio da vila"]
    assert (book["kind"], book["authors"], book["published"], book["license"]) == (
        "book",
        ["Ana Inventada"],
        "1899",
        "CC0-1.0",
    )
    assert [chapter["title"] for chapter in book["chapters"]] == ["I", "II", "III"]
    assert all(book["text"].startswith(chapter["title"], chapter["offset"]) for chapter in book["chapters"])
    assert (book["id"], book["url"]) == (file_id(folder / "rio.txt"), "file:///rio.txt")
    others = [row for row in rows.values() if row is not book]
    assert {(row["kind"], row["license"], row["provenance"], row["format"]) for row in others} == {
        ("article", "LicenseRef-unknown", "unknown", None)
    }
    assert (book["format"], book["provenance"]) == ("txt", "unknown")
    assert 0 <= book["quality"]["noise"] <= 1
    assert len(rows) == 3
    (folder / "rio.txt").rename(folder / "outro nome.txt")
    run_scrapy(data, "crawl", "livros", "-a", f"path={folder}")
    assert len(stored(data)) == 3


def test_a_file_is_forgotten_by_its_address(folder: Path, tmp_path: Path, command: Any) -> None:
    data = tmp_path / "data"
    run_scrapy(data, "crawl", "livros", "-a", f"path={folder}")
    kept = data / "ocr" / file_id(folder / "rio.txt")
    kept.mkdir(parents=True)
    for address in ("file:///rio.txt", "file:///antigo.json#1"):
        done = command(data, "forget", address)
        assert done.returncode == 0, done.stderr
    assert [row["url"] for row in stored(data)] == ["file:///nota.txt"]
    assert not kept.exists()
    run_scrapy(data, "crawl", "livros", "-a", f"path={folder}")
    assert len(stored(data)) == 1
    assert command(data, "forget", "file:///nunca.txt").returncode == 1


def test_wrong_arguments_are_named() -> None:
    for given, said in (({}, "path=DIR"), ({"pth": "x"}, "pth"), ({"path": "/no/such"}, "/no/such")):
        with pytest.raises(ArgumentError, match=said):
            LivrosSpider(**given)
    with pytest.raises(ArgumentError, match="notes"):
        LivrosSpider(path="/", notes="foot")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("titel: x", "titel"),
        ("- a", "keys and values"),
        ("title: [", "no YAML"),
        ("source: ftp://x", "source"),
        ("year: em 1899", "year"),
    ],
)
def test_a_wrong_sidecar_is_named(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "a.yml").write_text(written, "utf-8")
    with pytest.raises(BookError, match=said):
        read_sidecar(tmp_path / "a.pdf")


def test_a_folder_of_pages_is_one_book_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "obra").mkdir()
    for name in ("index.htm", "cap01.htm"):
        (tmp_path / "obra" / name).write_text("<p>x</p>", "utf-8")
    (tmp_path / "volta").symlink_to(tmp_path)
    (tmp_path / "a.txt").write_text("x", "utf-8")
    assert files_in(tmp_path) == [tmp_path / "a.txt", tmp_path / "obra"]


def test_rows_of_text_come_in_and_broken_ones_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        f'{{"text": "{PROSE}", "url": "https://example.org/a"}}\n{{"text": \n"só texto, sem chave"\n', "utf-8"
    )
    told: list[str] = []
    rows = list(read_rows(path, "livros", told.append))
    assert [row.url for row in rows] == ["https://example.org/a", "file:///a.jsonl#3"]
    assert rows[1].title == "só texto, sem chave"
    assert [row.provenance for row in rows] == ["https://example.org/a", "unknown"]
    assert told == [f"{path}: row 2 has no text; passed over"]


def test_what_was_taken_from_a_book_stands_where_it_stood(folder: Path) -> None:
    (folder / "rio.txt").write_text(f"Prefácio\n========\n\n{PROSE}\n\n{BOOK}", "utf-8")
    article = read_book_file(folder / "rio.txt", BookOptions())
    assert [(one.position, one.rule) for one in article.removed] == [(0, "page-preface"), (1, "page-preface")]
    assert article.paragraphs[0] == "I"


def test_extract_prints_a_book(folder: Path, command: Any, tmp_path: Path) -> None:
    done = command(tmp_path / "data", "extract", "livros", folder / "rio.txt")
    assert done.returncode == 0, done.stderr
    SCHEMA.validate(json.loads(done.stdout))
    assert command(tmp_path / "data", "extract", "livros", folder / "quebrado.pdf").returncode == 1
    assert command(tmp_path / "data", "extract", "livros", folder / "nada.pdf").returncode == 2
