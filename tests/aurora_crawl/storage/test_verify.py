"""Damage done to real files is found, named, and mended; merging and its crashes."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aurora_crawl.items import Article, article_id
from aurora_crawl.storage.ledger import Ledger, State
from aurora_crawl.storage.repair import compact_site, repair_site
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.store import SiteStore, StoreError
from aurora_crawl.storage.verify import verify_site

ROOT = Path(__file__).resolve().parents[3]
SITE = "exemplo"


def article(number: int, revision: int = 0) -> Article:
    url = f"https://exemplo.invalid/{number}/"
    text = f"Um parágrafo, na edição {revision}, com o número {number}."
    return Article(
        id=article_id(url), url=url, site=SITE, title=f"Título {number}", text=text, route="rest", revision=revision
    )


def crawled(data_dir: Path, shards: int = 4, each: int = 30) -> None:
    """As many short crawls, each of which leaves a shard."""
    for crawl in range(shards):
        store = SiteStore(data_dir, SITE)
        for number in range(crawl * each, (crawl + 1) * each):
            one = article(number)
            store.ledger.find(one.id, one.url, "rest")
            store.keep(one)
        store.close()


def stored(data_dir: Path) -> list[str]:
    return sorted(r["title"] for path in data_dir.glob("articles/*/*.jsonl.gz") for r in read_shard(path))


def titles(count: int) -> list[str]:
    return sorted(f"Título {n}" for n in range(count))


def first_shard(data_dir: Path) -> Path:
    return min(data_dir.glob("articles/*/*.jsonl.gz"))


def garble_middle(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 40] = b"\0" * 40
    path.write_bytes(raw)


def test_a_sound_site_has_no_problems(tmp_path: Path) -> None:
    crawled(tmp_path)
    verdict = verify_site(tmp_path, SITE)
    assert (verdict.problems, verdict.articles, verdict.lines, verdict.shards) == ([], 120, 120, 4)


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        pytest.param(lambda d: os.truncate(first_shard(d), 300), "cannot be read after line", id="shard cut"),
        pytest.param(lambda d: garble_middle(first_shard(d)), "cannot be read after line", id="shard garbled"),
        pytest.param(lambda d: first_shard(d).unlink(), "in the manifest, but not in the folder", id="shard gone"),
        pytest.param(
            lambda d: (d / "articles" / SITE / "manifest.json").write_text("{"), "not a manifest", id="manifest garbled"
        ),
        pytest.param(
            lambda d: (d / "articles" / SITE / "manifest.json").unlink(), "not in the manifest", id="no manifest"
        ),
        pytest.param(
            lambda d: (d / "ledger" / f"{SITE}.sqlite").write_bytes(b"x" * 9000), "not a database", id="ledger"
        ),
        pytest.param(lambda d: (d / "ledger" / f"{SITE}.sqlite").unlink(), "unknown to the ledger", id="ledger gone"),
        pytest.param(lambda d: doubled(d), "is there twice", id="a line twice"),
        pytest.param(lambda d: unknown_state(d), "where its line is not", id="ledger points elsewhere"),
    ],
)
def test_damage_is_named_and_repaired(tmp_path: Path, harm: Callable[[Path], None], says: str) -> None:
    crawled(tmp_path)
    harm(tmp_path)
    assert any(says in line for line in verify_site(tmp_path, SITE).problems), verify_site(tmp_path, SITE).problems
    repair_site(tmp_path, SITE)
    assert verify_site(tmp_path, SITE).problems == []
    store = SiteStore(tmp_path, SITE)
    due = {entry.id for entry in store.ledger.entries() if entry.due}
    for number in range(120):
        if (one := article(number)).id in due or store.ledger.get(one.id) is None:
            store.keep(one)
    store.close()
    assert stored(tmp_path) == titles(120)
    assert verify_site(tmp_path, SITE).problems == []


def doubled(data_dir: Path) -> None:
    store = SiteStore(data_dir, SITE)
    store.keep(article(3))
    store.close()


def unknown_state(data_dir: Path) -> None:
    db = sqlite3.connect(data_dir / "ledger" / f"{SITE}.sqlite")
    db.execute("UPDATE address SET revision = 7 WHERE url LIKE '%/3/'")
    db.commit()
    db.close()


def test_verify_says_that_a_crawl_is_running(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, SITE)
    with pytest.raises(StoreError, match="another crawl"):
        verify_site(tmp_path, SITE)
    store.close()


def test_small_shards_are_merged_and_every_revision_stays(tmp_path: Path) -> None:
    crawled(tmp_path)
    store = SiteStore(tmp_path, SITE)
    store.keep(article(5, revision=1))
    store.close()
    assert compact_site(tmp_path, SITE) == (5, 1)
    assert stored(tmp_path) == sorted([*titles(120), "Título 5"])
    assert verify_site(tmp_path, SITE).problems == []
    assert compact_site(tmp_path, SITE) == (1, 1)
    ledger = Ledger(tmp_path / "ledger" / f"{SITE}.sqlite")
    entry = ledger.get(article(5).id)
    ledger.close()
    assert (entry.state, entry.revision) == (State.KEPT, 1)


@pytest.mark.parametrize(
    "moment",
    [
        "Replacement.swap",
        "write_whole",
        "finish_replacement",
        "sync_folder",
        "read_articles",
        "Path.unlink",
    ],
)
def test_killed_while_merging_nothing_is_lost_or_doubled(tmp_path: Path, moment: str) -> None:
    crawled(tmp_path)
    code = f"""
import os, signal
from pathlib import Path
from aurora_crawl.storage import replacement, repair
from aurora_crawl.storage.replacement import Replacement
def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)
{"replacement." if "." not in moment else ""}{moment} = die
repair.compact_site(Path({str(tmp_path)!r}), {SITE!r})
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=900, cwd=ROOT
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    SiteStore(tmp_path, SITE).close()
    assert stored(tmp_path) == titles(120)
    assert verify_site(tmp_path, SITE).problems == []
    compact_site(tmp_path, SITE)
    assert len(list(tmp_path.glob("articles/*/*.jsonl.gz"))) == 1
    assert stored(tmp_path) == titles(120)
