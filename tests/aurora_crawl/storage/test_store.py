"""A store that loses nothing and holds nothing twice, whatever ended the last process."""

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path

import pytest

from aurora_crawl.items import Article, article_id
from aurora_crawl.storage.ledger import Finding, Ledger, State
from aurora_crawl.storage.shards import ShardError, read_shard
from aurora_crawl.storage.store import SiteStore, StoreError


def article(number: int, text: str = "Um parágrafo.", revision: int = 0) -> Article:
    url = f"https://exemplo.invalid/{number}/"
    return Article(
        id=article_id(url),
        url=url,
        site="exemplo",
        title=f"Título {number}",
        text=f"{text} {number}",
        route="rest",
        crawled_at="2026-01-01T00:00:00+00:00",
        words=3,
        revision=revision,
    )


def keep(store: SiteStore, *articles: Article) -> None:
    for one in articles:
        store.ledger.find(one.id, one.url, "rest")
        store.keep(one)


def lines(data_dir: Path) -> list[dict]:
    folder = data_dir / "articles" / "exemplo"
    paths = sorted([*folder.glob("*.jsonl.gz"), *folder.glob("*.jsonl.part")])
    return [record for path in paths for record in read_shard(path)]


def test_articles_are_kept_and_the_manifest_describes_the_shard(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "exemplo")
    keep(store, *map(article, range(3)))
    store.close()
    (record,) = json.loads((tmp_path / "articles/exemplo/manifest.json").read_text())["shards"]
    raw = gzip.decompress((tmp_path / "articles/exemplo" / f"{record['name']}.jsonl.gz").read_bytes())
    assert (record["lines"], record["bytes"]) == (3, len(raw))
    assert [row["title"] for row in lines(tmp_path)] == ["Título 0", "Título 1", "Título 2"]
    assert lines(tmp_path)[0] == asdict(article(0))


def test_same_articles_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        store = SiteStore(tmp_path / name, "exemplo")
        keep(store, *map(article, range(3)))
        store.close()
    first, second = (next((tmp_path / name).rglob("*.jsonl.gz")).read_bytes() for name in ("a", "b"))
    assert first == second


def test_address_is_kept_only_after_its_line_is_on_disk(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "exemplo", group_lines=3)
    keep(store, article(0), article(1))
    assert store.ledger.get(article(0).id).state is State.FOUND
    keep(store, article(2))
    assert store.ledger.get(article(0).id).state is State.KEPT
    assert len(lines(tmp_path)) == 3
    store.close()


def test_shard_is_closed_by_size(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "exemplo", shard_bytes=1500, group_lines=2)
    keep(store, *map(article, range(10)))
    store.close()
    assert len(list(tmp_path.rglob("*.jsonl.gz"))) > 2
    assert len(lines(tmp_path)) == 10


def run_and_kill(data_dir: Path, body: str) -> None:
    """Run a process that opens the store and dies by SIGKILL within `body`."""
    script = f"""
        import os, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        from test_store import article, keep
        from aurora_crawl.storage import store as module, shards
        from aurora_crawl import files
        from aurora_crawl.storage.ledger import LedgerError
        store = module.SiteStore(Path({str(data_dir)!r}), "exemplo", group_lines=2)
        die = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
    """
    code = textwrap.dedent(script) + textwrap.dedent(body)
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=900)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        pytest.param("store.ledger.commit(); keep(store, article(0)); die()", 1, id="line waiting for its group"),
        pytest.param("module.encode = die; keep(store, article(0))", 0, id="before the line"),
        pytest.param(
            "store.ledger.commit(); find = store.ledger.find; find(article(0).id, article(0).url, 'rest');"
            "find(article(1).id, article(1).url, 'rest'); store.ledger.commit(); store.ledger.keep = die;"
            "store.keep(article(0)); store.keep(article(1))",
            2,
            id="between line and ledger",
        ),
        pytest.param("store.ledger.keep = die; keep(store, article(0), article(1))", 2, id="found row not committed"),
        pytest.param("store.ledger.commit = die; keep(store, article(0), article(1))", 2, id="before the commit"),
        pytest.param("keep(store, article(0), article(1)); die()", 2, id="after the commit"),
        pytest.param(
            "shards.shard_record = die; keep(store, article(0), article(1)); store.close()", 2, id="renamed, unlisted"
        ),
        pytest.param("files.sync_folder = die; keep(store, article(0), article(1)); store.close()", 2, id="renamed"),
        pytest.param(
            "Path.unlink = die; keep(store, article(0), article(1)); store.close()", 2, id="listed, not removed"
        ),
    ],
)
def test_killed_at_any_moment_keeps_what_was_written_once(tmp_path: Path, body: str, kept: int) -> None:
    run_and_kill(tmp_path, body)
    store = SiteStore(tmp_path, "exemplo")
    assert store.ledger.counts().get("kept", 0) == kept
    missing = [one for one in map(article, range(4)) if (e := store.ledger.get(one.id)) is None or e.due]
    keep(store, *missing)
    store.close()
    titles = [row["title"] for row in lines(tmp_path)]
    assert sorted(titles) == [f"Título {n}" for n in range(4)]
    SiteStore(tmp_path, "exemplo").close()
    assert sorted(row["title"] for row in lines(tmp_path)) == sorted(titles)
    assert not list(tmp_path.rglob("*.unfinished"))


