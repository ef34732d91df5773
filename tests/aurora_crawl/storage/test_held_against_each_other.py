"""Shards and ledger are held against each other at each start: nothing is lost or doubled, whichever of them went back or away."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aurora_crawl.items import Article, article_id
from aurora_crawl.storage import store as store_module
from aurora_crawl.storage.erasure import ForgettingStore
from aurora_crawl.storage.ledger import Finding, Ledger
from aurora_crawl.storage.repair import compact_site, repair_site
from aurora_crawl.storage.replacement import NOTE, Replacement
from aurora_crawl.storage.shard_line import text_hash
from aurora_crawl.storage.shards import encode, read_shard
from aurora_crawl.storage.store import SiteStore
from aurora_crawl.storage.verify import verify_site

SITE = "exemplo"
COUNT = 40
SMALL = 2500
"""Bytes of a shard: some ten articles."""


def article(number: int, revision: int = 0) -> Article:
    url = f"https://exemplo.invalid/{number}/"
    text = f"Um parágrafo, na edição {revision}, com o número {number}."
    return Article(
        id=article_id(url), url=url, site=SITE, title=f"Título {number}", text=text, route="rest", revision=revision
    )


def crawl(data: Path, numbers: range = range(COUNT), edited: frozenset[int] = frozenset()) -> list[int]:
    """A crawl that is told of all articles and stores those that it has to, as the pipelines do; their numbers."""
    store = SiteStore(data, SITE, shard_bytes=SMALL, group_lines=3)
    stored = []
    for number in numbers:
        one = article(number)
        finding = store.ledger.find(one.id, one.url, "rest", modified="2" if number in edited else "1")
        entry = store.ledger.get(one.id)
        assert entry is not None
        if finding is not Finding.FORGOTTEN and (finding in (Finding.NEW, Finding.EDITED) or entry.due):
            edition = article(number, revision=1 if number in edited else 0)
            if entry.shard is not None and entry.text_hash == text_hash(edition):
                store.ledger.settle(one.id)
                continue
            stored.append(number)
            edition.revision = store.next_revision(one.id)
            store.keep(edition)
    store.close()
    return stored


def ledger_path(data: Path) -> Path:
    return data / "ledger" / f"{SITE}.sqlite"


def shard_paths(data: Path) -> list[Path]:
    return sorted((data / "articles" / SITE).glob("*.jsonl.gz"))


def lines(data: Path) -> list[tuple[str, int]]:
    return sorted((row["url"], row["revision"]) for path in shard_paths(data) for row in read_shard(path))


def every(revision: int = 0) -> list[tuple[str, int]]:
    return sorted((article(number).url, revision) for number in range(COUNT))


def gone(data: Path, old: Path) -> None:
    ledger_path(data).unlink()


def emptied(data: Path, old: Path) -> None:
    ledger_path(data).write_bytes(b"")


def older(data: Path, old: Path) -> None:
    shutil.copy(old, ledger_path(data))


def of_an_older_program(data: Path, old: Path) -> None:
    ledger = Ledger(ledger_path(data))
    ledger._db.execute("DELETE FROM shard")
    ledger.close()


@pytest.mark.parametrize("harm", [gone, emptied, older, of_an_older_program])
@pytest.mark.parametrize("compacted", [False, True])
def test_a_ledger_that_is_not_todays_doubles_nothing(
    tmp_path: Path, harm: Callable[[Path, Path], None], compacted: bool
) -> None:
    data, old = tmp_path / "data", tmp_path / "old.sqlite"
    crawl(data, range(15))
    shutil.copy(ledger_path(data), old)
    crawl(data)
    assert len(shard_paths(data)) > 2
    if compacted:
        compact_site(data, SITE)
    harm(data, old)
    assert crawl(data) == []
    assert lines(data) == every()
    assert verify_site(data, SITE).problems == []


@pytest.mark.parametrize("harm", [gone, emptied, older])
def test_revisions_stand_once_too(tmp_path: Path, harm: Callable[[Path, Path], None]) -> None:
    data, old = tmp_path / "data", tmp_path / "old.sqlite"
    crawl(data)
    shutil.copy(ledger_path(data), old)
    crawl(data, edited=frozenset(range(COUNT)))
    harm(data, old)
    crawl(data, edited=frozenset(range(COUNT)))
    assert len(set(lines(data))) == len(lines(data))
    assert set(every(1)) <= set(lines(data))
    assert verify_site(data, SITE).problems == []


def test_a_power_cut_at_any_closing_of_a_shard_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk as a power cut may leave it: shards are synced when they are closed, the ledger's last commits are not."""
    data = tmp_path / "data"
    cuts: list[Path] = []
    finish = store_module.ShardFolder.finish

    def finished(self: store_module.ShardFolder, name: str) -> object:
        # The ledger as it last was on the disk for certain: before anything of this shard was entered.
        done = finish(self, name)
        cut = tmp_path / f"cut{len(cuts)}"
        shutil.copytree(data, cut)
        (cut / "ledger" / f"{SITE}.sqlite-wal").unlink(missing_ok=True)
        (cut / "ledger" / f"{SITE}.sqlite-shm").unlink(missing_ok=True)
        cuts.append(cut)
        return done

    monkeypatch.setattr(store_module.ShardFolder, "finish", finished)
    crawl(data)
    monkeypatch.undo()
    assert len(cuts) > 3
    for cut in cuts:
        crawl(cut)
        assert lines(cut) == every()
        assert verify_site(cut, SITE).problems == []


