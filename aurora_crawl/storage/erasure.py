"""Taking articles out of a site's store for good: the ledger never lets them be fetched again, and their lines go."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType

from aurora_crawl.items import Article
from aurora_crawl.storage.articles import read_articles
from aurora_crawl.storage.forgotten import note_forgotten
from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.replacement import Replacement, finish_replacement
from aurora_crawl.storage.salvage import DAMAGED_SUFFIX
from aurora_crawl.storage.shards import ShardFolder, encode
from aurora_crawl.storage.store import site_lock


class ForgettingStore:
    """A site's shards and ledger, held for forgetting: `mark`, then whatever else needs the lines, then `remove`.

    In this order the same call goes on after whatever the process died of: no crawl stores a marked article again, and its
    lines tell what to look for until the last step. Raises StoreError while a crawl has the site's data open, LedgerError
    and ShardError for damaged files, OSError when the disk is full.
    """

    def __init__(self, data_dir: Path, site: str) -> None:
        self._lock = site_lock(data_dir / "ledger" / f"{site}.lock", site)
        self._data_dir, self._site = data_dir, site
        self.shards = ShardFolder(data_dir / "articles" / site)
        try:
            self.ledger = Ledger(data_dir / "ledger" / f"{site}.sqlite")
            if self.shards.folder.exists():
                finish_replacement(self.shards, self.ledger)
                self.shards.mend()
        except BaseException:
            self._lock.close()
            raise

    def __enter__(self) -> ForgettingStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ledger.close()
        self._lock.close()

    def mark(self, urls: Mapping[str, str]) -> list[Article]:
        """Note articles, given as id to address, as never to be fetched again; their lines, all revisions."""
        for id, url in urls.items():
            self.ledger.forget(id, url)
        note_forgotten(self._data_dir, self._site, self.ledger.forgotten())
        self.ledger.commit()
        # An open shard is closed: then all are replaced in the one way that survives everything.
        for name in self.shards.open_names():
            self.shards.finish(name)
        return [one for name in self._holding(urls.keys()) for one in self._articles(name) if one.id in urls]

    def remove(self, ids: Collection[str]) -> list[str]:
        """Put shards without these lines in the place of those that hold them; the names of the latter."""
        holding = self._holding(ids)
        if holding:
            replacement = Replacement(self.shards, self._site)
            for name in holding:
                if any(one.id not in ids for one in self._articles(name)):
                    replacement.add(encode(one) for one in self._articles(name) if one.id not in ids)
            replacement.swap(self.ledger, holding)
        for path in self.shards.folder.glob(f"*{DAMAGED_SUFFIX}"):
            if _may_hold(path, ids):
                path.unlink()
        return holding

    def _holding(self, ids: Collection[str]) -> list[str]:
        names = self.shards.compressed_names()
        return [name for name in names if any(one.id in ids for one in self._articles(name))]

    def _articles(self, name: str) -> Iterator[Article]:
        return read_articles(self.shards.finished_path(name))


def _may_hold(path: Path, ids: Collection[str]) -> bool:
    """Whether what a repair kept aside names one of these, or cannot be read to its end: its good lines were moved."""
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.name.endswith(f".gz{DAMAGED_SUFFIX}") else data
    except (EOFError, OSError, zlib.error):
        return True
    return any(id.encode() in data for id in ids)
