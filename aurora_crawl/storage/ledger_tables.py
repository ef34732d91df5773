"""The tables of a ledger, and counts that the database keeps itself, so that nobody reads a million rows to know their number."""

from __future__ import annotations

import sqlite3

TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS address (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    state TEXT NOT NULL,
    due INTEGER NOT NULL,
    route TEXT NOT NULL,
    key TEXT,
    reason TEXT,
    rules TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    shard TEXT,
    revision INTEGER NOT NULL DEFAULT 0,
    text_hash TEXT,
    modified TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS address_due ON address (due) WHERE due;
CREATE INDEX IF NOT EXISTS address_shard ON address (shard) WHERE shard IS NOT NULL;
CREATE INDEX IF NOT EXISTS address_text ON address (text_hash) WHERE text_hash IS NOT NULL;
CREATE INDEX IF NOT EXISTS address_forbidden ON address (reason) WHERE reason = 'robots.txt';
CREATE INDEX IF NOT EXISTS address_forgotten ON address (state) WHERE state = 'forgotten';
CREATE TABLE IF NOT EXISTS alias (id TEXT PRIMARY KEY, url TEXT NOT NULL, article TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alias_article ON alias (article);
CREATE TABLE IF NOT EXISTS shard (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS listing (
    route TEXT NOT NULL,
    scope TEXT NOT NULL,
    position TEXT,
    started_at TEXT,
    completed_at TEXT,
    expected INTEGER,
    PRIMARY KEY (route, scope)
) WITHOUT ROWID;
"""

_COUNTED = {
    "state": "'state ' || {row}.state",
    "route": "'route ' || {row}.route",
    "due": "CASE WHEN {row}.due THEN 'due' ELSE 'not due' END",
}
"""By column of `address`: the name under which a row counts."""


def keep_tallies(db: sqlite3.Connection) -> None:
    """Let the database count the rows of `address` from now on; those that an older program left are counted once."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'tally_DELETE'").fetchone():
        return
    db.execute("BEGIN IMMEDIATE")
    db.execute("CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID")
    db.execute("DELETE FROM tally")
    for column, name in _COUNTED.items():
        db.execute(f"INSERT INTO tally SELECT {name.format(row='address')}, count(*) FROM address GROUP BY 1")  # noqa: S608 - names of ours
        old, new = name.format(row="old"), name.format(row="new")
        db.execute(
            f"CREATE TRIGGER IF NOT EXISTS tally_{column} AFTER UPDATE OF {column} ON address"
            f" WHEN {old} <> {new} BEGIN {_add(old, -1)} {_add(new, 1)} END"
        )
    for event, row, step in (("INSERT", "new", 1), ("DELETE", "old", -1)):
        added = " ".join(_add(name.format(row=row), step) for name in _COUNTED.values())
        db.execute(f"CREATE TRIGGER IF NOT EXISTS tally_{event} AFTER {event} ON address BEGIN {added} END")
    db.commit()


def _add(name: str, step: int) -> str:
    return f"INSERT INTO tally VALUES ({name}, {step}) ON CONFLICT (name) DO UPDATE SET number = number + {step};"  # noqa: S608
