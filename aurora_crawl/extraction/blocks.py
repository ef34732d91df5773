"""An element tree to plain paragraphs: what each kind of element becomes in the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from lxml import etree

from aurora_crawl.extraction.boilerplate_elements import SKIPPED_TAGS, is_clutter
from aurora_crawl.extraction.tree import MAX_DEPTH, raw_text_of, text_of
from aurora_crawl.text.unicode import without_invisible

_BREAK = "\ue001"
"""Stands for a line break that shows, while white space of the markup is still to be folded: a private character."""

_BLOCK_TAGS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "p",
        "section",
        "summary",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
    ]
)
_BLOCK_SKIPPED = frozenset(["aside", "nav", "form", "footer", "iframe", "video", "audio", "object", "menu"])
_ADDRESS_ALONE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_NUMBER = re.compile(r"\d{1,4}")

Skips = Callable[[etree._Element], bool]


def blocks(root: etree._Element, skips: Skips = is_clutter) -> list[str]:
    """The paragraphs of everything inside `root`, in order; lines inside a paragraph are separated by a line feed.

    `skips` says which elements are left out, besides those whose tag never holds text.
    """
    return _Writer(skips).read(root, 0)


class _Writer:
    """Collects paragraphs while it walks down one element."""

    def __init__(self, skips: Skips) -> None:
        self.skips = skips
        self.paragraphs: list[str] = []
        self.pull_quotes: set[int] = set()
        self.pieces: list[str] = []

    def read(self, element: etree._Element, depth: int) -> list[str]:
        self.inside(element, depth)
        self.flush()
        return self._without_repeated_quotes()

    def flush(self) -> None:
        """Ends the paragraph that is being written."""
        if not self.pieces:
            return
        text = "".join(self.pieces)
        self.pieces.clear()
        if not text or text.isspace():
            return
        seen = without_invisible(text)
        if seen is text and "  " not in text and text.isprintable():
            # Most paragraphs are written plainly; the mark of a break is not printable, nor is any other space.
            line = text.strip()
            if not _is_address(line):
                self.paragraphs.append(line)
            return
        text = seen
        if _BREAK not in text:
            line = " ".join(text.split())
            if line and not _is_address(line):
                self.paragraphs.append(line)
            return
        lines = [" ".join(line.split()) for line in text.split(_BREAK)]
        for is_text, group in groupby(lines, bool):
            kept = "\n".join(line for line in group if not _is_address(line)) if is_text else ""
            if kept:
                self.paragraphs.append(kept)

    def inside(self, element: etree._Element, depth: int) -> None:
        """Writes an element's text and children."""
        if depth > MAX_DEPTH:
            self.pieces.append(text_of(element))
            return
        if text := element.text:
            self.pieces.append(text)
        for child in element:
            self.child(child, depth + 1)
            if tail := child.tail:
                self.pieces.append(tail)

    def child(self, element: etree._Element, depth: int) -> None:
        """Writes one element, by what its tag means."""
        tag = element.tag
        if not isinstance(tag, str):
            return
        if tag == "br":
            self.pieces.append(_BREAK)
        elif tag in SKIPPED_TAGS or tag.startswith("amp-"):
            if tag in _BLOCK_SKIPPED:
                self.flush()
            if tag == "footer" and _in_quotation(element):
                self.block(element, depth)
        elif self.skips(element):
            if tag in _BLOCK_TAGS or tag in {"ul", "ol"}:
                self.flush()
        elif tag in _WRITERS:
            _WRITERS[tag](self, element, depth)
        elif tag in _BLOCK_TAGS:
            self.block(element, depth)
        else:
            self.inside(element, depth)

    def block(self, element: etree._Element, depth: int) -> None:
        self.flush()
        self.inside(element, depth)
        self.flush()

    def quoted(self, element: etree._Element, depth: int) -> None:
        self.pieces.append("“")
        self.inside(element, depth)
        self.pieces.append("”")

    def raised(self, element: etree._Element, depth: int) -> None:
        """A note's number must not melt into the word before it; CO₂'s and m²'s digits must."""
        note = text_of(element).strip("[]()")
        if _NUMBER.fullmatch(note) and any("#" in (link.get("href") or "") for link in element.iter("a")):
            self.pieces.append(f"[{note}]")
        else:
            self.inside(element, depth)

    def figure(self, element: etree._Element, depth: int) -> None:
        """Pictures and their captions go; a table, a poem or a quotation that stands in a figure is text."""
        self.flush()
        if element.find(".//table") is not None or element.find(".//pre") is not None:
            self.block(element, depth)
        elif element.find(".//blockquote") is not None:
            start = len(self.paragraphs)
            self.block(element, depth)
            self.pull_quotes.update(range(start, len(self.paragraphs)))

    def preformatted(self, element: etree._Element, depth: int) -> None:
        """Poems and code keep their lines and indents; a blank line parts paragraphs."""
        self.flush()
        text = without_invisible(_raw(element, self.skips, depth)).replace("\xa0", " ").expandtabs(4)
        for paragraph in _BLANK_LINES.split(text.strip("\n")):
            lines = [line.rstrip() for line in paragraph.split("\n")]
            if any(lines):
                lines[0] = lines[0].lstrip()
                self.paragraphs.append("\n".join(line for line in lines if line))

    def listing(self, element: etree._Element, depth: int) -> None:
        """A list is one paragraph, a line for each item; lists inside an item are indented by two spaces."""
        self.flush()
        number = _integer(element.get("start"), 1)
        lines: list[str] = []
        for child in element:
            if not isinstance(child.tag, str) or self.skips(child) or child.tag in SKIPPED_TAGS:
                continue
            mark = "- "
            if element.tag == "ol" and child.tag == "li":
                number = _integer(child.get("value"), number)
                mark = f"{number}. "
                number += 1
            item = _Writer(self.skips).read(child, depth + 1) if depth < MAX_DEPTH else [text_of(child)]
            item_lines = "\n".join(item).split("\n") if any(item) else []
            if child.tag in {"ul", "ol"}:
                lines.extend(f"  {line}" for line in _Writer.of_list(self, child, depth + 1))
            elif item_lines:
                lines.append(mark + item_lines[0])
                lines.extend(f"  {line}" for line in item_lines[1:])
        if lines:
            self.paragraphs.append("\n".join(lines))

    def of_list(self, element: etree._Element, depth: int) -> list[str]:
        """The lines of a list that stands directly in a list, as old editors write it."""
        writer = _Writer(self.skips)
        writer.listing(element, depth)
        return "\n".join(writer.paragraphs).split("\n") if writer.paragraphs else []

    def table(self, element: etree._Element, depth: int) -> None:
        """A table of data is one paragraph, a line for each row; a table that only lays out a page is its cells."""
        self.flush()
        rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in element.iter("tr")]
        layout = all(len(row) < 2 for row in rows) or any(
            cell.find(".//table") is not None or len(cell.findall("p")) > 1 for row in rows for cell in row
        )
        if layout or depth >= MAX_DEPTH:
            self.block(element, depth)
            return
        lines = []
        for row in rows:
            cells = [" ".join(" ".join(_Writer(self.skips).read(cell, depth + 1)).split()) for cell in row]
            if any(cells):
                lines.append(" | ".join(cells))
        if lines:
            self.paragraphs.append("\n".join(lines))

    def _without_repeated_quotes(self) -> list[str]:
        """The paragraphs without pull quotes that only repeat what the text says."""
        if not self.pull_quotes:
            return self.paragraphs
        plain = [_words(text) for position, text in enumerate(self.paragraphs) if position not in self.pull_quotes]
        return [
            text
            for position, text in enumerate(self.paragraphs)
            if position not in self.pull_quotes or not any(_words(text) in other for other in plain)
        ]


def _is_address(line: str) -> bool:
    return line.startswith(("http", "www.", "HTTP", "Http")) and bool(_ADDRESS_ALONE.fullmatch(line))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _integer(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else otherwise


def _in_quotation(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == "blockquote"


def _raw(element: etree._Element, skips: Skips, depth: int) -> str:
    """An element's text with its white space."""
    if depth > MAX_DEPTH:
        return raw_text_of(element)
    pieces = [element.text or ""]
    for child in element:
        if child.tag == "br":
            pieces.append("\n")
        elif isinstance(child.tag, str) and child.tag not in SKIPPED_TAGS and not skips(child):
            pieces.append(_raw(child, skips, depth + 1))
        pieces.append(child.tail or "")
    return "".join(pieces)


_WRITERS: dict[str, Callable[[_Writer, etree._Element, int], None]] = {
    "ul": _Writer.listing,
    "ol": _Writer.listing,
    "table": _Writer.table,
    "figure": _Writer.figure,
    "pre": _Writer.preformatted,
    "sup": _Writer.raised,
    "q": _Writer.quoted,
}
