"""`DATA_DIR/forgotten.jsonl`: what was forgotten, as hashes, so that it stays forgotten when a ledger is lost.

A line an address: `{"site": …, "id": …, "at": …}`. The id is a hash of the canonical address. A line more tells an article's text and title by
hashes of their pieces, `"pieces": {LETTERS: [HASH, …]}`, so that no teaser of it is archived later; nothing else of it is told.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aurora_crawl.files import sync_file, waiting_lock
from aurora_crawl.storage.ledger import Ledger

if TYPE_CHECKING:
    from aurora_crawl.storage.fingerprints import Fingerprints

FORGOTTEN = "forgotten.jsonl"


def note_forgotten(data_dir: Path, site: str, ids: Iterable[str]) -> None:
    """Add ids of a site; on the disk when this returns. Raises OSError."""
    new = sorted(set(ids) - forgotten_ids(data_dir, site))
    if new:
        at = _now()
        _add(data_dir, [{"site": site, "id": id, "at": at} for id in new])


def note_pieces(data_dir: Path, site: str, ids: Iterable[str], pieces: Iterable[str]) -> None:
    """Add hashes of what the articles' texts alone have; on the disk when this returns. Raises OSError."""
    from aurora_crawl.storage.fingerprints import hashes_of

    hashes = {str(length): [f"{one:016x}" for one in every] for length, every in hashes_of(pieces).items()}
    first = min(ids, default="")
    if first and hashes and not any(row.get("pieces") == hashes for row in _rows(data_dir, site)):
        _add(data_dir, [{"site": site, "id": first, "at": _now(), "pieces": hashes}])


def forgotten_ids(data_dir: Path, site: str) -> set[str]:
    """The ids of a site that were forgotten. A line that cannot be read costs itself."""
    return {str(row["id"]) for row in _rows(data_dir, site)}


def forgotten_pieces(data_dir: Path, site: str) -> Fingerprints:
    """What the texts of a site that were forgotten are recognised by."""
    from aurora_crawl.storage.fingerprints import Fingerprints

    found: dict[int, set[int]] = defaultdict(set)
    for row in _rows(data_dir, site):
        noted = row.get("pieces")
        for length, hashes in noted.items() if isinstance(noted, dict) else ():
            with suppress(ValueError, TypeError):
                found[int(length)] |= {int(one, 16) for one in hashes}
    return Fingerprints(found)


def _rows(data_dir: Path, site: str) -> Iterator[dict[str, object]]:
    try:
        with (data_dir / FORGOTTEN).open("rb") as file:
            for line in file:
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(row, dict) and row.get("site") == site and isinstance(row.get("id"), str):
                    yield row
    except FileNotFoundError:
        pass


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(data_dir: Path, rows: list[dict[str, object]]) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    with waiting_lock(data_dir / f".{FORGOTTEN}.lock"), (data_dir / FORGOTTEN).open("ab+") as file:
        if file.tell():
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                # What a power cut left unfinished spoils no other line.
                lines = b"\n" + lines
        file.write(lines)
        sync_file(file)


def forget_again(data_dir: Path, site: str, ledger: Ledger) -> set[str]:
    """Tell a ledger what it does not know to be forgotten, and the file what only the ledger knows; all ids that are."""
    noted, known = forgotten_ids(data_dir, site), ledger.forgotten()
    for id in noted - known:
        entry = ledger.own(id)
        ledger.forget(id, entry.url if entry is not None else f"forgotten:{id}")
    note_forgotten(data_dir, site, known - noted)
    return noted | known