def test_sound_shards_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crawl(tmp_path)
    crawl(tmp_path, edited=frozenset({3}))

    def read(path: Path) -> None:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr(store_module, "read_articles", read)
    SiteStore(tmp_path, SITE).close()


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size * 2 // 3)


def zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def to_nothing(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [Path.unlink, cut, zeros, to_nothing])
@pytest.mark.parametrize("which", [0, -1])
@pytest.mark.parametrize("ledger", ["todays", "gone"])
@pytest.mark.parametrize("manifest", ["whole", "gone"])
def test_a_shard_that_is_gone_or_cut_is_fetched_again(
    tmp_path: Path, harm: Callable[[Path], None], which: int, ledger: str, manifest: str
) -> None:
    crawl(tmp_path)
    path = shard_paths(tmp_path)[which]
    harm(path)
    if ledger == "gone":
        ledger_path(tmp_path).unlink()
    if manifest == "gone":
        (path.parent / "manifest.json").unlink()
    fetched = crawl(tmp_path)
    assert 0 < len(fetched) < COUNT
    assert lines(tmp_path) == every()
    assert verify_site(tmp_path, SITE).problems == []


@pytest.mark.parametrize("note", [b"", bytes(200), b"[]", b'{"new": 5}', b'{"new": ["a'])
@pytest.mark.parametrize("renamed", [0, 1, 2])
@pytest.mark.parametrize("repair", [True, False])
def test_a_damaged_note_of_a_replacement_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, note: bytes, renamed: int, repair: bool
) -> None:
    crawl(tmp_path)
    store = ForgettingStore(tmp_path, SITE)
    names = store.shards.compressed_names()
    replacement = Replacement(store.shards, SITE)
    for name in names[:2]:
        replacement.add(encode(one) for one in store._articles(name))
    for name in replacement.names[:renamed]:
        (store.shards.folder / f"{name}.jsonl.gz.new").rename(store.shards.finished_path(name))
    store.__exit__(None, None, None)
    (store.shards.folder / NOTE).write_bytes(note)
    if repair:
        repair_site(tmp_path, SITE)
    assert crawl(tmp_path) == []
    assert lines(tmp_path) == every()
    assert verify_site(tmp_path, SITE).problems == []


@pytest.mark.parametrize("harm", [gone, emptied, older])
@pytest.mark.parametrize("repair", [True, False])
def test_what_was_forgotten_stays_so_without_the_ledger(
    tmp_path: Path, harm: Callable[[Path, Path], None], repair: bool
) -> None:
    data, old = tmp_path / "data", tmp_path / "old.sqlite"
    crawl(data)
    shutil.copy(ledger_path(data), old)
    one = article(7)
    with ForgettingStore(data, SITE) as store:
        store.mark({one.id: one.url})
        store.remove({one.id})
    harm(data, old)
    if repair:
        repair_site(data, SITE)
    assert crawl(data) == []
    assert (one.url, 0) not in lines(data)
    assert len(lines(data)) == COUNT - 1
    noted = (data / "forgotten.jsonl").read_text()
    assert json.loads(noted)["id"] == one.id
    assert "exemplo.invalid" not in noted


def test_an_older_copy_of_a_shard_does_not_bring_back_what_was_forgotten(tmp_path: Path) -> None:
    crawl(tmp_path)
    one = article(7)
    (path,) = (path for path in shard_paths(tmp_path) if one.url in {row["url"] for row in read_shard(path)})
    copy = path.read_bytes()
    with ForgettingStore(tmp_path, SITE) as store:
        store.mark({one.id: one.url})
        store.remove({one.id})
    path.write_bytes(copy)
    repair_site(tmp_path, SITE)
    assert (one.url, 0) not in lines(tmp_path)
    assert len(lines(tmp_path)) == COUNT - 1
    assert crawl(tmp_path) == []
