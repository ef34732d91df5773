"""Documents that are more than one page of text: works in chapters, and files that pages lead to."""

from __future__ import annotations

import asyncio
import logging
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from scrapy import Request
from scrapy.http import Response, TextResponse

from aurora_crawl.addresses import path_of, resolved, same_site, shown
from aurora_crawl.crawling.article_page import read_page
from aurora_crawl.crawling.book_files import article_of
from aurora_crawl.crawling.context import SIGNALS
from aurora_crawl.crawling.site_reading import SiteReading
from aurora_crawl.errors import AuroraError
from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.extraction.books.work_index import WorkTemplate, is_index
from aurora_crawl.extraction.books.work_page import WorkPage, joined, read_work_page
from aurora_crawl.extraction.readers import read_book
from aurora_crawl.extraction.tree import parse, text_of
from aurora_crawl.items import Article, article_id
from aurora_crawl.routes.indexes import Indexes
from aurora_crawl.routes.route import Fetch, Found, Scope
from aurora_crawl.text.books.clean_book import BookCleaning, clean

logger = logging.getLogger(__name__)

RESERVED = "rights reserved"
NO_FILE = "no file"
UNREADABLE = "unreadable"
PART = "part of a work"

MOST_PARTS = 1_000
"""Pages of one work. The longest known ones have some hundred chapters."""

DEEPEST = 3
"""Chapters whose pages lead to pages of their own, and so on."""

MOST_BYTES = 100 << 20
"""Of a file. A book of pictures has some ten million."""

NO_SIZE: Mapping[str, int] = {}
"""Chapters are pages, and have the bound of pages."""

MOST_FILES = 2
"""Files that are fetched and read at a time: each may be large, and has a process of its own."""

MOST_CANDIDATES = 3
"""Links on a page that are asked for until one brings a file."""

_PDF = re.compile(r"\.pdf$", re.IGNORECASE)
_DOWNLOAD = re.compile(r"[?&](?:wpdmdl|download_id|download)=|/download/", re.IGNORECASE)
_ABOUT_THIS = re.compile(r"baix|download|pdf|ler|leia|vers[ãa]o", re.IGNORECASE)
_SOURCES = ("href", "data-downloadurl", "src", "data")


class NotWanted(AuroraError):  # noqa: N818 - it names what is the matter with the document
    """A document is not to be stored; the reason is one of the ledger's words."""


class Incomplete(AuroraError):  # noqa: N818 - it names what is the matter with the document
    """A part of a document could not be had: it is asked for again from its beginning."""


