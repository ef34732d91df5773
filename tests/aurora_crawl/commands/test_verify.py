"""`scrapy verify`: what it says of damage, and that it mends it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aurora_crawl.items import Article, article_id
from aurora_crawl.storage.store import SiteStore

SITE = "exemplo"
Run = Callable[..., Any]


def crawled(data_dir: Path, shards: int = 4, each: int = 30) -> None:
    """As many short crawls, each of which leaves a shard."""
    for crawl in range(shards):
        store = SiteStore(data_dir, SITE)
        for number in range(crawl * each, (crawl + 1) * each):
            url = f"https://exemplo.invalid/{number}/"
            text = f"Um parágrafo com o número {number}."
            one = Article(id=article_id(url), url=url, site=SITE, title=f"Título {number}", text=text, route="rest")
            store.ledger.find(one.id, one.url, "rest")
            store.keep(one)
        store.close()


def test_the_command_says_what_is_wrong_and_mends_it(command: Run, tmp_path: Path) -> None:
    crawled(tmp_path)
    assert command(tmp_path, "verify").stdout == "exemplo: all is well: 120 articles, 120 lines, 4 shards\n"
    os.truncate(min(tmp_path.glob("articles/*/*.jsonl.gz")), 300)
    found = command(tmp_path, "verify", SITE)
    assert found.returncode == 1
    assert "cannot be read after line" in found.stdout
    assert "`scrapy verify exemplo --repair` mends" in found.stdout
    mended = command(tmp_path, "verify", "--repair", "--compact")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert "could not be mended: the damaged lines of exemplo-000001.jsonl.gz" in mended.stdout
    assert command(tmp_path, "verify", "exempla").returncode == 2


def test_what_a_killed_crawl_left_is_no_damage_and_said_to_be_taken_over(command: Run, tmp_path: Path) -> None:
    crawled(tmp_path, 1, 3)
    store = SiteStore(tmp_path, SITE)
    url = "https://exemplo.invalid/novo/"
    store.keep(Article(id=article_id(url), url=url, site=SITE, title="Novo", text="Um parágrafo.", route="rest"))
    # As a killed process leaves it: the line is written, and the ledger does not know it.
    store._lock.close()
    store.ledger._db.close()
    done = command(tmp_path, "verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert "exemplo: all is well: 4 articles" in done.stdout
    assert "exemplo: the last crawl ended suddenly; the next one takes over 1 article by itself" in done.stdout
    again = SiteStore(tmp_path, SITE)
    assert again.recovery.adopted == 1
    again.close()
    assert "suddenly" not in command(tmp_path, "verify").stdout


def test_a_site_that_is_in_use_costs_itself(command: Run, tmp_path: Path) -> None:
    crawled(tmp_path, 1, 3)
    store = SiteStore(tmp_path, "aberto")
    done = command(tmp_path, "verify")
    store.close()
    assert done.returncode == 1
    assert done.stderr.startswith("aberto: aberto: another crawl has its data open")
    assert "exemplo: all is well" in done.stdout
