"""A page of a library of works, by its template: a whole work, the first page of one in chapters, or a chapter."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from lxml import etree

from aurora_crawl.addresses import path_of
from aurora_crawl.extraction.books.book_markup import to_blocks
from aurora_crawl.extraction.books.rights import Rights, rights_of
from aurora_crawl.extraction.books.work_index import WorkTemplate, folder_of, is_index, links
from aurora_crawl.extraction.bylines import declared_names
from aurora_crawl.extraction.dates import parse_date
from aurora_crawl.extraction.rules import matches
from aurora_crawl.extraction.tree import parse, text_of
from aurora_crawl.items import Removal
from aurora_crawl.text.books.document import Block, RawBook

_YEAR = re.compile(r"\b(1[4-9]\d\d|20\d\d)\b")
_YEAR_IN_PATH = re.compile(r"/(1[4-9]\d\d|20\d\d)(?:/(0[1-9]|1[0-2]))?(?=/)")
_CONTENTS_SHARE = 0.7
"""Of a block's letters that are links to chapters: it is a table of contents."""


@dataclass(slots=True)
class WorkPage:
    """A page: `is_work` says that it has an information block, as works' first pages have.

    `parts` are the addresses of the chapters that an index page names, in its order, with their links' words. `blocks` hold
    neither what is in other fields, nor navigation, nor the table of contents; `information` is the block's text.
    """

    url: str
    title: str = ""
    authors: list[str] = field(default_factory=list)
    published: str | None = None
    information: str = ""
    rights: Rights = field(default_factory=Rights)
    parts: dict[str, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    leads_up: bool = False
    """Whether it links the first page of its folder."""

    @property
    def is_work(self) -> bool:
        """Whether it is a work's first page."""
        return bool(self.information)


def read_work_page(html: str, url: str, template: WorkTemplate, *, is_part: bool = False) -> WorkPage:
    """A page of a library. Of a chapter (`is_part`) the headings stay among its blocks: what they say is seen beside the others'."""
    root = parse(html)
    page = WorkPage(url)
    content = next(iter(matches(root, template.content)), root)
    # The block may stand outside of the text's element.
    page.leads_up = any(is_index(one) and folder_of(one) == folder_of(url) for _, one in links(root, url))
    block = matches(root, template.information)
    page.information = "\n".join(filter(None, map(text_of, block)))
    page.rights = rights_of(page.information, [a.get("href") or "" for one in block for a in one.iter("a")])
    if not is_part:
        _take_headings(page, content, template, block)
    for one in (*block, *matches(root, template.navigation)):
        _remove(one)
    if is_index(url):
        folder = folder_of(url)
        for link, address in links(content, url):
            if address.startswith(folder) and not (is_index(address) and folder_of(address) == folder):
                page.parts.setdefault(address, text_of(link))
        _take_contents(content, url, page.parts)
    page.published = page.published or _in_path(url)
    page.blocks = to_blocks(content)
    return page


def joined(first: WorkPage, parts: list[tuple[str, WorkPage]]) -> RawBook:
    """The book of a work's first page and its chapters, each with the words of the link that leads to it.

    A chapter begins with its own heading, or with the link's words where its page has none but the work's.
    """
    raw = RawBook(
        list(first.blocks), title=first.title, authors=list(first.authors), published=first.published, format="html"
    )
    raw.removed = [Removal(0, "whole", first.information, "information")] if first.information else []
    known = {_plain(one) for one in (first.title, *first.authors, " ".join(first.authors)) if one}
    for words, part in parts:
        blocks = list(part.blocks)
        heads = next((index for index, block in enumerate(blocks) if block.kind != "heading"), len(blocks))
        own = [block for block in blocks[:heads] if _plain(block.text) not in known and not _is_date(block.text)]
        if not own and words:
            own = [Block("heading", words, 2)]
        if part.information:
            raw.removed.append(Removal(len(raw.blocks), "whole", part.information, "information"))
        raw.blocks += own + blocks[heads:]
    return raw


def _take_headings(
    page: WorkPage, content: etree._Element, template: WorkTemplate, information: list[etree._Element]
) -> None:
    """Title, author and date into the page's fields, out of the text; of what stands behind the information block, none."""
    root = content.getroottree().getroot()
    order = {node: number for number, node in enumerate(root.iter())}
    end = min((order[one] for one in information), default=len(order))
    aside = {inside for one in matches(root, template.navigation) for inside in one.iter()}

    def first(css: str) -> etree._Element | None:
        # Some put the headings above the text's element.
        found = [*matches(content, css), *matches(root, css)]
        return next((one for one in found if order[one] < end and one not in aside and text_of(one)), None)

    title = first(template.title)
    page.title = text_of(title) if title is not None else ""
    if not page.title:
        page.title = next((text_of(one) for one in content.getroottree().iter("title")), "")
    author = first(template.author)
    if author is not None and not information and not declared_names([text_of(author)]):
        # Without a block behind them, headings may be the text's own.
        author = None
    published = first(template.published)
    if published is not None and not _is_date(text_of(published)):
        published = None
    if author is not None:
        page.authors = declared_names([text_of(author)]) or [text_of(author)]
    if published is not None:
        page.published = _date(text_of(published))
    for one in (title, author, published):
        if one is not None:
            _remove(one)


def _take_contents(content: etree._Element, url: str, parts: dict[str, str]) -> None:
    """Lists, tables and paragraphs that are links to the chapters, out of the text."""
    targets = [link for link, address in links(content, url) if address in parts]
    linked: Counter[etree._Element] = Counter()
    for link in targets:
        for parent in link.iterancestors():
            linked[parent] += len(text_of(link))
    letters: dict[etree._Element, int] = {}
    for link in targets:
        block = link
        for parent in link.iterancestors():
            if parent is content or parent.tag in {"body", "main", "html", "article"}:
                break
            if parent not in letters:
                letters[parent] = len(text_of(parent))
            if linked[parent] < _CONTENTS_SHARE * letters[parent]:
                break
            block = parent
        if block.getparent() is not None:
            _remove(block)


def _remove(element: etree._Element) -> None:
    """An element out of its tree; the text behind it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
        element.tail = None
    parent.remove(element)


def _is_date(text: str) -> bool:
    return _date(text) is not None and len(text) < 60


def _date(text: str) -> str | None:
    found = parse_date(text)
    if found:
        return found
    year = _YEAR.search(text)
    return year[1] if year else None


def _in_path(url: str) -> str | None:
    found = _YEAR_IN_PATH.search(path_of(url))
    return "-".join(part for part in found.groups() if part) if found else None


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
