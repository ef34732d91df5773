"""`DATA_DIR/forgotten.jsonl`: what was forgotten, as hashes, so that it stays forgotten when a ledger is lost.

A line an address: `{"site": …, "id": …, "at": …}`. The id is a hash of the canonical address; nothing else of it is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from aurora_crawl.files import sync_file, waiting_lock
from aurora_crawl.storage.ledger import Ledger

FORGOTTEN = "forgotten.jsonl"


def note_forgotten(data_dir: Path, site: str, ids: Iterable[str]) -> None:
    """Add ids of a site; on the disk when this returns. Raises OSError."""
    path = data_dir / FORGOTTEN
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    new = sorted(set(ids) - forgotten_ids(data_dir, site))
    if not new:
        return
    lines = "".join(json.dumps({"site": site, "id": id, "at": at}) + "\n" for id in new).encode()
    with waiting_lock(data_dir / f".{FORGOTTEN}.lock"), path.open("ab+") as file:
        if file.tell():
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                # What a power cut left unfinished spoils no other line.
                lines = b"\n" + lines
        file.write(lines)
        sync_file(file)


def forgotten_ids(data_dir: Path, site: str) -> set[str]:
    """The ids of a site that were forgotten. A line that cannot be read costs itself."""
    found = set()
    try:
        with (data_dir / FORGOTTEN).open("rb") as file:
            for line in file:
                try:
                    row = json.loads(line)
                except ValueError:
                    continue
                if isinstance(row, dict) and row.get("site") == site and isinstance(row.get("id"), str):
                    found.add(row["id"])
    except FileNotFoundError:
        pass
    return found


def forget_again(data_dir: Path, site: str, ledger: Ledger) -> set[str]:
    """Tell a ledger what it does not know to be forgotten, and the file what only the ledger knows; all ids that are."""
    noted, known = forgotten_ids(data_dir, site), ledger.forgotten()
    for id in noted - known:
        entry = ledger.own(id)
        ledger.forget(id, entry.url if entry is not None else f"forgotten:{id}")
    note_forgotten(data_dir, site, known - noted)
    return noted | known
