"""The crawl of a folder of files: each that is not known yet becomes an Article, or the Articles of its rows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from scrapy import Request
from scrapy.exceptions import CloseSpider

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.book_files import (
    BookOptions,
    address_of,
    file_id,
    files_in,
    is_rows,
    read_book_file,
    read_rows,
)
from aurora_crawl.crawling.opened_store import opened_store
from aurora_crawl.crawling.storing_spider import StoringSpider
from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.items import FROM_FILES, Article
from aurora_crawl.storage.ledger import Finding, Ledger, State
from aurora_crawl.text.books.clean_book import NotesGo

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AskedFiles:
    """What the crawl of files was asked for; `limit` is null where all are."""

    path: Path
    limit: int | None
    notes: NotesGo
    with_ocr: bool


class FolderCrawl:
    """What the spider of files at hand does when it crawls."""

    def __init__(self, spider: StoringSpider, asked: AskedFiles) -> None:
        self._spider, self._asked = spider, asked

    async def run(self) -> AsyncIterator[Article | Request]:
        """The Articles of all files that are not known yet."""
        spider = self._spider
        store = opened_store(spider.settings, spider.name)
        spider.context = replace(spider.context, store=store)
        given = 0
        try:
            files = files_in(self._asked.path)
        except BookError as error:
            logger.error("%s", error)
            raise CloseSpider("no_route") from error
        for number, file in enumerate(files, start=1):
            logger.info("%s: %s (%d of %d)", spider.name, file, number, len(files))
            if is_rows(file):
                for row in self._rows(file, store.ledger):
                    yield row
                    given += 1
                    if spider.is_halted or given == self._asked.limit:
                        return
                    # What was handed out is stored before the next: a file of rows may be larger than memory.
                    await asyncio.sleep(0)
            elif (article := await self._book(file, store.ledger)) is not None:
                yield article
                given += 1
            if spider.is_halted or given == self._asked.limit:
                return

    def _rows(self, file: Path, ledger: Ledger) -> Iterator[Article]:
        try:
            for article in read_rows(file, self._spider.name, logger.warning):
                if self._is_new(article.id, article.url, ledger):
                    yield article
        except BookError as error:
            logger.error("%s", error)
            self._spider.context.stats.inc_value(f"{names.FAILED}unreadable")

    async def _book(self, file: Path, ledger: Ledger) -> Article | None:
        id = file_id(file)
        if not self._is_new(id, address_of(file), ledger):
            return None
        folder = Path(self._spider.settings["DATA_DIR"]) / "ocr" / id if self._asked.with_ocr else None
        options = BookOptions(self._asked.notes, folder, self._spider.name)
        try:
            return await asyncio.to_thread(read_book_file, file, options)
        except BookError as error:
            logger.error("%s", error)
            self._spider.context.stats.inc_value(f"{names.DROPPED}unreadable")
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
        self._spider.context.stats.inc_value(f"{names.FOUND}{Finding.NEW if is_due else finding}")
        return is_due
