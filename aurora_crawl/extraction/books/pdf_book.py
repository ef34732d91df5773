"""A PDF's pages to a book: heads off, layout measured, lines to blocks; what has no text is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aurora_crawl.extraction.books.book_errors import PictureBookError
from aurora_crawl.extraction.books.pdf import forbids_copying, open_pdf, pages
from aurora_crawl.items import Removal
from aurora_crawl.messages import N_, Message
from aurora_crawl.text.books.document import Block, Line, Page, RawBook
from aurora_crawl.text.books.paragraphs import lines_of, to_blocks
from aurora_crawl.text.books.print_layout import PrintLayout, layout_of
from aurora_crawl.text.books.running_heads import PageHead, take_running_heads
from aurora_crawl.text.books.vocabulary import vocabulary

LEAST_TEXT = 25
"""Characters per page below which a PDF counts as pictures of pages."""

COVER_PAGES = 4
_COVER_SHARE = 0.3
_UNMAPPED_SHARE = 0.3

Progress = Callable[[int, int], None]


def read_pdf(path: Path, progress: Progress | None = None) -> RawBook:
    """The book of a PDF file. Raises BookError for what is encrypted, damaged or has no text layer."""
    document = open_pdf(path)
    try:
        remarks = []
        if forbids_copying(document):
            remarks.append(
                "its owner set it so that text is not to be copied; it was read all the same: mind its licence"
            )
        every = list(pages(document, progress))
    finally:
        document.close()
    refuse_without_text(every)
    return book_of_pages(every, remarks)


def refuse_without_text(every: list[Page]) -> None:
    """Raises BookError where the pages hold no text, or text whose fonts do not say which letters it is."""
    text = "".join(line.text for line in lines_of(every))
    if len(text) < LEAST_TEXT * len(every):
        raise PictureBookError(N_("has no text layer: its pages are pictures; --ocr reads them (Tesseract)"))
    letters = sum(map(str.isalpha, text))
    unmapped = sum(not char.isprintable() or "\ue000" <= char <= "\uf8ff" or char == "\ufffd" for char in text)
    if unmapped > _UNMAPPED_SHARE * len(text) or letters < 0.3 * len(text.replace(" ", "")):
        raise PictureBookError(
            N_("has fonts that do not say which letters they are; --ocr reads its pages (Tesseract)")
        )


def book_of_pages(every: list[Page], remarks: list[str]) -> RawBook:
    """The book of pages of lines."""
    heads = take_running_heads(every)
    layout = layout_of(every)
    covers = _take_covers(every, layout)
    empty = sum(not page.lines for page in every)
    if empty > 0.2 * len(every):
        remarks.append(Message("{empty} of {count} pages have no text", empty=empty, count=len(every)))
    blocks = to_blocks(every, layout, vocabulary(lines_of(every)))
    removed = [_removal(blocks, page, text, rule) for page, text, rule in _in_order(heads, covers)]
    return RawBook(blocks, title=_title(blocks), removed=removed, remarks=remarks)


def _in_order(heads: list[PageHead], covers: list[Page]) -> list[tuple[int, str, str]]:
    taken = [(head.page, head.text, str(head.rule)) for head in heads]
    taken += [(page.number, "\n".join(line.text for line in page.lines), "cover") for page in covers if page.lines]
    return sorted(taken, key=lambda one: one[0])


def _removal(blocks: list[Block], page: int, text: str, rule: str) -> Removal:
    position = next((index for index, block in enumerate(blocks) if block.page >= page), len(blocks))
    return Removal(position, "whole", text, rule)


def _take_covers(every: list[Page], layout: PrintLayout) -> list[Page]:
    """Takes out the pages at both ends of the file that are not set in the book's type: covers, blurbs, title pages."""
    taken: list[Page] = []
    if len(every) < 4 * COVER_PAGES:
        return taken
    for ends in (every[:COVER_PAGES], every[::-1][:COVER_PAGES]):
        for page in ends:
            total = sum(len(line.text) for line in page.lines)
            text = sum(len(line.text) for line in page.lines if _is_body(line, page, layout))
            if total and text >= _COVER_SHARE * total:
                break
            taken.append(Page(page.number, page.width, page.height, page.lines))
            page.lines = []
    return taken


def _is_body(line: Line, page: Page, layout: PrintLayout) -> bool:
    return layout.is_text(line) and layout.offset(line, page) < 0.3 * layout.width(page)


def _title(blocks: list[Block]) -> str:
    """The largest heading of the first pages; empty where there is none."""
    first = [block for block in blocks[:60] if block.kind == "heading" and block.page <= 6]
    return first[0].text if first else ""
