"""Shards that take the place of others: merged, read anew, or without what was forgotten. All of it or nothing.

The new shards are written beside the old ones, as `NAME.jsonl.gz.new`. Then a note, `replacement.json`, says which shards take
the place of which: from that moment the replacement is decided, and whatever the process dies of, the next one that opens
the store finishes it. Before, what was written is removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from aurora_crawl.files import sync_folder, whole_file, write_whole
from aurora_crawl.storage.articles import read_articles
from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.shard_line import line_facts
from aurora_crawl.storage.shards import FINISHED_SUFFIX, ShardFolder, packed

NEW_SUFFIX = f"{FINISHED_SUFFIX}.new"
NOTE = "replacement.json"


class Replacement:
    """New shards in a folder, until `swap` puts them in the place of old ones."""

    def __init__(self, shards: ShardFolder, site: str) -> None:
        self._shards, self._site = shards, site
        self.names: list[str] = []
        stem, _, number = shards.next_name(site).rpartition("-")
        self._stem, self._next = stem, int(number)

    def add(self, lines: Iterable[bytes]) -> str:
        """Write a new shard of encoded lines; its name. Raises OSError."""
        name = f"{self._stem}-{self._next:06d}"
        self._next += 1
        with whole_file(_new_path(self._shards, name)) as file, packed(file) as shard:
            shard.writelines(lines)
        self.names.append(name)
        return name

    def swap(self, ledger: Ledger, old: Iterable[str]) -> None:
        """Put the new shards in the place of the old ones, in the folder, the manifest, and the ledger.

        An article of the old shards that none of the new ones has goes back to found. Raises OSError and LedgerError.
        """
        sync_folder(self._shards.folder)
        note = {"new": self.names, "old": sorted(old)}
        write_whole(self._shards.folder / NOTE, json.dumps(note) + "\n")
        finish_replacement(self._shards, ledger)


def finish_replacement(shards: ShardFolder, ledger: Ledger) -> bool:
    """Finish a replacement that was decided, or remove what is left of one that was not; whether there was one to finish."""
    note = shards.folder / NOTE
    if not note.exists():
        for path in shards.folder.glob(f"*{NEW_SUFFIX}"):
            path.unlink()
        return False
    planned = json.loads(note.read_text(encoding="utf-8"))
    for name in planned["new"]:
        if _new_path(shards, name).exists():
            _new_path(shards, name).replace(shards.finished_path(name))
    sync_folder(shards.folder)
    shards.relist(add=planned["new"], remove=planned["old"])
    gone = {id for name in planned["old"] for id in ledger.kept_in(name)}
    for name in planned["new"]:
        for article in read_articles(shards.finished_path(name)):
            line = line_facts(article)
            entry = ledger.get(article.id)
            if entry is None or entry.shard is None or entry.shard in planned["old"] or entry.revision <= line.revision:
                ledger.adopt(
                    article.id, line.url, line.route, shard=name, revision=line.revision, text_hash=line.text_hash
                )
            gone.discard(article.id)
    ledger.lose(gone)
    ledger.commit()
    for name in planned["old"]:
        shards.finished_path(name).unlink(missing_ok=True)
    note.unlink()
    sync_folder(shards.folder)
    return True


def _new_path(shards: ShardFolder, name: str) -> Path:
    return shards.folder / f"{name}{NEW_SUFFIX}"
