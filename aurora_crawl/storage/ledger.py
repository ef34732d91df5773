"""The ledger: what became of every address of a site, and how far each of its listings was read.

One SQLite file a site, in WAL mode, so that sites run side by side. Writes gather in one transaction until `commit`; a
killed process loses at most what was not committed, never consistency. Who keeps an article must first bring its line to
the disk (`storage.store`), then tell the ledger.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from aurora_crawl.errors import StorageError
from aurora_crawl.messages import N_
from aurora_crawl.storage.entry import Entry, Finding, Reading, State
from aurora_crawl.storage.ledger_tables import TABLES, keep_tallies

__all__ = ["Entry", "Finding", "Ledger", "LedgerError", "Reading", "State"]

LEDGER_VERSION = 1

_COLUMNS = tuple(one.name for one in fields(Entry))


_NOT_OURS = {sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
"""Errors of a file that is whole and belongs to somebody else."""
_BATCH = 500
"""Rows of what is due that are held in memory."""


class LedgerError(StorageError):
    """The ledger's file cannot be used; the message says which and what to do."""


class Ledger:
    """A site's ledger in the SQLite file at `path`, which is made where it does not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path, timeout=10)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode=WAL")
            # NORMAL survives a killed process whole; after a power cut the last commits may be missing, and the lines
            # that they knew are taken over from the open shard.
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(TABLES)
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('version', ?)", (str(LEDGER_VERSION),))
            (version,) = self._db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
            self._db.commit()
            keep_tallies(self._db)
            self._reading = self._last_reading()
        except sqlite3.Error as error:
            if _is_full(error):
                raise self._broken(error) from error
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_OURS:
                denied = N_("{path}: {why}; this user may not write there")
                raise LedgerError(denied, path=path, why=error) from error
            broken = N_("{path}: {why}; move the file away, and `scrapy crawl` reads the site anew")
            raise LedgerError(broken, path=path, why=error) from error
        if int(version) > LEDGER_VERSION:
            newer = N_("{path}: written by a newer version ({version}); update this program")
            raise LedgerError(newer, path=path, version=version)

    def close(self) -> None:
        """Commit and close."""
        try:
            self.commit()
        finally:
            self._db.close()

    def commit(self) -> None:
        """Make everything since the last commit lasting. Raises LedgerError when the disk is full."""
        try:
            self._db.commit()
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def _run(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def _broken(self, error: sqlite3.Error) -> LedgerError:
        if isinstance(error, sqlite3.OperationalError):
            no_room = N_("{path}: {why}; make room, then run the same command again")
            return LedgerError(no_room, path=self.path, why=error)
        return LedgerError(N_("{path}: {why}; run `scrapy verify --repair`"), path=self.path, why=error)

    # What routes report

    def find(self, id: str, url: str, route: str, *, key: str | None = None, modified: str | None = None) -> Finding:
        """Note that `route` reports an address, and say whether it is to be fetched.

        NEW: never seen. EDITED: known, and `modified` differs from what the same route told before; it is due again.
        KNOWN: nothing to do (also when it is due already: `left_entries` hands those out). FORGOTTEN: never to be
        fetched.
        """
        entry = self.get(id)
        if entry is None:
            self._run(
                "INSERT INTO address (id, url, state, due, route, key, modified) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (id, url, State.FOUND, self._reading, route, key, modified),
            )
            return Finding.NEW
        if entry.state is State.FORGOTTEN:
            return Finding.FORGOTTEN
        # Two addresses of one article may tell two moments, in every crawl: each is held against its own.
        entry = self.own(id) or entry
        if modified is None or modified == entry.modified or entry.route != route or entry.due:
            return Finding.KNOWN
        self._run("UPDATE address SET due = ?, key = ?, modified = ? WHERE id = ?", (self._reading, key, modified, id))
        return Finding.EDITED

    def begin_reading(self) -> None:
        """A route is read from now on: what is due by now was left by earlier readings."""
        self._reading += 1
        self._run("INSERT OR REPLACE INTO meta VALUES ('reading', ?)", (str(self._reading),))

    def _last_reading(self) -> int:
        """The number of the reading under way, by which `due` tells what was left from what was found since."""
        row = self._db.execute("SELECT value FROM meta WHERE key = 'reading'").fetchone()
        return int(row["value"]) if row else 1

    def left_entries(self) -> Iterator[Entry]:
        """What earlier readings left due, each once, whatever becomes of it meanwhile; a batch of rows at a time in memory."""
        place: tuple[int, str] | None = (0, "")
        while place is not None:
            rows = self._run(
                "SELECT * FROM address WHERE due AND due < ? AND (due, id) > (?, ?) ORDER BY due, id LIMIT ?",
                (self._reading, *place, _BATCH),
            ).fetchall()
            yield from map(_entry, rows)
            place = (rows[-1]["due"], rows[-1]["id"]) if rows else None

    def take_up(self, id: str) -> bool:
        """Whether an earlier reading left this very address due. From now on it counts as found by this one."""
        left = self._run("UPDATE address SET due = ?1 WHERE id = ?2 AND due AND due < ?1", (self._reading, id))
        return left.rowcount > 0

    def forbidden(self) -> Iterator[tuple[str, str]]:
        """Id and address of what robots.txt forbade when it was last to be fetched."""
        for row in self._run("SELECT id, url FROM address WHERE reason = 'robots.txt' AND NOT due").fetchall():
            yield row["id"], row["url"]

    def ask_again(self, id: str) -> None:
        """What was dropped or failed is due again."""
        self._run(
            "UPDATE address SET due = ?, reason = NULL, state = CASE state WHEN 'kept' THEN 'kept' ELSE 'found' END WHERE id = ?",
            (self._reading, id),
        )

    # What became of them

    def keep(self, id: str, *, shard: str, revision: int, text_hash: str) -> None:
        """The article's line is on the disk, in `shard`."""
        self._run(
            "UPDATE address SET state = ?, due = 0, shard = ?, revision = ?, text_hash = ?, reason = NULL, rules = NULL"
            " WHERE id = ?",
            (State.KEPT, shard, revision, text_hash, id),
        )

    def adopt(self, id: str, url: str, route: str, *, shard: str, revision: int, text_hash: str) -> None:
        """Take over a line that stands in a shard and that the ledger does not know."""
        self._run(
            "INSERT INTO address (id, url, state, due, route) VALUES (?, ?, ?, 0, ?) ON CONFLICT (id) DO NOTHING",
            (id, url, State.KEPT, route),
        )
        self.keep(id, shard=shard, revision=revision, text_hash=text_hash)

    def settle(self, id: str) -> None:
        """The address was fetched again, and what is stored of it still holds."""
        self._run("UPDATE address SET due = 0 WHERE id = ?", (id,))

    def drop(self, id: str, *, reason: str, rules: str | None = None) -> None:
        """The address holds nothing that is wanted. What was kept of it earlier stays kept."""
        self._run(
            "UPDATE address SET due = 0, reason = ?, rules = ?, state = CASE state WHEN 'kept' THEN 'kept' ELSE ? END"
            " WHERE id = ?",
            (reason, rules, State.DROPPED, id),
        )

    def fail(self, id: str, *, reason: str, again: bool, is_try: bool = True) -> None:
        """The address could not be fetched or read; `again` leaves it due for the next crawl.

        `is_try` is false where that says nothing about the address, because its whole host could not be asked.
        """
        self._run(
            "UPDATE address SET due = ?, reason = ?, tries = tries + ?,"
            " state = CASE state WHEN 'kept' THEN 'kept' ELSE ? END WHERE id = ?",
            (self._reading if again else 0, reason, int(is_try), State.FAILED, id),
        )

    def lose(self, ids: Iterable[str]) -> None:
        """The lines of these addresses are not in their shard: they are to be fetched again."""
        for id in ids:
            self._run(
                "UPDATE address SET state = 'found', due = ?, shard = NULL, text_hash = NULL WHERE id = ?",
                (self._reading, id),
            )

    def forget(self, id: str, url: str) -> None:
        """The address is never to be fetched again, and nothing of it is stored."""
        self._run(
            "INSERT INTO address (id, url, state, due, route) VALUES (?, ?, ?, 0, 'forget') ON CONFLICT (id) DO UPDATE SET"
            " state = excluded.state, due = 0, shard = NULL, text_hash = NULL, reason = NULL, rules = NULL",
            (id, url, State.FORGOTTEN),
        )

    def forgotten(self) -> set[str]:
        """The ids of what was forgotten, and of its other addresses."""
        # The state by its name: SQLite must see that the index holds these rows.
        rows = self._run(
            "SELECT id FROM address WHERE state = 'forgotten' UNION SELECT alias.id FROM address JOIN alias"
            " ON alias.article = address.id WHERE address.state = 'forgotten'"
        )
        return {id for (id,) in rows}

    def alias(self, id: str, url: str, article: str) -> None:
        """`url`, whose canonical form has the id `id`, leads to the article of id `article`; itself where they are the same."""
        if id == article:
            self._run("DELETE FROM alias WHERE id = ?", (id,))
        else:
            self._run("INSERT OR REPLACE INTO alias VALUES (?, ?, ?)", (id, url, article))

    # What is known

    def own(self, id: str) -> Entry | None:
        """The entry of an id itself, whatever article it is another address of."""
        row = self._run("SELECT * FROM address WHERE id = ?", (id,)).fetchone()
        return _entry(row) if row else None

    def get(self, id: str) -> Entry | None:
        """The entry of an id, or of the article that it is another address of."""
        row = self._run(
            "SELECT * FROM address WHERE id = coalesce((SELECT article FROM alias WHERE id = ?1), ?1)", (id,)
        ).fetchone()
        return _entry(row) if row else None

    def kept_with_text(self, text_hash: str) -> Entry | None:
        """A kept entry whose stored text has this hash."""
        row = self._run("SELECT * FROM address WHERE text_hash = ? AND state = 'kept' LIMIT 1", (text_hash,))
        found = row.fetchone()
        return _entry(found) if found else None

    def kept_in(self, shard: str) -> dict[str, int]:
        """Id and revision of every entry whose line stands in `shard`."""
        rows = self._run("SELECT id, revision FROM address WHERE shard = ? AND state = 'kept'", (shard,))
        return {row["id"]: row["revision"] for row in rows}

    def count_in(self, shard: str) -> int:
        """How many entries point to `shard`."""
        return int(self._run("SELECT count(*) FROM address WHERE shard = ?", (shard,)).fetchone()[0])

    def knows_shard(self, name: str, sha256: str) -> bool:
        """Whether every line of this closed shard is accounted for. A ledger that was lost, or an older one, does not say so."""
        return bool(self._run("SELECT 1 FROM shard WHERE name = ? AND sha256 = ?", (name, sha256)).fetchone())

    def note_shard(self, name: str, sha256: str) -> None:
        """Every line of a closed shard is accounted for; to be noted after the lines."""
        self._run("INSERT OR REPLACE INTO shard VALUES (?, ?)", (name, sha256))

    def shards(self) -> set[str]:
        """The shards that entries point to."""
        # From one name in the index to the next: DISTINCT would read every row's.
        rows = self._run(
            "WITH RECURSIVE one (name) AS (SELECT min(shard) FROM address WHERE shard IS NOT NULL UNION ALL"
            " SELECT (SELECT min(shard) FROM address WHERE shard > one.name) FROM one WHERE one.name IS NOT NULL)"
            " SELECT name FROM one WHERE name IS NOT NULL"
        )
        return {shard for (shard,) in rows}

    def entries(self) -> Iterator[Entry]:
        """Every entry."""
        for row in self._run("SELECT * FROM address"):
            yield _entry(row)

    def damage(self) -> list[str]:
        """What SQLite finds wrong with the file; empty where it is sound."""
        rows = [row[0] for row in self._run("PRAGMA quick_check(5)").fetchall()]
        return [] if rows == ["ok"] else [f"{self.path.name}: {row}" for row in rows]

    def counts(self) -> dict[str, int]:
        """How many addresses are in each state; `due` counts those that are to be fetched."""
        counts = {state.value: number for state in State if (number := self._tally(f"state {state}"))}
        return counts | {"due": self._tally("due")}

    def count_of(self, route: str) -> int:
        """How many addresses a route was the first to find."""
        return self._tally(f"route {route}")

    def _tally(self, name: str) -> int:
        row = self._run("SELECT number FROM tally WHERE name = ?", (name,)).fetchone()
        return int(row["number"]) if row else 0

    def reasons(self, state: State) -> dict[str, int]:
        """How many addresses are in a state for each reason, the most frequent first."""
        rows = self._run(
            "SELECT coalesce(reason, ''), count(*) AS n FROM address WHERE state = ? GROUP BY 1 ORDER BY n DESC",
            (state,),
        )
        return dict(list(rows))

    # Listings

    def reading(self, route: str, scope: str) -> Reading:
        """How far the listing of a route was read. `scope` names the part of the site and the window that it covers."""
        row = self._run("SELECT * FROM listing WHERE route = ? AND scope = ?", (route, scope)).fetchone()
        if row is None:
            return Reading()
        position = json.loads(row["position"]) if row["position"] else None
        return Reading(position, row["started_at"], row["completed_at"], row["expected"])

    def note_reading(self, route: str, scope: str, reading: Reading) -> None:
        """Replace what is noted of a listing."""
        self._run(
            "INSERT OR REPLACE INTO listing VALUES (?, ?, ?, ?, ?, ?)",
            (
                route,
                scope,
                json.dumps(reading.position) if reading.position is not None else None,
                reading.started_at,
                reading.completed_at,
                reading.expected,
            ),
        )


def _is_full(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the disk is full; of a file that may not grow it says "disk I/O error"."""
    return "disk" in str(error)


def _entry(row: sqlite3.Row) -> Entry:
    # Ledgers of older programs have columns that nothing reads.
    values = {name: row[name] for name in _COLUMNS}
    return Entry(**values | {"state": State(values["state"]), "due": bool(values["due"])})
