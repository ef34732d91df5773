"""PDF by pdfium's characters: lines with their places, hyphens resolved, superscript numbers and spaced letters seen."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import pypdfium2
from pypdfium2 import raw as pdfium

from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.messages import N_
from aurora_crawl.text.books.document import MARK_END, MARK_START, Line, Page

MAX_CHARACTERS = 200_000
"""Characters of a page that are looked at; a dense page of a newspaper has 20,000."""

MAX_PAGES = 20_000

_LINE_END = re.compile("\r\n|[\r\n\x02\ufffe]")
_HYPHEN_MARKS = "\x02\ufffe"
_MAYBE_RAISED = re.compile(r"(?<=[^\W\d_])\d{1,3}(?!\w)|(?<=[.,;:!?…”\"’»)\]])\d{1,3}(?![\w%])")
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_OTHER = {0x00A0: " ", 0x2010: "-", 0x2011: "-", 0x00AD: "", 0x0000: "", 0xFEFF: ""}
_TRANSLATED = {**_LIGATURES, **_OTHER}
_SPACES = re.compile(r"[ \t]+")
_PERMISSION_TO_COPY = 1 << 4


def open_pdf(path: Path) -> pypdfium2.PdfDocument:
    """The document of a file. Raises BookError, in one line, for what cannot be opened."""
    try:
        document = pypdfium2.PdfDocument(path)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise BookError(N_("is encrypted with a password; save a copy without it")) from error
        raise BookError(N_("is damaged, or no PDF: pdfium cannot open it")) from error
    if not count:
        raise BookError(N_("has no pages"))
    if count > MAX_PAGES:
        raise BookError(N_("has {count} pages; more than {max_pages} are not read"), count=count, max_pages=MAX_PAGES)
    return document


def forbids_copying(document: pypdfium2.PdfDocument) -> bool:
    """Whether the file's owner set it so that text is not to be copied; pdfium reads it all the same."""
    return pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0 and not (
        pdfium.FPDF_GetDocPermissions(document) & _PERMISSION_TO_COPY
    )


def pages(document: pypdfium2.PdfDocument, progress: Callable[[int, int], None] | None = None) -> Iterator[Page]:
    """The pages and their lines, in the order in which the file writes them; a page that fails is empty."""
    count = len(document)
    for index in range(count):
        if progress:
            progress(index, count)
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            yield Page(index + 1, 0, 0, [])
            continue
        try:
            width, height = page.get_size()
            text = page.get_textpage()
        except pypdfium2.PdfiumError:
            page.close()
            yield Page(index + 1, 0, 0, [])
            continue
        try:
            yield Page(index + 1, width, height, _Characters(text).lines())
        finally:
            text.close()
            page.close()


