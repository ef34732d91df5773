"""Plain text to blocks: hard-wrapped or not, with underlined headings, lists, code, and pages parted by form feeds."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby, pairwise
from pathlib import Path

from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.extraction.books.html_book import MAX_FILE, decode
from aurora_crawl.items import Removal
from aurora_crawl.messages import N_, Message
from aurora_crawl.text.books.document import Block, Line, Page, RawBook
from aurora_crawl.text.books.headings import is_chapter_line, respaced
from aurora_crawl.text.books.hyphens import join, mend_line
from aurora_crawl.text.books.ocr import correct
from aurora_crawl.text.books.running_heads import take_running_heads
from aurora_crawl.text.books.vocabulary import vocabulary

WIDEST_WRAP = 120
"""Columns: lines that are mostly longer than this were not wrapped by hand."""

_UNDERLINE = re.compile(r"\s*([-=~*^_])\1{2,}\s*$")
_ITEM = re.compile(r"(\s*)((?:[*•·o+-]|\d{1,3}[.)]|[a-z]\)|\([a-z0-9]{1,3}\))\s+)(?=\S)")
_BROKEN_OVER_BLANK = re.compile(r"(?<=[a-zà-ÿ])-\n\s*\n(?=\s*[a-zà-ÿ])")
_LONGEST_TITLE = 2
"""Lines of a heading above its underline."""

_SPACES = re.compile(r"\s+")
_COLUMNS = re.compile(r"\S {3,}\S|\t\S|\s\|\s")
_SENTENCE_END = re.compile(r"[.!?…:][\"”’»)\]]*$")


def read_text(path: Path) -> RawBook:
    """The book of a text file."""
    if path.stat().st_size > MAX_FILE:
        raise BookError(N_("has more than {number} MB"), number=MAX_FILE // 1_000_000)
    data = path.read_bytes()
    if b"\x00" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BookError(N_("is no text file"))
    return read_string(decode(data))


def read_string(text: str) -> RawBook:
    """The book of a text. Form feeds part pages, as programs that read pictures of them do: heads and numbers go, and
    what was surely misread is put right.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    removed: list[Removal] = []
    remarks: list[str] = []
    if "\f" in text:
        text, changes = correct(text)
        if changes:
            remarks.append(Message("{changes} misread words were put right", changes=changes))
        text, heads = _without_heads(text)
        removed = [Removal(0, "whole", head, "running-head") for head in heads]
    text = _BROKEN_OVER_BLANK.sub("-\n", text)
    lines = [respaced(line.expandtabs(8).rstrip()) for line in text.split("\n")]
    width = wrap_width(lines)
    words = vocabulary(_as_line(line) for line in lines)
    blocks: list[Block] = []
    for is_text, group in groupby(lines, bool):
        if is_text:
            blocks += _Group(list(group), width, words).blocks()
    if not blocks:
        raise BookError(N_("holds no text"))
    return RawBook(blocks, removed=removed, remarks=remarks)


def wrap_width(lines: list[str]) -> int:
    """The column at which lines are wrapped by hand; 0 where each line is a paragraph."""
    lengths = Counter(len(line) for line, after in pairwise(lines) if line and after and len(line) > 30)
    total = lengths.total()
    if total < 5:
        return 0
    seen = 0
    width = 0
    for length in sorted(lengths, reverse=True):
        seen += lengths[length]
        if seen >= 0.02 * total:
            width = length
            break
    if width > WIDEST_WRAP:
        return 0
    full = sum(count for length, count in lengths.items() if length >= 0.8 * width)
    return width if full >= 0.35 * total else 0


def _as_line(text: str) -> Line:
    stripped = text.strip()
    broken = len(stripped) > 1 and stripped.endswith("-") and stripped[-2].isalpha()
    return Line(stripped[:-1] if broken else stripped, 0, 0, 0, 1, broken)


def _without_heads(text: str) -> tuple[str, list[str]]:
    """A text without the heads of its pages. A row is a line of height 1."""
    pages: list[Page] = []
    for number, content in enumerate(text.split("\f"), start=1):
        rows = content.strip("\n").split("\n")
        lines = [
            Line(row, len(row) - len(row.lstrip()), len(row), float(-index), 1.0)
            for index, row in enumerate(rows)
            if row.strip()
        ]
        pages.append(Page(number, 0, 0, lines))
    # From the foot, heights count from the page's last row.
    heads = take_running_heads(pages)
    texts = []
    for page in pages:
        kept: list[str] = []
        for line in page.lines:
            kept += [""] * (int(-line.bottom) - len(kept))
            kept.append(line.text)
        texts.append("\n".join(kept))
    return _joined_pages(texts), [head.text for head in heads]


def _joined_pages(pages: list[str]) -> str:
    """Pages as one text: a paragraph that goes on over the page's end goes on."""
    text = ""
    for page in pages:
        page = page.strip("\n")
        if not page:
            continue
        last = text.rstrip().rpartition("\n")[2]
        first = page.lstrip()[:1]
        goes_on = bool(last) and not _SENTENCE_END.search(last) and (last.endswith("-") or first.islower())
        text = f"{text}\n{page}" if goes_on else f"{text}\n\n{page}"
    return text


