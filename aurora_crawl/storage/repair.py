"""How a site's shards, manifest and ledger are brought to agree again, and how small shards are merged."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from aurora_crawl.messages import N_, Message
from aurora_crawl.storage.forgotten import forget_again
from aurora_crawl.storage.ledger import Ledger, LedgerError, State
from aurora_crawl.storage.replacement import Replacement, finish_replacement, rewrite
from aurora_crawl.storage.salvage import DAMAGED_SUFFIX
from aurora_crawl.storage.shard_line import LineFacts
from aurora_crawl.storage.shards import MANIFEST, NewerManifestError, ShardError, ShardFolder, cut_broken_end
from aurora_crawl.storage.store import SHARD_BYTES, site_lock
from aurora_crawl.storage.verify import Verdict, check_shards, newest_lines, verify_site


def repair_site(data_dir: Path, site: str) -> Verdict:
    """Rebuild what is damaged from what is whole, and say what could not be. Raises StoreError, OSError."""
    verdict = verify_site(data_dir, site)
    with site_lock(data_dir / "ledger" / f"{site}.lock", site):
        path = data_dir / "ledger" / f"{site}.sqlite"
        ledger = _sound_ledger(path, verdict)
        try:
            shards = ShardFolder(data_dir / "articles" / site)
            shards.folder.mkdir(parents=True, exist_ok=True)
            _sound_manifest(shards, verdict)
            finish_replacement(shards, ledger)
            forgotten = forget_again(data_dir, site, ledger)
            _rewrite_damaged(shards, ledger, forgotten, verdict)
            for name in shards.open_names():
                cut_broken_end(shards.open_path(name))
            _agree(ledger, check_shards(shards, Verdict(site)), verdict)
            ledger.commit()
        finally:
            ledger.close()
        return verdict


def compact_site(data_dir: Path, site: str, most: int = SHARD_BYTES) -> tuple[int, int]:
    """Merge closed shards of less than half of `most` plain bytes; how many shards there were, and how many there are.

    Raises ShardError where one is damaged, StoreError while a crawl has the site's data open.
    """
    with site_lock(data_dir / "ledger" / f"{site}.lock", site):
        shards = ShardFolder(data_dir / "articles" / site)
        ledger = Ledger(data_dir / "ledger" / f"{site}.sqlite")
        try:
            finish_replacement(shards, ledger)
            shards.mend()
            listed = shards.finished()
            groups: list[list[str]] = [[]]
            size = 0
            for name, record in sorted(listed.items()):
                if record.bytes * 2 >= most:
                    continue
                if size + record.bytes > most:
                    groups.append([])
                    size = 0
                groups[-1].append(name)
                size += record.bytes
            merged = [group for group in groups if len(group) > 1]
            if merged:
                replacement = Replacement(shards, site)
                for group in merged:
                    replacement.add(_lines_of(shards, group))
                replacement.swap(ledger, [name for group in merged for name in group])
            return len(listed), len(shards.finished())
        finally:
            ledger.close()


def _lines_of(shards: ShardFolder, names: list[str]) -> Iterator[bytes]:
    for name in names:
        try:
            with gzip.open(shards.finished_path(name), "rb") as file:
                yield from file
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            damaged = N_("{path}: damaged ({why}); run `scrapy verify --repair`")
            raise ShardError(damaged, path=shards.finished_path(name), why=error) from error


def _sound_ledger(path: Path, verdict: Verdict) -> Ledger:
    """The ledger, or a new one in the place of a damaged one, which is kept beside it."""
    try:
        ledger = Ledger(path)
        try:
            damage = ledger.damage()
        except LedgerError as error:
            damage = [str(error)]
        if not damage:
            return ledger
        ledger.close()
    except LedgerError:
        pass
    aside = path.with_name(path.name + DAMAGED_SUFFIX)
    path.replace(aside)
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    verdict.mended.append(
        Message("the ledger was damaged: made anew from the shards; the old one is {name}", name=aside.name)
    )
    verdict.lost.append("what was dropped or failed, and how far listings were read: the next crawl reads them anew")
    return Ledger(path)


def _sound_manifest(shards: ShardFolder, verdict: Verdict) -> None:
    try:
        shards.finished()
    except NewerManifestError:
        raise
    except ShardError:
        path = shards.folder / MANIFEST
        path.replace(path.with_name(MANIFEST + DAMAGED_SUFFIX))
        verdict.mended.append("the manifest was damaged: made anew from the shards")


def _rewrite_damaged(shards: ShardFolder, ledger: Ledger, forgotten: set[str], verdict: Verdict) -> None:
    for one in rewrite(shards, ledger, without=forgotten):
        verdict.mended.append(
            Message("{name}: its {lines} good lines moved to a new shard", name=one.name, lines=one.lines)
        )
        if one.aside:
            verdict.lost.append(
                Message(
                    "the damaged lines of {name}, which stays as {aside}: fetched again by the next crawl",
                    name=one.name,
                    aside=one.aside,
                )
            )
    shards.relist(add=shards.compressed_names(), remove=shards.finished().keys() - set(shards.compressed_names()))


def _agree(ledger: Ledger, here: dict[str, dict[str, LineFacts]], verdict: Verdict) -> None:
    """Bring the ledger in step with the lines that are there."""
    lost = [
        entry.id
        for entry in ledger.entries()
        if entry.state is State.KEPT
        and ((line := here.get(entry.shard or "", {}).get(entry.id)) is None or line.revision != entry.revision)
    ]
    ledger.lose(lost)
    adopted = 0
    for id, (name, line) in newest_lines(here).items():
        entry = ledger.get(id)
        if entry is None or (entry.state not in (State.KEPT, State.FORGOTTEN)):
            ledger.adopt(id, line.url, line.route, shard=name, revision=line.revision, text_hash=line.text_hash)
            adopted += 1
    missing = [id for id in lost if (entry := ledger.get(id)) is not None and entry.due]
    if adopted:
        verdict.mended.append(Message("{adopted} articles taken over into the ledger", adopted=adopted))
    if missing:
        verdict.mended.append(
            Message("{count} articles whose line is gone are fetched again by the next crawl", count=len(missing))
        )