class _Characters:
    """The characters of a page, and their boxes when they are asked for: each box is a call into pdfium."""

    def __init__(self, textpage: pypdfium2.PdfTextPage) -> None:
        self.textpage = textpage.raw
        self.count = min(pdfium.FPDFText_CountChars(self.textpage), MAX_CHARACTERS)
        self.rect = pdfium.FS_RECTF()
        self.reference = ctypes.byref(self.rect)
        self.text = self._text()

    def _text(self) -> str:
        """All characters, one for each index: at once where pdfium's buffer counts as its characters do, else one by one."""
        if self.count <= 0:
            return ""
        buffer = (ctypes.c_ushort * (self.count + 1))()
        written = pdfium.FPDFText_GetText(self.textpage, 0, self.count, buffer)
        if written == self.count + 1:
            text = bytes(buffer)[: 2 * self.count].decode("utf-16-le", "replace")
            if len(text) == self.count:
                return text
        code = pdfium.FPDFText_GetUnicode
        return "".join(_character(code(self.textpage, index)) for index in range(self.count))

    def box(self, index: int) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of a character's loose box: as high as its type, whatever letter it is."""
        rect = self.rect
        if not pdfium.FPDFText_GetLooseCharBox(self.textpage, index, self.reference):
            return 0.0, 0.0, 0.0, 0.0
        return rect.left, rect.bottom, rect.right, rect.top

    def lines(self) -> list[Line]:
        """The page's lines: pdfium ends one with a line break, or with a mark that stands for hyphen and break."""
        found: list[Line] = []
        start = 0
        for match in _LINE_END.finditer(self.text):
            broken = match[0] in _HYPHEN_MARKS
            self._line(found, start, match.start(), broken)
            start = match.end()
        self._line(found, start, len(self.text), False)
        return found

    def _line(self, found: list[Line], start: int, end: int, broken: bool) -> None:
        text = self.text[start:end]
        stripped = text.strip()
        if not stripped:
            return
        start += len(text) - len(text.lstrip())
        end = start + len(stripped)
        left, bottom, first_right, top = self.box(start)
        _, last_bottom, right, last_top = self.box(end - 1)
        height = top - bottom
        if end - start > 2:
            _, middle_bottom, _, middle_top = self.box((start + end) // 2)
            if middle_top - middle_bottom > 0:
                height = median((height, middle_top - middle_bottom, last_top - last_bottom))
            bottom = median((bottom, middle_bottom, last_bottom)) if middle_top else bottom
        if _is_letter_spaced(stripped):
            stripped = self._respaced(start, end)
        elif any(map(str.isdigit, stripped)):
            stripped = self._with_marks(stripped, start, bottom, height)
        text = _SPACES.sub(" ", stripped.translate(_TRANSLATED)).strip()
        if not broken and text.endswith("-") and len(text) > 1 and text[-2].isalpha():
            text, broken = text[:-1], True
        if not text:
            return
        before = found[-1] if found else None
        if before and not before.broken and _goes_on(before, left, bottom, height):
            # What stands raised in a line, a note's number, ends pdfium's line.
            before.text = f"{before.text} {text}"
            before.right, before.broken = max(right, before.right), broken
            before.height = max(before.height, height)
            return
        bold = len(text) <= 100 and self._is_bold(start) and self._is_bold(end - 1)
        found.append(Line(text, left, max(right, first_right), bottom, height, broken, bold))

    def _is_bold(self, index: int) -> bool:
        return int(pdfium.FPDFText_GetFontWeight(self.textpage, index)) >= 600

    def _with_marks(self, text: str, start: int, bottom: float, height: float) -> str:
        """A line in which small raised numbers after words are marks of notes."""
        pieces = []
        done = 0
        for match in _MAYBE_RAISED.finditer(text):
            _, digit_bottom, _, digit_top = self.box(start + match.start())
            size = digit_top - digit_bottom
            if size < 0.8 * height or digit_bottom > bottom + 0.2 * height:
                pieces += [text[done : match.start()], MARK_START, match[0], MARK_END]
                done = match.end()
        first = re.match(r"\d{1,3}(?=\s?\D)", text)
        if first and not done:
            _, _, _, digit_top = self.box(start)
            _, digit_bottom, _, _ = self.box(start)
            if digit_top - digit_bottom < 0.8 * height:
                pieces += [MARK_START, first[0], MARK_END]
                done = first.end()
        return "".join(pieces) + text[done:]

    def _respaced(self, start: int, end: int) -> str:
        """A line of letters set apart: a space is where the gap is wider than the line's gaps between letters."""
        boxes = [(index, *self.box(index)) for index in range(start, end) if not self.text[index].isspace()]
        gaps = [after[1] - before[3] for before, after in pairwise(boxes)]
        if not gaps:
            return self.text[start:end]
        letter = median(gaps)
        height = boxes[0][4] - boxes[0][2]
        pieces = [self.text[boxes[0][0]]]
        for gap, (index, *_) in zip(gaps, boxes[1:], strict=True):
            if gap - letter > 0.12 * height and gap > 1.5 * letter:
                pieces.append(" ")
            pieces.append(self.text[index])
        return "".join(pieces)


def _goes_on(before: Line, left: float, bottom: float, height: float) -> bool:
    """Whether a piece stands in the row of the one before, right behind it."""
    same_row = abs(before.bottom - bottom) < 0.25 * max(height, before.height)
    return same_row and -0.5 * height < left - before.right < 1.5 * height


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\x00"


def _is_letter_spaced(text: str) -> bool:
    """Whether a short line may have spaces inside its words: capitals in pieces, or letters that stand alone."""
    if len(text) > 80:
        return False
    pieces = text.split()
    if len(pieces) < 3 or not text.replace("\xa0", " ").replace(" ", "").isalpha():
        return False
    return text.isupper() or sum(len(piece) == 1 for piece in pieces) * 2 > len(pieces)
