"""How every site stands: what is stored, and how its last crawl went; from ledgers and the crawls' history, quickly."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from aurora_crawl.messages import Message
from aurora_crawl.monitoring.outcome import FINISHED
from aurora_crawl.monitoring.reasons import end_in_words
from aurora_crawl.storage.crawl_history import CrawlRecord, crawls_of
from aurora_crawl.storage.ledger import State
from aurora_crawl.storage.verify import sites_in


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """A site: articles that are stored, those that the last crawl stored, those that are due; `last` is None before the first crawl.

    `unreadable`: why the ledger cannot be read, empty where it can.
    """

    site: str
    stored: int
    new: int
    due: int
    last: CrawlRecord | None
    unreadable: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nobody has to look."""
        return not self.unreadable and (
            self.last is None or (self.last.reason == FINISHED and not self.last.complaints)
        )

    @property
    def health(self) -> str:
        """The same in words."""
        if self.unreadable:
            return Message(
                "ledger cannot be read ({why}); `scrapy verify {site} --repair`", why=self.unreadable, site=self.site
            )
        if self.last is None:
            return Message("never crawled") if not self.stored else Message("no crawl has ended")
        if self.last.complaints:
            return self.last.complaints[0]
        if self.last.reason != FINISHED:
            return Message("{end}; the same command goes on", end=end_in_words(self.last.reason))
        return Message("well")


def status_of(data_dir: Path, known: Iterable[str]) -> list[SiteStatus]:
    """Of every known site, and of what is stored besides, in the order of their names."""
    return [_status(data_dir, site) for site in sorted({*known, *sites_in(data_dir)})]


def _status(data_dir: Path, site: str) -> SiteStatus:
    crawls = crawls_of(data_dir, site)
    last = crawls[-1] if crawls else None
    new = last.kept + last.edited if last else 0
    path = data_dir / "ledger" / f"{site}.sqlite"
    if not path.exists():
        return SiteStatus(site, 0, new, 0, last)
    try:
        # A crawl may be writing: who only reads waits for nobody, and changes nothing.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as ledger:
            stored, due = ledger.execute(
                "SELECT count(*) FILTER (WHERE state = ?), count(*) FILTER (WHERE due) FROM address", (State.KEPT,)
            ).fetchone()
    except sqlite3.Error as error:
        return SiteStatus(site, 0, new, 0, last, str(error))
    return SiteStatus(site, stored, new, due, last)
