"""The store of one site: its shards and its ledger, kept in step.

An article is kept in this order: its line is written, and so outlives the process; a group of lines is fsynced, and so
outlives the power; then the ledger learns of them and commits. Opening a store brings both back into step after whatever
happened to the last process.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from aurora_crawl.errors import StorageError
from aurora_crawl.files import LockedError, hold
from aurora_crawl.items import Article
from aurora_crawl.messages import N_, Message
from aurora_crawl.storage.articles import newest_by_id, read_articles
from aurora_crawl.storage.forgotten import forget_again
from aurora_crawl.storage.ledger import Ledger, State
from aurora_crawl.storage.readme import write_card
from aurora_crawl.storage.replacement import finish_replacement, rewrite
from aurora_crawl.storage.shard_line import line_facts, text_hash
from aurora_crawl.storage.shards import OpenShard, ShardFolder, cut_broken_end, encode

logger = logging.getLogger(__name__)

GROUP_LINES = 50
"""Lines to an fsync. Measured: 50 cost nothing, one at a time halves a fast crawl."""
GROUP_SECONDS = 5.0
"""A line waits no longer than this for others, as long as articles keep coming."""
SHARD_BYTES = 64 << 20
"""Plain bytes after which a shard is closed."""


class StoreError(StorageError):
    """The store cannot be used; the message says why and what to do."""


@dataclass(slots=True, frozen=True)
class Recovery:
    """What opening a store had to mend.

    `adopted`: lines that the ledger did not know. `lost`: addresses whose line is gone, to be fetched again.
    `cut_bytes`: of an unfinished last line.
    """

    adopted: int = 0
    lost: int = 0
    cut_bytes: int = 0


class SiteStore:
    """The shards and the ledger of `site` under `data_dir`, for one process at a time.

    Raises StoreError when another process has it open, LedgerError or ShardError when a file is damaged beyond mending.
    """

    def __init__(
        self,
        data_dir: Path,
        site: str,
        *,
        shard_bytes: int = SHARD_BYTES,
        group_lines: int = GROUP_LINES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.site = site
        self._shard_bytes, self._group_lines, self._clock = shard_bytes, group_lines, clock
        self._group: list[tuple[Article, str]] = []
        self._group_began = 0.0
        self._open: OpenShard | None = None
        folder, ledger_dir = data_dir / "articles" / site, data_dir / "ledger"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            ledger_dir.mkdir(parents=True, exist_ok=True)
            self._lock = site_lock(ledger_dir / f"{site}.lock", site)
        except OSError as error:
            raise _unusable(data_dir, error) from error
        try:
            write_card(data_dir / "articles")
            self.ledger = Ledger(ledger_dir / f"{site}.sqlite")
            self.shards = ShardFolder(folder)
            self._forgotten = forget_again(data_dir, site, self.ledger)
            self.recovery = self._recover()
        except OSError as error:
            self._lock.close()
            raise _unusable(data_dir, error) from error
        except BaseException:
            self._lock.close()
            raise

    def keep(self, article: Article) -> None:
        """Take an article in. A killed process loses it no more; it counts as kept from the next `flush` on, which comes
        by itself when the group is full.

        On a full disk raises StoreError or LedgerError; no part of the line stays, and what was kept before is whole.
        """
        if not self._group:
            self._group_began = self._clock()
        try:
            if self._open is None:
                self._open = OpenShard(self.shards, self.shards.next_name(self.site))
            self._open.add(encode(article))
        except OSError as error:
            raise _no_room(self.shards.folder, error) from error
        self._group.append((article, text_hash(article)))
        if len(self._group) >= self._group_lines or self._clock() - self._group_began >= GROUP_SECONDS:
            self.flush()

    def kept_with_text(self, digest: str) -> str | None:
        """The id of an article that is kept, or about to be, with this text."""
        for article, waiting in self._group:
            if waiting == digest:
                return article.id
        entry = self.ledger.kept_with_text(digest)
        return entry.id if entry else None

    def next_revision(self, id: str) -> int:
        """The revision that a text of an article gets that is stored now: none stands in two lines."""
        waiting = [one.revision + 1 for one, _ in self._group if one.id == id]
        entry = self.ledger.own(id)
        if entry is None:
            return max(waiting, default=0)
        return max([entry.revision + (entry.shard is not None), *waiting])

    def flush(self) -> None:
        """Bring the waiting lines to the disk, then the ledger up to date.

        On a full disk raises StoreError or LedgerError; what was kept before stays whole, and a new store goes on.
        """
        if self._group:
            self._write_group()
        self.ledger.commit()
        if self._open is not None and self._open.bytes >= self._shard_bytes:
            self._finish_open()

    def close(self) -> None:
        """Flush, close the open shard, and let another process have the store."""
        try:
            self.flush()
            self._finish_open()
        finally:
            if self._open is not None:
                self._open.close()
            self.ledger.close()
            self._lock.close()

    def _write_group(self) -> None:
        assert self._open is not None
        try:
            self._open.sync()
        except OSError as error:
            raise _no_room(self.shards.folder, error) from error
        for article, digest in self._group:
            self.ledger.adopt(
                article.id,
                article.url,
                article.route,
                shard=self._open.name,
                revision=article.revision,
                text_hash=digest,
            )
        self._group.clear()

    def _finish_open(self) -> None:
        if self._open is not None:
            self._open.close()
            name, self._open = self._open.name, None
            try:
                self._finish(name)
            except OSError as error:
                raise _no_room(self.shards.folder, error) from error

    def _finish(self, name: str) -> None:
        """Close a shard. After a power cut the ledger may lack its lines; then it lacks this note of them too."""
        record = self.shards.finish(name)
        if record is not None:
            self.ledger.note_shard(name, record.sha256)
            self.ledger.commit()

    def _recover(self) -> Recovery:
        finish_replacement(self.shards, self.ledger)
        lost = self._salvage(self.shards.mend())
        adopted = cut = 0
        names = self.shards.open_names()
        for name in names:
            cut += cut_broken_end(self.shards.open_path(name))
        # Rows of shards that are gone first: their articles may stand in others, which an older ledger does not know.
        lost += self._lose_vanished()
        for name in names:
            adopted_here, lost_here = self._reconcile(name, self.shards.open_path(name))
            adopted, lost = adopted + adopted_here, lost + lost_here
        for name, record in self.shards.finished().items():
            if self.ledger.knows_shard(name, record.sha256):
                continue
            if self.ledger.count_in(name) != record.lines:
                adopted_here, lost_here = self._reconcile(name, self.shards.finished_path(name))
                adopted, lost = adopted + adopted_here, lost + lost_here
            self.ledger.note_shard(name, record.sha256)
        # The newest goes on being filled, so that many short lives do not leave many small shards.
        for name in names[:-1]:
            self._finish(name)
        if names:
            self._open = OpenShard(self.shards, names[-1])
        self.ledger.commit()
        return Recovery(adopted, lost, cut)

    def _salvage(self, damaged: list[str]) -> int:
        """Put the good lines of damaged closed shards into new ones; how many articles are to be fetched again."""
        if not damaged:
            return 0
        before = sum(self.ledger.count_in(name) for name in damaged)
        done = rewrite(self.shards, self.ledger, damaged, self._forgotten)
        for one in done:
            aside = Message("; it stays as {aside}", aside=one.aside) if one.aside else ""
            logger.warning("%s: shard %s is damaged; %d lines are whole%s", self.site, one.name, one.lines, aside)
        return max(0, before - sum(one.lines for one in done))

    def _reconcile(self, name: str, path: Path) -> tuple[int, int]:
        """Bring the ledger in step with the lines of a shard: how many were adopted, how many are lost."""
        every = ((one.id, line_facts(one)) for one in read_articles(path))
        lines = dict(newest_by_id(every, lambda one: (one[0], one[1].revision)).values())
        known = self.ledger.kept_in(name)
        unknown = {
            id: line
            for id, line in lines.items()
            if known.get(id) != line.revision and self._is_news(id, line.revision)
        }
        for id, line in unknown.items():
            self.ledger.adopt(id, line.url, line.route, shard=name, revision=line.revision, text_hash=line.text_hash)
        lost = known.keys() - lines.keys()
        self.ledger.lose(lost)
        return len(unknown), len(lost)

    def _is_news(self, id: str, revision: int) -> bool:
        """Whether the ledger does not know of this revision of an article, or of a later one."""
        entry = self.ledger.own(id)
        if entry is None or entry.state is State.FORGOTTEN:
            return entry is None
        return entry.shard is None or entry.revision < revision

    def _lose_vanished(self) -> int:
        """Send back to found what the ledger says is in shards that the folder does not have."""
        present = {*self.shards.compressed_names(), *self.shards.open_names()}
        lost = 0
        for name in self.ledger.shards() - present:
            ids = list(self.ledger.kept_in(name))
            logger.warning("%s: shard %s is gone; its %d articles are fetched again", self.site, name, len(ids))
            self.ledger.lose(ids)
            lost += len(ids)
        return lost


def _unusable(data_dir: Path, error: OSError) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _no_room(data_dir, error)
    return StoreError(
        N_("DATA_DIR {data_dir}: {why}; choose another with -s DATA_DIR=…"), data_dir=data_dir, why=error.strerror
    )


def _no_room(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        N_("{folder}: {why}; make room, then run the same command again"), folder=folder, why=error.strerror
    )


def site_lock(path: Path, site: str) -> IO[str]:
    """The open lock file of a site's data, held until it is closed. Raises StoreError when another process holds it."""
    try:
        return hold(path)
    except LockedError as error:
        said = Message(
            "{site}: another crawl has its data open (process {holder}); wait for it, or stop it",
            site=site,
            holder=error.holder,
        )
        raise StoreError(said) from error
