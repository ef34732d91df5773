"""Shards that take the place of others: merged, read anew, or without what was forgotten. All of it or nothing.

The new shards are written beside the old ones, as `NAME.jsonl.gz.new`. Then a note, `replacement.json`, says which shards take
the place of which: from that moment the replacement is decided, and whatever the process dies of, the next one that opens
the store finishes it. Before, what was written is removed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from aurora_crawl.files import sync_folder, whole_file, write_whole
from aurora_crawl.storage.articles import read_articles
from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.salvage import put_aside, read_what_can_be
from aurora_crawl.storage.shard_line import line_facts
from aurora_crawl.storage.shards import FINISHED_SUFFIX, ShardFolder, packed
from aurora_crawl.storage.typed_json import from_json

NEW_SUFFIX = f"{FINISHED_SUFFIX}.new"
NOTE = "replacement.json"


@dataclass(slots=True, frozen=True)
class Planned:
    """The note of a decided replacement: the names of the new shards, and of the old ones."""

    new: list[str]
    old: list[str]


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
        planned = Planned(self.names, sorted(old))
        write_whole(self._shards.folder / NOTE, json.dumps(asdict(planned)) + "\n")
        finish_replacement(self._shards, ledger)


def finish_replacement(shards: ShardFolder, ledger: Ledger) -> bool:
    """Finish a replacement that was decided, or remove what is left of one that was not; whether there was one to finish.

    The old shards go last. So where the note of it is damaged nothing is lost: what was not put in place yet is removed, and lines
    that stand in new and old shards are taken out of the old ones.
    """
    path = shards.folder / NOTE
    if not path.exists():
        _remove_new(shards)
        return False
    try:
        planned = from_json(Planned, json.loads(path.read_bytes()))
    except ValueError:
        put_aside(path)
        _remove_new(shards)
        path.unlink()
        rewrite(shards, ledger)
        return True
    for name in planned.new:
        if _new_path(shards, name).exists():
            _new_path(shards, name).replace(shards.finished_path(name))
    sync_folder(shards.folder)
    shards.relist(add=planned.new, remove=planned.old)
    gone = {id for name in planned.old for id in ledger.kept_in(name)}
    for name in planned.new:
        for article in read_articles(shards.finished_path(name)):
            line = line_facts(article)
            entry = ledger.own(article.id)
            if entry is None or entry.shard is None or entry.shard in planned.old or entry.revision <= line.revision:
                ledger.adopt(
                    article.id, line.url, line.route, shard=name, revision=line.revision, text_hash=line.text_hash
                )
            gone.discard(article.id)
        ledger.note_shard(name, shards.finished()[name].sha256)
    ledger.lose(gone)
    ledger.commit()
    for name in planned.old:
        shards.finished_path(name).unlink(missing_ok=True)
    path.unlink()
    sync_folder(shards.folder)
    return True


@dataclass(slots=True, frozen=True)
class Rewritten:
    """A shard whose good lines moved to a new one; `aside` is where a damaged one was copied to."""

    name: str
    lines: int
    aside: str | None = None


def rewrite(
    shards: ShardFolder, ledger: Ledger, names: Collection[str] | None = None, without: Collection[str] = ()
) -> list[Rewritten]:
    """Shards with damage, or with lines that a later one has too, give way to shards of their good lines.

    `names`: closed shards that are known to be damaged; where it is None all are looked at, open ones too. `without`: ids that none shall hold.
    """
    seen: set[tuple[str, int]] = set()
    closed, done = shards.compressed_names(), []
    every = [*closed, *shards.open_names()] if names is None else sorted(names)
    changed: dict[str, list[bytes]] = {}
    for name in reversed(every):
        path = shards.finished_path(name) if name in closed else shards.open_path(name)
        shard = read_what_can_be(path)
        lines = []
        for line, (id, facts) in zip(shard.good, shard.facts, strict=True):
            if (id, facts.revision) not in seen and id not in without:
                lines.append(line)
                seen.add((id, facts.revision))
        is_damaged = bool(shard.problems) or names is not None
        if is_damaged or len(lines) < len(shard.good):
            changed[name] = lines
            aside = put_aside(path).name if is_damaged else None
            done.append(Rewritten(path.name, len(lines), aside))
    replacement = Replacement(shards, shards.folder.name)
    for name in sorted(changed):
        if name not in closed:
            write_whole(shards.open_path(name), b"".join(changed[name]))
        elif changed[name]:
            replacement.add(changed[name])
    if old := [name for name in changed if name in closed]:
        replacement.swap(ledger, old)
    return done[::-1]


def _remove_new(shards: ShardFolder) -> None:
    for path in shards.folder.glob(f"*{NEW_SUFFIX}"):
        path.unlink()


def _new_path(shards: ShardFolder, name: str) -> Path:
    return shards.folder / f"{name}{NEW_SUFFIX}"