@dataclass(frozen=True, slots=True)
class Documents:
    """Reads the documents of a site whose `reads` name other things than pages; `fetch` brings chapters and files."""

    reading: SiteReading
    fetch: Fetch
    template: WorkTemplate
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_FILES))

    async def read(self, response: Response, found: Found, route: str) -> Article:
        """The Article of the document at a response. Raises NotWanted, Incomplete, and what `fetch` raises."""
        if "works" in self.reading.reads and isinstance(response, TextResponse):
            return await self._work(response, route)
        async with self.room:
            return await self._file(response, found, route)

    async def _work(self, response: TextResponse, route: str) -> Article:
        first = read_work_page(response.text, response.url, self.template)
        if first.leads_up and not first.is_work and not is_index(response.url):
            raise NotWanted(PART)
        signals: list[str] = []
        parts = await self._parts(first, {response.url}, 1, signals)
        pages = [first, *(part for _, part in parts)]
        if any(page.rights.is_reserved for page in pages):
            raise NotWanted(RESERVED)
        chosen = BookCleaning(title=first.title, authors=tuple(first.authors))
        # Seconds for a long work: other answers are not to wait for it.
        book = await asyncio.to_thread(clean, joined(first, parts), chosen)
        article = self._article(article_of(book, id="", url=response.url, site=self.reading.site), response.url, route)
        article.license = next((one.rights.license for one in pages if one.rights.license), self.reading.license)
        article.opt_out = list(dict.fromkeys(signals))
        return article

    async def _parts(
        self, page: WorkPage, seen: set[str], depth: int, signals: list[str]
    ) -> list[tuple[str, WorkPage]]:
        """The chapters that a page names and those that they name, in their order, each once."""
        found = []
        for url, words in page.parts.items():
            if url in seen:
                continue
            seen.add(url)
            if len(seen) > MOST_PARTS:
                raise NotWanted("too large")
            response = await self._get(url, signals)
            if not isinstance(response, TextResponse):
                raise Incomplete("a chapter is no page")
            # Where the page is after redirects decides what its links mean; where it was linked, whether it is a part.
            part = read_work_page(response.text, response.url, self.template, is_part=True)
            found.append((words, part))
            if is_index(response.url) and depth < DEEPEST:
                found += await self._parts(part, seen, depth + 1, signals)
        return found

    async def _file(self, response: Response, found: Found, route: str) -> Article:
        # By its bytes: servers call files what they like.
        if _is_pdf(response) or not isinstance(response, TextResponse):
            return await self._article_of_file(response, None, found, route)
        page = read_page(response.text, response.url, self.reading, route=route, found=found).article
        for url in files_on(response.text, response.url)[:MOST_CANDIDATES]:
            signals: list[str] = []
            file = await self._get(url, signals, size_of(self.reading))
            if _is_pdf(file):
                article = await self._article_of_file(file, page, found, route)
                article.opt_out = list(dict.fromkeys(signals))
                return article
        raise NotWanted(NO_FILE)

    async def _article_of_file(self, response: Response, page: Article | None, found: Found, route: str) -> Article:
        if not _is_pdf(response):
            raise NotWanted(NO_FILE)
        title = (page.title if page else None) or found.title or ""
        authors = tuple((page.authors if page else None) or found.authors)
        try:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "document.pdf"
                file.write_bytes(response.body)
                chosen = BookCleaning(title=title, authors=authors)
                book = await asyncio.to_thread(read_book, file, chosen)
        except BookError as error:
            why = str(error).partition(": ")[2]
            logger.warning("%s: %s: %s", self.reading.site, shown(response.url), why)
            raise NotWanted(UNREADABLE) from error
        url = page.url if page else response.url
        article = self._article(article_of(book, id="", url=url, site=self.reading.site), url, route)
        article.published = (page.published if page else None) or found.published or article.published
        article.section = page.section if page else found.section
        article.tags = page.tags if page else []
        return article

    def _article(self, article: Article, url: str, route: str) -> Article:
        article.id = article_id(self.reading.canonical(url))
        article.license = self.reading.license
        article.route = route
        return article

    async def _get(self, url: str, signals: list[str], size: Mapping[str, int] = NO_SIZE) -> Response:
        """A chapter or a file; `signals` takes what its answer says of machine learning.

        Raises Incomplete where the server has none, RouteFailed where no answer comes, NotWanted where it leads elsewhere.
        """
        if not same_site(url, self.reading.site_url):
            raise NotWanted("led elsewhere")
        response = await self.fetch(Request(url, dont_filter=True, meta={**size, SIGNALS: signals}))
        if response.status != HTTPStatus.OK:
            raise Incomplete(f"HTTP {response.status} at a part")
        if not same_site(response.url, self.reading.site_url):
            raise NotWanted("led elsewhere")
        return response


def size_of(reading: SiteReading) -> dict[str, int]:
    """The bound of an answer, for a request's meta, where a route may lead to a file itself."""
    return {"download_maxsize": MOST_BYTES} if "pdf" in reading.reads else {}


def template_of(scope: Scope) -> WorkTemplate:
    """What the pages of a site's works look like, as its route through indexes has it."""
    return next((one.template for one in scope.of(Indexes)), WorkTemplate())


def files_on(html: str, url: str) -> list[str]:
    """The addresses on a page under which its file may be, the likeliest first: PDFs, and what plugins of downloads write."""
    root = parse(html)
    found: dict[str, tuple[int, int]] = {}
    for element in root.iter("a", "iframe", "embed", "object", "button"):
        for attribute in _SOURCES:
            written = element.get(attribute) or ""
            address = resolved(url, written) if written and not written.startswith("#") else None
            if address is None or not same_site(address, url) or address.partition("#")[0] == url:
                continue
            is_pdf = bool(_PDF.search(path_of(address)))
            if is_pdf or _DOWNLOAD.search(address):
                about = bool(_ABOUT_THIS.search(f"{text_of(element)} {element.get('class') or ''}"))
                found.setdefault(address, (not is_pdf, not about))
    return sorted(found, key=lambda address: found[address])


def _is_pdf(response: Response) -> bool:
    return b"%PDF-" in response.body[:1024]
