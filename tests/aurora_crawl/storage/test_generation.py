"""A new generation of shards takes the place of the old one whole, whatever ends the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aurora_crawl.items import Article, article_id
from aurora_crawl.storage.generation import Generation, ReadAgain, Replaced
from aurora_crawl.storage.shard_line import text_hash
from aurora_crawl.storage.shards import encode, read_shard
from aurora_crawl.storage.store import SiteStore
from aurora_crawl.storage.verify import verify_site

ROOT = Path(__file__).resolve().parents[3]
SITE = "exemplo"


def article(number: int, text: str = "Um parágrafo.", revision: int = 0, **fields: str) -> Article:
    url = f"https://exemplo.invalid/{number}/"
    text = f"{text} {number}"
    return Article(article_id(url), url, SITE, f"Título {number}", text, route="rest", revision=revision, **fields)  # type: ignore[arg-type]


def crawled(data_dir: Path, *articles: Article) -> None:
    store = SiteStore(data_dir, SITE)
    for one in articles:
        store.ledger.find(one.id, one.url, "rest")
        store.keep(one)
    store.close()


def again(
    number: int, text: str = "Lido outra vez.", *, is_declared: bool = True, moment: str = "", **fields: str
) -> ReadAgain:
    one = article(number, text, **fields)
    return ReadAgain(SITE, one.id, encode(one), text_hash(one), is_declared, one.url, moment)


def rows(data_dir: Path) -> dict[str, dict]:
    paths = sorted(data_dir.glob(f"articles/{SITE}/*.jsonl.gz"))
    found = [record for path in paths for record in read_shard(path)]
    assert len({row["id"] for row in found}) == len(found)
    return {row["title"]: row for row in found}


def replaced(data_dir: Path, *articles: ReadAgain, strangers: bool = False, shard_bytes: int = 1 << 20) -> Replaced:
    with Generation(data_dir, SITE, shard_bytes=shard_bytes) as new:
        for one in articles:
            new.add(one)
        done = new.replace(strangers=strangers)
    assert verify_site(data_dir, SITE).problems == []
    return done


def test_what_was_read_again_takes_its_line_s_place_and_the_rest_stays(tmp_path: Path) -> None:
    crawled(tmp_path, *map(article, range(5)))
    assert replaced(
        tmp_path, again(3), again(1, moment="2026-02"), again(1, "Leitura anterior.", moment="2026-01")
    ) == Replaced(2, 3, 0)
    found = rows(tmp_path)
    assert list(found) == [f"Título {n}" for n in range(5)]
    assert [n for n in range(5) if found[f"Título {n}"]["text"] == f"Lido outra vez. {n}"] == [1, 3]


def test_what_was_not_read_again_stays_as_it_is_cleaned_and_of_equal_revisions_the_last_line_holds(
    tmp_path: Path,
) -> None:
    crawled(tmp_path, article(0), article(1), article(2), article(0, "Segunda linha."))
    with Generation(tmp_path, SITE) as new:
        new.add(again(1))
        done = new.replace(strangers=False, cleaned=lambda one: replace(one, text=f"Limpo: {one.text}"))
    assert done == Replaced(1, 2, 0)
    assert {title: row["text"] for title, row in rows(tmp_path).items()} == {
        "Título 0": "Limpo: Segunda linha. 0",
        "Título 1": "Lido outra vez. 1",
        "Título 2": f"Limpo: {article(2).text}",
    }
    assert verify_site(tmp_path, SITE).problems == []


def test_what_only_a_listing_told_and_the_revision_stay(tmp_path: Path) -> None:
    crawled(tmp_path, article(0, published="2024-01-01"))
    crawled(tmp_path, article(0, "Corrigido.", revision=1, published="2024-01-02", section="Vale"))
    replaced(tmp_path, again(0))
    (row,) = rows(tmp_path).values()
    assert (row["text"], row["revision"], row["published"], row["section"]) == (
        "Lido outra vez. 0",
        1,
        "2024-01-02",
        "Vale",
    )


def test_strangers_are_stored_only_where_they_are_asked_for_and_declare_an_article(tmp_path: Path) -> None:
    crawled(tmp_path, article(0))
    assert replaced(tmp_path, again(7)) == Replaced(0, 1, 1)
    assert replaced(tmp_path, again(7), again(8, is_declared=False), strangers=True) == Replaced(1, 1, 1)
    assert list(rows(tmp_path)) == ["Título 0", "Título 7"]


def test_forgotten_articles_and_second_addresses_of_a_text_are_passed_over(tmp_path: Path) -> None:
    crawled(tmp_path, *map(article, range(3)))
    store = SiteStore(tmp_path, SITE)
    store.ledger.forget(article(9).id, article(9).url)
    store.close()
    twin = article(0)
    other = ReadAgain(SITE, article(5).id, encode(twin), text_hash(twin), True)
    assert replaced(tmp_path, again(9), other, strangers=True) == Replaced(0, 3, 2)


def test_shards_are_cut_by_size(tmp_path: Path) -> None:
    crawled(tmp_path, *map(article, range(20)))
    replaced(tmp_path, *(again(n) for n in range(20)), shard_bytes=2000)
    assert len(list(tmp_path.glob(f"articles/{SITE}/*.jsonl.gz"))) > 3
    assert len(rows(tmp_path)) == 20


@pytest.mark.parametrize(
    "moment",
    ["Replacement.add", "Replacement.swap", "finish_replacement", "sync_folder", "read_articles", "Path.unlink"],
)
def test_killed_at_any_moment_one_generation_is_whole(tmp_path: Path, moment: str) -> None:
    crawled(tmp_path, *map(article, range(10)))
    code = f"""
import os, signal
from pathlib import Path
from aurora_crawl.storage import replacement
from aurora_crawl.storage.generation import Generation
from aurora_crawl.storage.replacement import Replacement
from test_generation import again
def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)
with Generation(Path({str(tmp_path)!r}), {SITE!r}) as new:
    for number in range(10):
        new.add(again(number))
    {"" if "." in moment else "replacement."}{moment} = die
    new.replace(strangers=False)
"""
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": path}
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    SiteStore(tmp_path, SITE).close()
    found = rows(tmp_path)
    assert len(found) == 10
    assert len({row["text"].startswith("Lido outra vez.") for row in found.values()}) == 1
    assert verify_site(tmp_path, SITE).problems == []
    assert not list((tmp_path / "articles" / SITE).glob("*.new"))


def test_another_address_of_an_article_is_no_article_of_its_own(tmp_path: Path) -> None:
    crawled(tmp_path, article(1), article(2))
    store = SiteStore(tmp_path, SITE)
    store.ledger.alias(article(9).id, article(9).url, article(1).id)
    store.close()
    assert replaced(tmp_path, again(9), strangers=True) == Replaced(0, 2, 1)
    assert list(rows(tmp_path)) == ["Título 1", "Título 2"]


def test_a_line_that_came_from_another_address_is_read_again_from_there_and_keeps_its_id(tmp_path: Path) -> None:
    one = replace(article(1), url="https://exemplo.invalid/9/")
    store = SiteStore(tmp_path, SITE)
    store.ledger.find(one.id, one.url, "sitemap")
    store.ledger.alias(article(9).id, one.url, one.id)
    store.keep(one)
    store.close()
    assert replaced(tmp_path, again(9)) == Replaced(1, 0, 0)
    (row,) = rows(tmp_path).values()
    assert (row["id"], row["text"]) == (one.id, "Lido outra vez. 9")