def test_cut_last_line_is_cut_off_and_fetched_again(tmp_path: Path) -> None:
    run_and_kill(tmp_path, "keep(store, article(0), article(1)); die()")
    (part,) = tmp_path.rglob("*.jsonl.part")
    os.truncate(part, part.stat().st_size - 7)
    store = SiteStore(tmp_path, "exemplo")
    assert (store.recovery.lost, store.recovery.cut_bytes > 0) == (1, True)
    assert [entry.id for entry in store.ledger.entries() if entry.due] == [article(1).id]
    keep(store, article(1))
    store.close()
    assert [row["title"] for row in lines(tmp_path)] == ["Título 0", "Título 1"]


def test_line_of_a_forgotten_article_is_not_taken_over(tmp_path: Path) -> None:
    run_and_kill(tmp_path, "keep(store, article(0)); die()")
    ledger = Ledger(tmp_path / "ledger" / "exemplo.sqlite")
    ledger.find(article(0).id, article(0).url, "rest")
    ledger._run("UPDATE address SET state = 'forgotten', due = 0")
    ledger.close()
    store = SiteStore(tmp_path, "exemplo")
    assert (store.recovery.adopted, store.ledger.get(article(0).id).state) == (0, State.FORGOTTEN)
    store.close()


def test_second_process_is_told_who_holds_the_store(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "exemplo")
    with pytest.raises(StoreError, match=rf"exemplo: another crawl .*process {os.getpid()}"):
        SiteStore(tmp_path, "exemplo")
    store.close()
    SiteStore(tmp_path, "exemplo").close()


@pytest.mark.parametrize("limit", [pytest.param(100_000, id="ledger first"), pytest.param(200_000, id="shard first")])
def test_full_disk_leaves_whole_lines_and_the_crawl_goes_on_later(tmp_path: Path, limit: int) -> None:
    body = f"""
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            for n in range(0, 100, 2):
                keep(store, article(n, "x" * 4000), article(n + 1, "y" * 4000))
        except (module.StoreError, LedgerError) as error:
            assert "make room, then run the same command again" in str(error)
            die()
    """
    run_and_kill(tmp_path, body)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    store = SiteStore(tmp_path, "exemplo")
    before = store.ledger.counts()["kept"]
    assert 2 <= before < 70
    assert store.recovery.lost == 0
    rest = [n for n in range(100) if (e := store.ledger.get(article(n).id)) is None or e.due]
    keep(store, *(article(n, "x" * 4000) for n in rest))
    store.close()
    assert sorted(row["id"] for row in lines(tmp_path)) == sorted(article(n).id for n in range(100))


def test_vanished_shards_are_fetched_again(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "exemplo")
    keep(store, article(0))
    store.close()
    for path in (tmp_path / "articles/exemplo").iterdir():
        path.unlink()
    store = SiteStore(tmp_path, "exemplo")
    assert store.recovery.lost == 1
    assert store.ledger.counts()["due"] == 1
    store.close()


def test_cut_compressed_shard_is_named(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "exemplo")
    keep(store, *map(article, range(50)))
    store.close()
    (path,) = tmp_path.rglob("*.jsonl.gz")
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(ShardError, match=f"{path.name}: damaged"):
        list(read_shard(path))


def test_edited_article_gets_the_next_revision(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "exemplo")
    one = article(0)
    assert store.ledger.find(one.id, one.url, "rest", modified="2026-01-01") is Finding.NEW
    store.keep(one)
    store.flush()
    assert store.ledger.find(one.id, one.url, "rest", modified="2026-01-01") is Finding.KNOWN
    assert store.ledger.find(one.id, one.url, "sitemap", modified="2026-01-02") is Finding.KNOWN
    assert store.ledger.find(one.id, one.url, "rest", modified="2026-01-03") is Finding.EDITED
    assert store.next_revision(one.id) == 1
    store.close()


def test_alias_leads_to_the_article(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "exemplo")
    keep(store, article(0))
    other = "https://exemplo.invalid/antigo/0"
    store.ledger.alias(article_id(other), other, article(0).id)
    assert store.ledger.get(article_id(other)).id == article(0).id
    assert store.ledger.find(article_id(other), other, "listing") is Finding.KNOWN
    store.close()
