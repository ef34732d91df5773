"""The card beside the shards, read by `datasets` itself."""

from pathlib import Path
from typing import BinaryIO

import pytest

from aurora_crawl import files
from aurora_crawl.items import Article, Quality, Removal, article_id
from aurora_crawl.storage.readme import CARD, write_card
from aurora_crawl.storage.store import SiteStore


def bare(site: str, number: int) -> Article:
    """An article with nulls and empty lists only."""
    url = f"https://{site}.invalid/{number}"
    return Article(
        id=article_id(url),
        url=url,
        site=site,
        title="T",
        text=f"x{number}",
        route="rest",
        crawled_at="2026-01-01T00:00:00Z",
    )


def full(site: str, number: int) -> Article:
    """An article with every field filled."""
    article = bare(site, number)
    article.removed = [Removal(0, "whole", "Leia também", "exemplo")]
    article.authors, article.tags, article.opt_out = ["Ana"], ["greve"], ["meta:noai"]
    article.published = article.modified = "2024-01-01T00:00:00-03:00"
    article.section, article.language, article.license = "Campo", "pt", "MIT"
    article.quality = Quality(["newlines"], 0.9, 0.1, 0.2, 0.3, 4.5, 0.1, 7)
    return article


def test_datasets_reads_two_sites_of_which_the_first_has_only_nulls(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    for site, make in (("aaa", bare), ("zzz", full)):
        store = SiteStore(tmp_path, site)
        for number in range(3):
            article = make(site, number)
            store.ledger.find(article.id, article.url, "rest")
            store.keep(article)
        store.close()
    loaded = datasets.load_dataset(str(tmp_path / "articles"), cache_dir=str(tmp_path / "cache"))["train"]
    assert len(loaded) == 6
    assert loaded[0]["tags"] == []
    assert loaded[0]["published"] is None
    assert loaded[5]["removed"][0]["rule"] == "exemplo"
    assert loaded[5]["quality"]["marks"] == ["newlines"]


def test_crawls_that_begin_at_once_write_it_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync, begun = files.sync_file, []

    def another_begins(file: BinaryIO) -> None:
        if not begun:
            begun.append(True)
            write_card(tmp_path)
        sync(file)

    monkeypatch.setattr(files, "sync_file", another_begins)
    write_card(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [CARD]
