"""A ledger's counts are kept by the database itself, and what is left due is handed out once, however much there is."""

import random
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.ledger_tables import TABLES

ROUTES = ("rest", "sitemap")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "site.sqlite")


def counted(ledger: Ledger) -> tuple[dict[str, int], dict[str, int]]:
    """The counts of all rows, read one by one."""
    entries = list(ledger.entries())
    states = {state: sum(one.state == state for one in entries) for state in {one.state.value for one in entries}}
    routes = {route: sum(one.route == route for one in entries) for route in ROUTES}
    return states | {"due": sum(one.due for one in entries)}, routes


def test_counts_are_those_of_the_rows_whatever_happens_to_them(ledger: Ledger) -> None:
    rng = random.Random(7)
    for _ in range(2000):
        id, route = f"{rng.randrange(60):016x}", rng.choice(ROUTES)
        url = f"https://exemplo.invalid/{id}"
        match rng.randrange(9):
            case 0 | 1:
                ledger.find(id, url, route, modified=str(rng.randrange(3)))
            case 2:
                ledger.adopt(id, url, route, shard=f"s-{rng.randrange(3)}", revision=0, text_hash=id)
            case 3:
                ledger.drop(id, reason="language es")
            case 4:
                ledger.fail(id, reason="HTTP 500", again=rng.random() < 0.5)
            case 5:
                ledger.settle(id)
            case 6:
                ledger.lose([id])
            case 7:
                ledger.begin_reading()
                ledger.ask_again(id)
            case _:
                ledger.forget(id, url) if rng.random() < 0.1 else ledger.take_up(id)
        ledger.commit() if rng.random() < 0.1 else None
    states, routes = counted(ledger)
    assert ledger.counts() == states
    assert {route: ledger.count_of(route) for route in ROUTES} == routes
    assert ledger.shards() == {one.shard for one in ledger.entries() if one.shard}


def test_a_ledger_of_an_older_program_is_counted_once(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "site.sqlite")) as db, db:
        db.executescript(TABLES)
        db.executemany(
            "INSERT INTO address (id, url, state, due, route) VALUES (?, 'u', ?, ?, 'rest')",
            [("a", "kept", 0), ("b", "found", 1), ("c", "found", 1)],
        )
    for _ in range(2):
        ledger = Ledger(tmp_path / "site.sqlite")
        assert ledger.counts() == {"found": 2, "kept": 1, "due": 2}
        assert ledger.count_of("rest") == 3
        ledger.close()


def test_what_was_left_is_handed_out_once_and_nothing_that_was_found_since(ledger: Ledger) -> None:
    left = [f"{number:016x}" for number in range(1300)]
    for id in left:
        ledger.find(id, f"https://exemplo.invalid/{id}", "sitemap")
    ledger.begin_reading()
    assert ledger.take_up(left[1])
    assert not ledger.take_up(left[1])
    seen = []
    for entry in ledger.left_entries():
        seen.append(entry.id)
        # What happens to it while others are handed out.
        ledger.fail(entry.id, reason="HTTP 500", again=True)
        ledger.find(f"f{entry.id[1:]}", f"https://exemplo.invalid/f{entry.id}", "sitemap")
    assert seen == [left[0], *left[2:]]
    assert list(ledger.left_entries()) == []
    ledger.begin_reading()
    assert len(list(ledger.left_entries())) == 2 * len(left) - 1


def test_taking_up_holds_a_batch_however_much_is_left(ledger: Ledger) -> None:
    def most(count: int) -> int:
        ledger._db.executemany(
            "INSERT OR IGNORE INTO address (id, url, state, due, route) VALUES (?, 'https://exemplo.invalid/', 'found', 1, 'rest')",
            [(f"{number:016x}",) for number in range(count)],
        )
        ledger.begin_reading()
        tracemalloc.start()
        try:
            assert sum(1 for _ in ledger.left_entries()) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few = most(2_000)
    assert most(20_000) < 1.5 * few + 100_000
