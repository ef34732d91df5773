"""An article and its line are each other's inverse; what is no article, or a newer one, is said in words."""

import json
from pathlib import Path
from typing import Any

import pytest

from aurora_crawl.items import SCHEMA_VERSION, Article, NewerSchemaError, Quality, RecordError, Removal, as_record
from aurora_crawl.storage.articles import newest, newest_articles, read_articles
from aurora_crawl.storage.salvage import read_what_can_be
from aurora_crawl.storage.shards import ShardError, encode

WHOLE = Article(
    id="0123456789abcdef",
    url="https://exemplo.invalid/nota",
    site="exemplo",
    title="Nota",
    text="Um.\n\nDois.",
    removed=[Removal(2, "tail", "Leia também", "read-also")],
    authors=["Ana Lima"],
    published="2024-01-01",
    tags=["Cidade"],
    language="pt",
    quality=Quality(["newlines"], 0.99, newlines=0.5, stop_words=1),
    license="CC-BY-4.0",
    opt_out=["noai"],
    kind="book",
    route="rest",
    crawled_at="2024-01-01T00:00:00+00:00",
    revision=2,
    words=2,
)


@pytest.mark.parametrize("one", [WHOLE, Article(id="0" * 16, url="u", site="s", title="t", text="x", route="r")])
def test_record_and_article_are_inverse(one: Article) -> None:
    record = json.loads(encode(one))
    assert Article.from_record(record) == one
    assert as_record(Article.from_record(record)) == record


def test_an_older_line_gets_defaults_and_loses_what_is_no_field_any_more() -> None:
    record = as_record(WHOLE)
    for name in ("kind", "opt_out", "quality", "schema"):
        del record[name]
    old = Article.from_record({**record, "byline": "Ana"})
    assert (old.kind, old.opt_out, old.quality, old.schema) == ("article", [], Quality(), SCHEMA_VERSION)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": None}, "'text' is None"),
        ({"revision": "2"}, "'revision' is '2'"),
        ({"revision": True}, "'revision' is True"),
        ({"authors": "Ana"}, "'authors' is 'Ana'"),
        ({"tags": [1]}, r"'tags' is \[1\]"),
        ({"removed": [{"position": 1}]}, "'removed' holds"),
        ({"removed": [{"position": 1, "part": "middle", "text": "", "rule": ""}]}, "'removed' holds"),
        ({"quality": {"marks": "x"}}, "'marks' is 'x'"),
        ({"quality": {"newlines": [0.1]}}, "'newlines' is"),
        ({"kind": "poem"}, "'kind' is 'poem'"),
    ],
)
def test_what_is_no_article_is_said(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(RecordError, match=said):
        Article.from_record({**as_record(WHOLE), **wrong})


@pytest.mark.parametrize("name", ["id", "url", "site", "title", "text", "route", "revision"])
def test_a_line_that_lacks_a_field_says_which(name: str) -> None:
    record = as_record(WHOLE)
    del record[name]
    with pytest.raises(RecordError, match=f"lacks '{name}'"):
        Article.from_record(record)


def test_a_newer_line_is_refused_with_its_file_and_line_and_never_mended_away(tmp_path: Path) -> None:
    path = tmp_path / "exemplo-000001.jsonl.part"
    newer = {**as_record(WHOLE), "schema": SCHEMA_VERSION + 1, "text": ["in another shape"]}
    path.write_bytes(encode(WHOLE) + json.dumps(newer).encode() + b"\n")
    with pytest.raises(NewerSchemaError, match="update this program"):
        Article.from_record(newer)
    for read in (lambda: list(read_articles(path)), lambda: read_what_can_be(path)):
        with pytest.raises(
            ShardError, match=r"exemplo-000001.jsonl.part, line 2: written by a newer program .* update"
        ):
            read()


def test_the_highest_revision_holds_and_of_equal_ones_the_last_line(tmp_path: Path) -> None:
    lines = [("a", 0), ("b", 1), ("a", 2), ("b", 1), ("a", 1), ("c", 0)]
    assert newest(lines) == {"a": 2, "b": 3, "c": 5}
    paths = [tmp_path / f"exemplo-{number:06}.jsonl.part" for number in range(2)]
    articles = [
        Article(id=id, url="u", site="s", title=f"{number}", text="x", route="r", revision=revision)
        for number, (id, revision) in enumerate(lines)
    ]
    paths[0].write_bytes(b"".join(map(encode, articles[:3])))
    paths[1].write_bytes(b"".join(map(encode, articles[3:])))
    assert [one.title for one in newest_articles(paths)] == ["2", "3", "5"]
