"""Lines to headings, paragraphs, verse, quotations, lists and notes, by size, indent and dialogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aurora_crawl.text.books.document import Block, Line, Page
from aurora_crawl.text.books.headings import is_chapter_line
from aurora_crawl.text.books.hyphens import join, mend_line
from aurora_crawl.text.books.print_layout import NEAR, SAME_SIZE, PrintLayout

DASHES = ("—", "–", "―", "-")
_BULLET = re.compile(r"[•▪●◦■‣·]\s*(?=\S)")
_ITEM = re.compile(r"(?:[•▪●◦■‣]\s*\S|[–-]\s+[a-zà-ú0-9]|\d{1,2}[.)]\s+\S|[a-z]\)\s+\S)")
_SENTENCE_END = re.compile(r"[.!?…:][\"”’»)\]]*(?:\ufdd0[^\ufdd1]*\ufdd1)?$")
_NOTE = re.compile(r"(?:\ufdd0([^\ufdd1]{1,4})\ufdd1|(\d{1,3})(?=[\s.)]*\s?[^\W\d_\"“])|(\*{1,3}|†))[\s.)]*")
_LARGER = 1.12
_SMALLER = 0.93
_LONGEST_HEADING = 140
_TALL = 1.7
"""From so many times the text's size on, a letter or two before a line are its drop capital."""


def to_blocks(pages: list[Page], layout: PrintLayout, words: Mapping[str, int]) -> list[Block]:
    """The blocks of a book's pages, whose running heads are gone; `words` is the book's vocabulary."""
    writer = _Writer(layout, words)
    for page in pages:
        text, notes = _parted(page, layout)
        writer.page(page, _with_drop_capitals(text, layout))
        writer.notes(page, notes)
    writer.flush()
    return writer.blocks


def _parted(page: Page, layout: PrintLayout) -> tuple[list[Line], list[Line]]:
    """A page's text, and its footnotes: smaller lines at the foot, the first of which begins with a number or sign."""
    rows = sorted(page.lines, key=lambda line: line.bottom)
    notes: list[Line] = []
    begun = 0
    for line in rows:
        if line.height > _SMALLER * layout.size or (notes and line.height > (1 + 2 * SAME_SIZE) * notes[0].height):
            break
        notes.append(line)
        if _NOTE.match(line.text):
            begun = len(notes)
    chosen = {id(line) for line in notes[:begun]}
    if not chosen:
        return page.lines, []
    return (
        [line for line in page.lines if id(line) not in chosen],
        [line for line in page.lines if id(line) in chosen],
    )


def _with_drop_capitals(lines: list[Line], layout: PrintLayout) -> list[Line]:
    """A capital of two or three lines' height is the first letter of the line beside its top."""
    found: list[Line] = []
    capital: Line | None = None
    for line in lines:
        if capital:
            line.text = capital.text + line.text
            line.left = capital.left
            capital = None
        elif len(line.text) <= 2 and line.text.isalpha() and line.text.isupper() and line.height > _TALL * layout.size:
            capital = line
            continue
        found.append(line)
    if capital:
        found.append(capital)
    return found


