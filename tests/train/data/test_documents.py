"""Documents come out of every kind of file once, and a broken one is named to the line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from train.config.load import DatasetKeys
from train.data.documents import Document, read_documents, source_files
from train.errors import DataError


def line(number: int, text: str = "", **fields: Any) -> str:
    return json.dumps({"id": f"{number:016x}", "text": text or f"texto {number}"} | fields) + "\n"


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.endswith(".gz"):
        path.write_bytes(gzip.compress(content.encode()))
    else:
        path.write_text(content, encoding="utf-8")
    return path


def read(path: Path | str, part: Any = "train", **keys: Any) -> list[Document]:
    return read_documents([DatasetKeys(path=str(path), **keys)], part)


def texts(documents: list[Document]) -> list[str]:
    return [document.text for document in documents]


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """A crawl's folder: two sites, a finished shard, an open one whose last line is cut, a manifest."""
    articles = tmp_path / "articles"
    write(articles / "um" / "0001.jsonl.gz", line(1) + line(2, revision=0) + line(3))
    write(articles / "um" / "0002.jsonl.part", line(2, "texto 2, corrigido", revision=1) + line(4) + '{"id": "5", "te')
    write(articles / "dois" / "0001.jsonl.gz", line(6, url="https://x.invalid/6", site="dois", license="CC-BY-4.0"))
    write(articles / "um" / "manifest.json", '{"shards": []}')
    write(articles / "README.md", "nada")
    return articles


def test_shards_are_read_with_the_highest_revision_and_without_the_cut_line(crawl: Path) -> None:
    documents = read(crawl)
    assert sorted(texts(documents)) == ["texto 1", "texto 2, corrigido", "texto 3", "texto 4", "texto 6"]
    last = next(document for document in documents if document.text == "texto 6")
    assert (last.url, last.site, last.license) == ("https://x.invalid/6", "dois", "CC-BY-4.0")


def test_the_folder_above_the_articles_is_the_same(crawl: Path) -> None:
    write(crawl.parent / "corpus" / "train-0.jsonl.gz", line(9))
    assert texts(read(crawl.parent)) == texts(read(crawl))


def test_an_older_revision_that_comes_later_does_not_win(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", line(1, "novo", revision=2))
    write(tmp_path / "b.jsonl", line(1, "velho", revision=1))
    assert texts(read(tmp_path)) == ["novo"]


def test_a_document_in_two_data_sets_counts_once(crawl: Path) -> None:
    entries = [DatasetKeys(path=str(crawl)), DatasetKeys(path=str(crawl / "um"))]
    assert len(read_documents(entries)) == 5


def test_a_corpus_has_its_own_validation_part(tmp_path: Path) -> None:
    write(tmp_path / "train-00000.jsonl.gz", line(1) + line(2))
    write(tmp_path / "validation-00000.jsonl.gz", line(3))
    write(tmp_path / "manifest.json", "{}")
    assert texts(read(tmp_path)) == ["texto 1", "texto 2"]
    assert texts(read(tmp_path, "validation")) == ["texto 3"]


def test_patterns_lists_and_lines_under_the_name_of_json(tmp_path: Path) -> None:
    write(tmp_path / "p" / "a-1.jsonl", line(1))
    write(tmp_path / "p" / "a-2.jsonl", line(2))
    write(tmp_path / "p" / "b-3.jsonl", line(3))
    assert texts(read(tmp_path / "p" / "a-*.jsonl")) == ["texto 1", "texto 2"]
    chunks = write(tmp_path / "chunks.json", json.dumps([{"text": "um"}, {"text": "dois"}, {"text": "um"}]))
    assert texts(read(chunks)) == ["um", "dois", "um"]
    assert texts(read(write(tmp_path / "plain.json", '["um", "dois"]'))) == ["um", "dois"]
    assert texts(read(write(tmp_path / "lines.json", line(1) + line(2)))) == ["texto 1", "texto 2"]


def test_another_field_and_chosen_files(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", '{"conteudo": "sim"}\n')
    write(tmp_path / "b.jsonl", '{"conteudo": "não"}\n')
    assert texts(read(tmp_path, field="conteudo", data_files="a.jsonl")) == ["sim"]


def test_empty_texts_are_left_out(tmp_path: Path) -> None:
    assert texts(read(write(tmp_path / "a.jsonl", line(1, "  \n") + "\n" + line(2)))) == ["texto 2"]


def test_a_text_without_an_id_is_named_by_its_hash(tmp_path: Path) -> None:
    first = read(write(tmp_path / "a.jsonl", '{"text": "um"}\n'))[0]
    assert len(first.id) == 16
    assert int(first.id, 16) >= 0


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jsonl", line(1) + '{"id": "2", "te\n' + line(3), "a.jsonl, line 2: is no JSON"),
        ("a.jsonl", line(1) + "[1]\n", "a.jsonl, line 2: should be an object with a text, not list"),
        ("a.jsonl", '{"id": "1"}\n', "a.jsonl, line 1: has no field text"),
        ("a.jsonl", '{"text": 5}\n', "a.jsonl, line 1: has int in the field text"),
        ("a.jsonl", '{"text": "x", "id": "1", "revision": "b"}\n', "revision should be a whole number"),
        ("a.jsonl.part", '{"id": "2", "te\n' + line(3), "a.jsonl.part, line 1: is no JSON"),
        ("a.json", '[{"text": "x"}, 5]', "a.json, entry 2: should be an object"),
        ("a.json", '[{"text": "x"},', "a.json, line 1: is no JSON"),
        ("a.json", '{"texts": []}', "should be a list"),
        ("a.csv", "text\nx\n", "should end in .jsonl"),
    ],
)
def test_broken_data_is_one_clear_line(tmp_path: Path, name: str, content: str, says: str) -> None:
    path = write(tmp_path / name, content)
    with pytest.raises(DataError) as caught:
        read(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_cut_gzip_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl.gz", "".join(line(number) for number in range(200)))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"a\.jsonl\.gz: is cut off"):
        read(path)


@pytest.mark.parametrize("name", ["nada", "nada.jsonl", "nada/*.jsonl", "vazio"])
def test_missing_data_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "vazio").mkdir()
    with pytest.raises(DataError, match=name.replace("*", r"\*")):
        read(tmp_path / name)


def test_a_name_that_is_no_path_may_be_on_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert source_files(DatasetKeys(path="org/dados")) is None
