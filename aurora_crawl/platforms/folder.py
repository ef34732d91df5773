"""The spider of files at hand: no server is asked; ledger, steps and store are those of every crawl."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from scrapy import Request

from aurora_crawl.crawling.arguments import ArgumentError, read_limit, typed
from aurora_crawl.crawling.context import CrawlContext
from aurora_crawl.crawling.site_reading import SiteReading
from aurora_crawl.crawling.storing_spider import StoringSpider
from aurora_crawl.items import Article
from aurora_crawl.messages import N_
from aurora_crawl.routes.fetch import engine_fetch
from aurora_crawl.routes.route import Scope

if TYPE_CHECKING:
    from aurora_crawl.text.books.clean_book import NotesGo

ARGUMENTS = ("path", "ocr", "notes", "limit")


NOTES: dict[str, NotesGo] = {"away": "away", "chapter": "chapter"}
"""What may become of notes, by the words of the argument."""


class FolderSpider(StoringSpider):
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

    def new_context(self) -> CrawlContext:
        """A crawl that asks nobody."""
        return CrawlContext(
            scope=Scope(self.name, self.site_url),
            reading=SiteReading(self.name, self.site_url, None),
            stats=self.crawler.stats,
            halt=self.halt,
            fetch=engine_fetch(self.crawler),
        )

    async def start(self) -> AsyncIterator[Article | Request]:
        """The Articles of all files that are not known yet."""
        from aurora_crawl.crawling.folder_crawl import AskedFiles, FolderCrawl

        asked = AskedFiles(self.path, self.limit, self.notes, self.with_ocr)
        async for out in FolderCrawl(self, asked).run():
            yield out
