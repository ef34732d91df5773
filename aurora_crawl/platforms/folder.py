"""The spider of files at hand: no server is asked; ledger, steps and store are those of every crawl."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from scrapy import Request
from scrapy.exceptions import CloseSpider

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.arguments import ArgumentError, read_limit, typed
from aurora_crawl.crawling.article_page import SiteReading
from aurora_crawl.crawling.context import ContextSpider, CrawlContext
from aurora_crawl.items import FROM_FILES, Article
from aurora_crawl.messages import N_
from aurora_crawl.routes.fetch import engine_fetch
from aurora_crawl.routes.route import Scope
from aurora_crawl.storage.ledger import Finding, Ledger, LedgerError, State

if TYPE_CHECKING:
    from aurora_crawl.text.books.clean_book import NotesGo

logger = logging.getLogger(__name__)

ARGUMENTS = ("path", "ocr", "notes", "limit")


NOTES: dict[str, NotesGo] = {"away": "away", "chapter": "chapter"}
"""What may become of notes, by the words of the argument."""


class FolderSpider(ContextSpider):
    """Reads the books and texts of a folder: `-a path=DIR`, `-a ocr=1`, `-a notes=chapter`, `-a limit=N`.

    A file is known by its bytes: one that was read before is not read again, whatever it is called. Raises ArgumentError.
    """

    site_url: ClassVar[str] = "file://"
    path: Path

    def __init__(self, name: str | None = None, **every: object) -> None:
        given = typed(every)
        if unknown := [one for one in given if one not in ARGUMENTS]:
            known = ", ".join(ARGUMENTS)
            raise ArgumentError(N_("-a {name}=…: unknown argument; known are {known}"), name=unknown[0], known=known)
        if not given.get("path"):
            raise ArgumentError(N_("name a file or a folder: -a path=DIR"))
        self.path = Path(given["path"]).expanduser()
        if not self.path.exists():
            raise ArgumentError(N_("-a path={path}: no such file or folder"), path=self.path)
        self.limit, notes = read_limit(given), given.get("notes", "away")
        if notes not in NOTES:
            raise ArgumentError(N_("-a notes={value}: wants away or chapter"), value=notes)
        self.notes = NOTES[notes]
        self.with_ocr = given.get("ocr", "0").lower() not in ("", "0", "false", "no")
        super().__init__(name)
        self._halted = False

    def new_context(self) -> CrawlContext:
        """A crawl that asks nobody."""
        return CrawlContext(
            scope=Scope(self.name, self.site_url),
            reading=SiteReading(self.name, self.site_url, None),
            stats=self.crawler.stats,
            halt=self._halt,
            fetch=engine_fetch(self.crawler),
        )

    async def start(self) -> AsyncIterator[Article | Request]:
        """The Articles of all files that are not known yet."""
        from aurora_crawl.crawling.book_files import files_in, is_rows
        from aurora_crawl.extraction.books.book_errors import BookError
        from aurora_crawl.storage.shards import ShardError
        from aurora_crawl.storage.store import SiteStore, StoreError

        try:
            store = SiteStore(Path(self.settings["DATA_DIR"]), self.name)
        except (StoreError, LedgerError, ShardError) as error:
            logger.error("%s", error)
            raise CloseSpider("store") from error
        self.context = replace(self.context, store=store)
        given = 0
        try:
            files = files_in(self.path)
        except BookError as error:
            logger.error("%s", error)
            raise CloseSpider("no_route") from error
        for number, file in enumerate(files, start=1):
            logger.info("%s: %s (%d of %d)", self.name, file, number, len(files))
            if is_rows(file):
                for row in self._rows(file, store.ledger):
                    yield row
                    given += 1
                    if self._halted or given == self.limit:
                        return
                    # What was handed out is stored before the next: a file of rows may be larger than memory.
                    await asyncio.sleep(0)
            elif (article := await self._book(file, store.ledger)) is not None:
                yield article
                given += 1
            if self._halted or given == self.limit:
                return

    def _rows(self, file: Path, ledger: Ledger) -> Iterator[Article]:
        from aurora_crawl.crawling.book_files import read_rows
        from aurora_crawl.extraction.books.book_errors import BookError

        try:
            for article in read_rows(file, self.name, logger.warning):
                if self._is_new(article.id, article.url, ledger):
                    yield article
        except BookError as error:
            logger.error("%s", error)
            self.context.stats.inc_value(f"{names.FAILED}unreadable")

    async def _book(self, file: Path, ledger: Ledger) -> Article | None:
        from aurora_crawl.crawling.book_files import BookOptions, address_of, file_id, read_book_file
        from aurora_crawl.extraction.books.book_errors import BookError

        id = file_id(file)
        if not self._is_new(id, address_of(file), ledger):
            return None
        folder = Path(self.settings["DATA_DIR"]) / "ocr" / id if self.with_ocr else None
        options = BookOptions(self.notes, folder, self.name)
        try:
            return await asyncio.to_thread(read_book_file, file, options)
        except BookError as error:
            logger.error("%s", error)
            self.context.stats.inc_value(f"{names.DROPPED}unreadable")
            ledger.drop(id, reason="unreadable")
            ledger.commit()
            return None

    def _is_new(self, id: str, url: str, ledger: Ledger) -> bool:
        """Enter a file into the ledger; whether it is to be read. One that could not be read is tried again."""
        finding = ledger.find(id, url, FROM_FILES)
        ledger.commit()
        entry = ledger.get(id)
        is_due = (
            entry is not None
            and entry.state is not State.FORGOTTEN
            and (entry.state is State.FOUND or entry.reason == "unreadable")
        )
        self.context.stats.inc_value(f"{names.FOUND}{Finding.NEW if is_due else finding}")
        return is_due

    def _halt(self, reason: str, message: str) -> None:
        if not self._halted:
            self._halted = True
            logger.error("%s", message)
            self.crawler.stats.set_value(names.HALTED, reason)
            self.crawler.stats.set_value(names.HALTED_BECAUSE, message)

    def closed(self, reason: str) -> None:
        """Bring what waits to the disk, close the shard, and let go of the store."""
        from aurora_crawl.storage.store import StoreError

        store = self.context.store
        if store is not None:
            try:
                store.flush()
                self.crawler.stats.set_value(names.KEPT_IN_ALL, store.ledger.counts().get("kept", 0))
                store.close()
            except (StoreError, LedgerError) as error:
                if not self._halted:
                    logger.error("%s", error)