class _Group:
    """Lines between two blank ones."""

    def __init__(self, lines: list[str], width: int, words: Counter[str]) -> None:
        self.lines = lines
        self.width = width
        self.words = words

    def blocks(self) -> list[Block]:
        lines = self.lines
        for under in range(1, min(len(lines), _LONGEST_TITLE + 1)):
            if _UNDERLINE.fullmatch(lines[under]) and not _UNDERLINE.fullmatch(lines[0]):
                head = Block("heading", " ".join(" ".join(lines[:under]).split()), 1 if "=" in lines[under] else 2)
                rest = lines[under + 1 :]
                return [head, *(_Group(rest, self.width, self.words).blocks() if rest else [])]
        lines = [line for line in lines if not _UNDERLINE.fullmatch(line)]
        if not lines:
            return []
        if len(lines) == 1 and is_chapter_line(lines[0]):
            return [Block("heading", lines[0].strip(), 1)]
        if not self.width:
            return [_paragraph(line) for line in lines]
        if is_chapter_line(lines[0]) and len(lines[0]) < 0.7 * self.width:
            head = Block("heading", lines[0].strip(), 1)
            return [head, *_Group(lines[1:], self.width, self.words).blocks()]
        return self._wrapped(lines)

    def _wrapped(self, lines: list[str]) -> list[Block]:
        if len(lines) > 1 and _is_columns(lines):
            return [Block("code", "\n".join(_dedented(lines)))]
        found: list[Block] = []
        run: list[str] = []
        for line in lines:
            if run and self._begins(run, line):
                found.append(self._joined(run))
                run = []
            run.append(line)
        found.append(self._joined(run))
        return _with_lists(found)

    def _begins(self, run: list[str], line: str) -> bool:
        """Whether a line begins a new block: an item, an indent, or because its first word had room on the line before."""
        before = run[-1]
        if _as_line(before).broken and line.lstrip()[:1].islower():
            return False
        item = _ITEM.match(line)
        if item and (item[2][0] in "*•" or _indent(line) < _indent(before)):
            return True
        if item and item[2].strip() != "o" and (_ITEM.match(run[0]) or self._had_room(before, line)):
            return True
        if (
            _indent(line) > _indent(before) + 1
            and not _ITEM.match(before)
            and (len(run) > 1 or _indent(line) > _indent(before) + 2)
        ):
            return True
        if line.lstrip().startswith(("—", "―")) and _SENTENCE_END.search(before):
            return True
        return self._had_room(before, line)

    def _had_room(self, before: str, line: str) -> bool:
        first = line.split(maxsplit=1)[0]
        return len(before) + 1 + len(first) <= self.width - self._slack(before)

    def _slack(self, before: str) -> int:
        # Two spaces after a full stop, and typesetters that break a little before the edge.
        return max(3, self.width // 12) if not before.endswith((".", "!", "?", ":", ";")) else 2

    def _joined(self, run: list[str]) -> Block:
        item = _ITEM.match(run[0])
        text = ""
        broken = False
        for row in run:
            line = _as_line(row)
            content = _SPACES.sub(" ", line.text)
            if not text:
                text = content
            elif broken:
                text = join(text, content, self.words)
            else:
                text = f"{text} {content}"
            broken = line.broken
        if broken:
            text += "-"
        text = mend_line(text, self.words)
        if item:
            return Block(
                "list", f"{item[2].strip().replace('*', '-').replace('•', '-')} {text[len(item[2].rstrip()) :].strip()}"
            )
        return _paragraph(text, indented=_indent(run[0]) > 0 and bool(_COLUMNS.search(run[0].strip())))


def _paragraph(text: str, *, indented: bool = False) -> Block:
    stripped = text.strip()
    if is_chapter_line(stripped):
        return Block("heading", stripped, 1)
    return Block("code" if indented else "paragraph", stripped)


def _with_lists(blocks: list[Block]) -> list[Block]:
    """Items that follow each other are one list, and lines that follow each other without need one block of lines."""
    found: list[Block] = []
    for block in blocks:
        if found and block.kind == found[-1].kind == "list":
            found[-1].text += f"\n{block.text}"
        else:
            found.append(block)
    if len(found) > 2 and all(len(block.text) < 60 and block.kind == "paragraph" for block in found):
        # Verse, an address, a short listing: its lines are its own.
        return [Block("verse", "\n".join(block.text for block in found))]
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_columns(lines: list[str]) -> bool:
    """Whether lines are a table or code: most have gaps of three spaces inside."""
    return sum(bool(_COLUMNS.search(line.strip())) for line in lines) >= 0.6 * len(lines)


def _dedented(lines: list[str]) -> list[str]:
    least = min(map(_indent, lines))
    return [line[least:] for line in lines]