@dataclass
class _Writer:
    """Collects blocks while it goes over the lines."""

    layout: PrintLayout
    words: Mapping[str, int]
    blocks: list[Block] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    kind: str = ""
    first_page: int = 0
    before: Line | None = None
    before_page: Page | None = None

    def page(self, page: Page, lines: list[Line]) -> None:
        for index, line in enumerate(lines):
            following = lines[index + 1] if index + 1 < len(lines) else None
            self.line(page, line, following, at_top=index == 0)

    def line(self, page: Page, line: Line, following: Line | None, *, at_top: bool) -> None:
        kind = self._kind(page, line, following, at_top=at_top)
        if kind != self.kind or self._begins(page, line, at_top=at_top):
            self.flush()
            self.kind, self.first_page = kind, page.number
        self.lines.append(line)
        self.before, self.before_page = line, page

    def _gap(self, line: Line, *, at_top: bool) -> float:
        """The space above a line, in lines."""
        if at_top or self.before is None:
            return 0.0
        distance = self.before.bottom - line.bottom
        return distance / self.layout.spacing if distance > 0 else 9.0

    def _kind(self, page: Page, line: Line, following: Line | None, *, at_top: bool) -> str:
        layout = self.layout
        if len(line.text) <= _LONGEST_HEADING and not line.broken:
            if line.height >= _LARGER * layout.size and any(map(str.isalpha, line.text)):
                return "heading"
            apart = at_top or self._gap(line, at_top=at_top) > 1.25 or self.kind == "heading"
            if apart and is_chapter_line(line.text) and not self._runs_on(line, following, page):
                return "heading"
            if self.kind == "heading" and self.before and line.text.isupper() and self.before.text.isupper():
                return "heading"
            sentence = line.text.rstrip().endswith((".", ",", ";", ":"))
            if apart and not sentence and len(line.text) <= 90 and any(map(str.isalpha, line.text)):
                is_short = layout.room(line, page) > 0.15 * layout.width(page)
                if line.bold and is_short:
                    return "heading"
                if line.text.isupper() and len(line.text) > 3 and layout.is_centred(line, page):
                    return "heading"
        if line.height <= _SMALLER * layout.size and layout.offset(line, page) <= NEAR:
            return "small"
        if not layout.indent:
            return "text"
        offset = layout.offset(line, page)
        return "block" if offset > layout.indent + 2 * NEAR and not line.text.startswith(DASHES) else "text"

    def _runs_on(self, line: Line, following: Line | None, page: Page) -> bool:
        """Whether a line that reads like a heading is a paragraph's first one: it is full, and the next is at the margin."""
        return (
            following is not None
            and self.layout.room(line, page) < 0.1 * self.layout.width(page)
            and abs(self.layout.offset(following, page)) <= NEAR
            and abs(line.bottom - following.bottom) < 1.3 * self.layout.spacing
        )

    def _begins(self, page: Page, line: Line, *, at_top: bool) -> bool:
        """Whether a line of the same kind as the one before begins a new block."""
        before, layout = self.before, self.layout
        if before is None or not self.lines:
            return True
        if before.broken:
            return False
        gap = self._gap(line, at_top=at_top)
        if self.kind == "heading":
            return (
                at_top
                or gap > 2.6
                or abs(line.height - before.height) > SAME_SIZE * line.height
                or is_chapter_line(line.text)
            )
        if _ITEM.match(line.text) and not layout.indent:
            return True
        ended = bool(_SENTENCE_END.search(before.text))
        room = layout.room(before, self.before_page or page)
        if self.kind == "block":
            return gap > 1.6 and not self._same_block(line, before)
        if self.kind == "small":
            return gap > 1.3 or bool(_NOTE.match(line.text))
        if layout.indent:
            if layout.offset(line, page) > 0.6 * layout.indent:
                return True
            return ended and gap > 1.6
        if line.text.startswith(("—", "―")) and ended:
            return True
        if at_top:
            return ended and (room > 0.1 * layout.width(page) or gap > 1.6) and not line.text[:1].islower()
        return gap > 1.3 or (ended and room > 0.15 * layout.width(page) and not line.text[:1].islower())

    def _same_block(self, line: Line, before: Line) -> bool:
        return abs(line.left - before.left) <= NEAR and not _SENTENCE_END.search(before.text)

    def flush(self) -> None:
        """Ends the block that is being written."""
        lines, kind = self.lines, self.kind
        self.lines = []
        if not lines:
            return
        if kind == "block":
            self._indented(lines)
        elif kind == "heading":
            level = 1 if lines[0].height >= 1.4 * self.layout.size else 2
            self._add("heading", self._joined(lines), level)
        else:
            text = self._joined(lines)
            self._add(
                "list" if _ITEM.match(text) and not self.layout.indent else "paragraph",
                _BULLET.sub("- ", text, count=1),
            )

    def _indented(self, lines: list[Line]) -> None:
        """Verse keeps its lines; a quotation's are joined, up to those that end short or that are indented further."""
        if is_verse(lines, self.layout):
            self._add("verse", "\n".join(line.text for line in lines))
            return
        edge = min(line.left for line in lines)
        right = max(line.right for line in lines)
        paragraph: list[Line] = []
        for line in lines:
            if paragraph and self._parts_quotation(paragraph[-1], line, edge, right):
                self._add("quotation", self._joined(paragraph))
                paragraph = []
            paragraph.append(line)
        self._add("quotation", self._joined(paragraph))

    def _parts_quotation(self, before: Line, line: Line, edge: float, right: float) -> bool:
        if before.broken:
            return False
        if line.left > edge + 2 * NEAR and before.left <= edge + NEAR:
            return True
        short = before.right < right - 0.12 * (right - edge)
        return short and (bool(_SENTENCE_END.search(before.text)) or line.text[:1].isupper())

    def notes(self, page: Page, lines: list[Line]) -> None:
        """Adds a page's footnotes; one that goes on from the page before has no number, and is joined to it."""
        if not lines:
            return
        kind, waiting, before, before_page = self.kind, self.lines, self.before, self.before_page
        self.lines = []
        label = ""
        note: list[Line] = []
        for line in lines:
            if match := _NOTE.match(line.text):
                self._note(label, note, page)
                label, note = next(filter(None, match.groups())), []
                line.text = line.text[match.end() :]
            note.append(line)
        self._note(label, note, page)
        self.kind, self.lines, self.before, self.before_page = kind, waiting, before, before_page

    def _note(self, label: str, lines: list[Line], page: Page) -> None:
        text = self._joined(lines)
        if not text:
            return
        last = next((block for block in reversed(self.blocks) if block.kind == "note"), None)
        if not label and last and last.page == page.number - 1:
            last.text = f"{last.text} {text}"
        else:
            self.blocks.append(Block("note", text, label=label, page=page.number))

    def _joined(self, lines: list[Line]) -> str:
        text = ""
        broken = False
        for line in lines:
            if not text:
                text = line.text
            elif broken:
                text = join(text, line.text, self.words)
            else:
                text = f"{text} {line.text}"
            broken = line.broken
        if broken:
            text += "-"
        return mend_line(text, self.words)

    def _add(self, kind: str, text: str, level: int = 0) -> None:
        if not text.strip():
            return
        block = Block("paragraph", text, level, page=self.first_page)
        if kind in ("heading", "verse", "quotation", "list"):
            block.kind = kind  # type: ignore[assignment]
        self.blocks.append(block)


def is_verse(lines: list[Line], layout: PrintLayout) -> bool:
    """Whether indented lines are verse: two or more, none broken, nearly all with a capital or dash, and of unlike lengths."""
    if len(lines) < 2 or any(line.broken for line in lines):
        return False
    begun = sum(not line.text.lstrip("“\"‘'—–-([ ")[:1].islower() for line in lines)
    if begun < 0.8 * len(lines):
        return False
    rights = [line.right for line in lines]
    full = sum(right > max(rights) - 0.03 * (max(rights) - min(line.left for line in lines)) for right in rights)
    return full <= max(1, 0.4 * len(lines)) or max(len(line.text) for line in lines) < 45


def lines_of(pages: list[Page]) -> Iterator[Line]:
    """All lines of all pages."""
    for page in pages:
        yield from page.lines
