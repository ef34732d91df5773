"""An element tree to passages: what each kind of element becomes in the text, and what is cut from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import Protocol

from lxml import etree

from aurora_crawl.extraction.boilerplate_elements import state_of
from aurora_crawl.extraction.folding import ADDRESS_BEGINS, BREAK, GAP, folded, is_address
from aurora_crawl.extraction.footnotes import footnote_mark, is_way_back, leads_to_place
from aurora_crawl.extraction.leftovers import is_interface
from aurora_crawl.extraction.markup import (
    BLOCK_TAGS,
    BLOCK_UNSEEN_TAGS,
    BOX_TAGS,
    HEADINGS,
    INLINE_TAGS,
    READINGS,
    TEXT_OF_AMP,
    UNSEEN_TAGS,
    flat_text,
    is_shown_as_block,
)
from aurora_crawl.extraction.passages import (
    ADDRESS,
    BY_CLASS,
    BY_DATE,
    BY_STATE,
    BY_TAG,
    FIGURE,
    STRUCK,
    Passage,
)
from aurora_crawl.extraction.tree import MAX_DEPTH, raw_text_of, text_of
from aurora_crawl.text.unicode import without_invisible

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_PULL_QUOTE = re.compile(r"pull-?quote|(?:^|[\s_-])(?:olho|intertitulo-citacao)(?:$|[\s_-])", re.IGNORECASE)
_ENDS_SENTENCE = (".", "!", "?", "…", "”", '"', ":", ";", "»")
_PROSE_LONGER = 60
_LABEL_LONGEST = 120
_LABEL_SHARE = 0.6
_PLAIN_LINK = ["href"]
_STRUCK_TAGS = frozenset({"del", "s", "strike"})


class Cutting(Protocol):
    """Says what of an article's element is not the article: each answer is a rule's name, or empty."""

    def of_block(self, element: etree._Element) -> str:
        """The rule that cuts a block with all that is in it."""
        ...

    def of_inline(self, element: etree._Element) -> str:
        """The rule by which an element in a line goes where nothing else stands in that line."""
        ...

    def is_small(self, element: etree._Element) -> bool:
        """Whether the element holds so little of the text that it may be cut for its tag or state."""
        ...


def passages(root: etree._Element, cutting: Cutting) -> list[Passage]:
    """Everything inside `root` in order; lines inside a paragraph are separated by a line feed.

    Running text is never cut for a class: an element in a line goes only if nothing else stands there. Text that no reader
    sees (hidden, for screen readers only, struck out) is cut, and stands `inside` its paragraph.
    """
    return _Writer(cutting).read(root, 0)


class _Writer:
    """Collects passages while it walks down one element."""

    def __init__(self, cutting: Cutting) -> None:
        self.cutting = cutting
        self.passages: list[Passage] = []
        self.pieces: list[str] = []
        self.doubted: list[tuple[int, int, str]] = []
        self.inside_cuts: list[tuple[str, str]] = []

    def read(self, element: etree._Element, depth: int) -> list[Passage]:
        self.inside(element, depth)
        self.flush()
        return self.passages

    def cut(self, element: etree._Element, rule: str) -> None:
        """Leaves a block out, and says so."""
        self.flush()
        if text := flat_text(element):
            self.passages.append(Passage(text, rule))

    def cut_inside(self, element: etree._Element, rule: str) -> None:
        """Leaves a piece of the line that is being written out."""
        if text := flat_text(element):
            self.inside_cuts.append((text, rule))

    def flush(self) -> None:
        """Ends the paragraph that is being written."""
        if pieces := self.pieces:
            text = pieces[0] if len(pieces) == 1 else "".join(pieces)
            rule = ""
            if self.doubted:
                rule = self._rule_of_line()
                self.doubted.clear()
            pieces.clear()
            self.paragraph(text, rule)
        if self.inside_cuts:
            self._only_cuts()

    def paragraph(self, text: str, rule: str = "") -> None:
        """Writes a text that stands alone, in which a break may begin another paragraph."""
        if not text.isspace():
            for line in folded(text):
                # Nearly all begin otherwise, and need no closer look.
                is_alone = line.startswith(ADDRESS_BEGINS) and is_address(line)
                self.passages.append(Passage(line, ADDRESS if is_alone else rule, inside=self.inside_cuts))
                self.inside_cuts = []

    def _only_cuts(self) -> None:
        """What was cut from a line of which nothing is left."""
        self.passages.extend(Passage(text, rule) for text, rule in self.inside_cuts)
        self.inside_cuts = []

    def _rule_of_line(self) -> str:
        """The rule that cuts a line which holds nothing but doubted elements, or hardly more."""
        doubted, plain, last = [], [], 0
        for start, end, _ in sorted(self.doubted, key=lambda one: (one[0], -one[1])):
            if start < last:
                continue
            plain.extend(self.pieces[last:start])
            doubted.extend(self.pieces[start:end])
            last = end
        plain.extend(self.pieces[last:])
        beside, within = "".join(plain).strip(), " ".join("".join(doubted).split())
        is_prose = len(within) >= _PROSE_LONGER and within.endswith(_ENDS_SENTENCE)
        if not any(map(str.isalnum, beside)) or is_interface(beside):
            return "" if is_prose else self.doubted[0][2]
        is_label = len(beside) + len(within) <= _LABEL_LONGEST and not beside.endswith(_ENDS_SENTENCE)
        if is_label and len(within) >= _LABEL_SHARE * (len(beside) + len(within)):
            return "" if within.endswith(_ENDS_SENTENCE) else self.doubted[0][2]
        return ""

    def inside(self, element: etree._Element, depth: int) -> None:
        """Writes an element's text and children."""
        if depth > MAX_DEPTH:
            self.pieces.append(flat_text(element))
            return
        pieces = self.pieces
        if (text := element.text) and (pieces or not text.isspace()):
            pieces.append(text)
        for child in element:
            _WRITERS.get(child.tag, _Writer.other)(self, child, depth + 1)
            # White space that begins a line is the markup's own.
            if (tail := child.tail) and (pieces or not tail.isspace()):
                pieces.append(tail)

    def other(self, element: etree._Element, depth: int) -> None:
        """Writes an element of a tag that HTML does not have."""
        if isinstance(element.tag, str):
            (self.custom if "-" in element.tag else self.inside)(element, depth)

    def unseen(self, element: etree._Element, depth: int) -> None:
        """Leaves out what shows no text; a reader sees that something stands there."""
        self.pieces.append(GAP)

    def unseen_block(self, element: etree._Element, depth: int) -> None:
        """Leaves out what shows no text and stands between paragraphs."""
        self.flush()
        self.pieces.append(GAP)

    def line_break(self, element: etree._Element, depth: int) -> None:
        self.pieces.append(BREAK)

    def text_block(self, element: etree._Element, depth: int) -> None:
        """Writes what is a paragraph, or holds some."""
        if rule := self.cutting.of_block(element):
            self.left_out(element, rule, depth)
        else:
            self.block(element, depth)

    def any_block(self, element: etree._Element, depth: int) -> None:
        """Writes a block by its tag; one without a meaning of its own may be a quotation by its class."""
        if rule := self.cutting.of_block(element):
            self.left_out(element, rule, depth)
        elif write := _WRITERS_OF_BLOCKS.get(element.tag):
            write(self, element, depth)
        elif (classes := element.get("class")) and _is_pull_quote(classes):
            self.pull_quote(element, depth)
        else:
            self.block(element, depth)

    def left_out(self, element: etree._Element, rule: str, depth: int) -> None:
        """Cuts a block, or marks what only may be cut at the edge of the article."""
        if rule != BY_DATE:
            self.cut(element, rule)
            return
        self.flush()
        start = len(self.passages)
        self.block(element, depth)
        for passage in self.passages[start:]:
            passage.doubt = passage.doubt or rule

    def block(self, element: etree._Element, depth: int) -> None:
        if self.pieces or self.inside_cuts:
            self.flush()
        if not len(element):
            if text := element.text:
                self.paragraph(text)
            return
        self.inside(element, depth)
        if self.pieces or self.inside_cuts:
            self.flush()

    def box(self, element: etree._Element, depth: int) -> None:
        """What is the page's by its tag, unless it is where the article stands, or part of a heading or a quotation."""
        tag = element.tag
        parent = element.getparent()
        within = parent.tag if parent is not None else None
        if tag == "button" and (within in HEADINGS or within in {"summary", "dt"}):
            self.inside(element, depth)
        elif tag == "footer" and within == "blockquote":
            self.block(element, depth)
        elif tag in BLOCK_TAGS or tag == "figcaption":
            if tag == "form" and not self.cutting.is_small(element):
                self.block(element, depth)
            else:
                self.cut(element, BY_TAG)
        else:
            self.cut_inside(element, BY_TAG)
            if tag not in READINGS:
                self.pieces.append(GAP)

    def custom(self, element: etree._Element, depth: int) -> None:
        """A custom element is a block where it stands alone between others, and part of the line where it stands in one."""
        if str(element.tag).startswith("amp-") and element.tag not in TEXT_OF_AMP:
            self.cut(element, BY_TAG)
            return
        before = self.pieces[-1] if self.pieces else ""
        if (before and not before.isspace() and before != BREAK) or (element.tail and not element.tail.isspace()):
            self.inside(element, depth)
        else:
            self.text_block(element, depth)

    def inline(self, element: etree._Element, depth: int) -> None:
        """Writes an element that stands in a line; what no reader sees of it goes, a class alone cuts nothing."""
        tag = element.tag
        keys = element.keys()
        rule = ""
        if keys and keys != _PLAIN_LINK:
            if "style" in keys and is_shown_as_block(element):
                self.any_block(element, depth)
                return
            if state_of(element, in_line=True) and self.cutting.is_small(element):
                self.cut_inside(element, BY_STATE)
                return
            rule = self.cutting.of_inline(element)
        if tag == "sup" or (tag == "a" and leads_to_place(element)):
            if mark := footnote_mark(element, self._before()):
                self.pieces.append(mark)
                return
            if tag == "a" and is_way_back(element):
                return
        elif tag in _STRUCK_TAGS and self.cutting.is_small(element):
            self.cut_inside(element, STRUCK)
            return
        start = len(self.pieces)
        if tag == "q":
            self.pieces.append("“")
            self.inside(element, depth)
            self.pieces.append("”")
        else:
            self.inside(element, depth)
        # A block inside the element ended the line: what was written since is all that the doubt can be about.
        if rule and start < len(self.pieces):
            self.doubted.append((start, len(self.pieces), rule))

    def _before(self) -> str:
        return next((piece for piece in reversed(self.pieces) if piece), "")

    def figure(self, element: etree._Element, depth: int) -> None:
        """Pictures and their captions go; a table, a poem or a quotation that stands in a figure is text."""
        self.flush()
        if next(element.iter("table", "pre"), None) is not None:
            self.block(element, depth)
        elif next(element.iter("blockquote"), None) is not None:
            self.pull_quote(element, depth)
        else:
            self.cut(element, FIGURE)

    def heading(self, element: etree._Element, depth: int) -> None:
        self.flush()
        start = len(self.passages)
        self.block(element, depth)
        link = next(element.iter("a"), None) if len(element) else None
        is_link = link is not None and len(text_of(link)) >= _LABEL_SHARE * len(text_of(element))
        for passage in self.passages[start:]:
            passage.is_heading, passage.is_link = True, is_link

    def quotation(self, element: etree._Element, depth: int) -> None:
        self.flush()
        start = len(self.passages)
        self.block(element, depth)
        is_pull_quote = _is_pull_quote(element.get("class", ""))
        for passage in self.passages[start:]:
            passage.is_quotation = True
            passage.is_pull_quote |= is_pull_quote

    def pull_quote(self, element: etree._Element, depth: int) -> None:
        self.flush()
        start = len(self.passages)
        self.block(element, depth)
        for passage in self.passages[start:]:
            passage.is_quotation = passage.is_pull_quote = True

    def preformatted(self, element: etree._Element, depth: int) -> None:
        """Poems and code keep their lines and indents; a blank line parts paragraphs."""
        self.flush()
        text = without_invisible(self._raw(element, depth)).replace("\xa0", " ").expandtabs(4)
        for paragraph in _BLANK_LINES.split(text.strip("\n")):
            lines = [line.rstrip() for line in paragraph.split("\n")]
            if any(lines):
                lines[0] = lines[0].lstrip()
                shown = "\n".join(line for line in lines if line)
                self.passages.append(Passage(shown, is_preformatted=True, inside=self.inside_cuts))
                self.inside_cuts = []

    def _raw(self, element: etree._Element, depth: int) -> str:
        """An element's text with its white space."""
        if depth > MAX_DEPTH:
            return raw_text_of(element)
        pieces = [element.text or ""]
        for child in element:
            if child.tag == "br":
                pieces.append("\n")
            elif isinstance(child.tag, str) and child.tag not in UNSEEN_TAGS:
                if child.tag in BOX_TAGS:
                    self.cut_inside(child, BY_TAG)
                elif state_of(child, in_line=True):
                    self.cut_inside(child, BY_STATE)
                else:
                    pieces.append(self._raw(child, depth + 1))
            pieces.append(child.tail or "")
        return "".join(pieces)

    def listing(self, element: etree._Element, depth: int) -> None:
        """A list is one paragraph, a line for each item; lists inside an item are indented by two spaces."""
        self.flush()
        is_ordered = element.tag == "ol"
        step = -1 if is_ordered and element.get("reversed") is not None else 1
        number = _integer(element.get("start"), 1 if step > 0 else len(element.findall("li")))
        lines: list[str] = []
        self._stray(element.text, lines)
        for child in element:
            if isinstance(child.tag, str) and child.tag not in UNSEEN_TAGS:
                mark = "- "
                if is_ordered and child.tag == "li":
                    number = _integer(child.get("value"), number)
                    mark = f"{number}. "
                    number += step
                if child.tag in BOX_TAGS:
                    self.cut_inside(child, BY_TAG)
                elif rule := self.cutting.of_block(child):
                    self.cut_inside(child, BY_CLASS if rule == BY_DATE else rule)
                else:
                    self._item(child, mark, lines, depth)
            self._stray(child.tail, lines)
        if lines:
            self.passages.append(Passage("\n".join(lines), inside=self.inside_cuts))
            self.inside_cuts = []
        elif self.inside_cuts:
            self._only_cuts()

    def _item(self, child: etree._Element, mark: str, lines: list[str], depth: int) -> None:
        if child.tag in {"ul", "ol"} and depth < MAX_DEPTH:
            # A list that stands directly in a list, as old editors write it.
            lines.extend(f"  {line}" for line in self._lines_of(child, depth + 1, is_list=True))
        elif item_lines := self._lines_of(child, depth + 1):
            lines.append(mark + item_lines[0])
            lines.extend(f"  {line}" for line in item_lines[1:])

    def _lines_of(self, element: etree._Element, depth: int, *, is_list: bool = False) -> list[str]:
        """The lines of an element that stands in a list or a table; what is cut from it is cut from the whole."""
        if depth > MAX_DEPTH:
            return [text] if (text := flat_text(element)) else []
        if not (is_list or len(element)):
            return self._lines_alone(element.text)
        writer = _Writer(self.cutting)
        if is_list:
            writer.listing(element, depth)
        else:
            writer.read(element, depth)
        lines: list[str] = []
        for passage in writer.passages:
            if passage.rule:
                self.inside_cuts.append((passage.text, passage.rule))
            else:
                lines.extend(passage.text.split("\n"))
            self.inside_cuts.extend(passage.inside)
        return lines if any(lines) else []

    def _lines_alone(self, text: str | None) -> list[str]:
        """The lines of an item or a cell that holds nothing but text, as many do: what a writer would make of it."""
        lines: list[str] = []
        for line in folded(text) if text and not text.isspace() else ():
            if is_address(line):
                self.inside_cuts.append((line, ADDRESS))
            else:
                lines.append(line)
        return lines

    def _stray(self, text: str | None, lines: list[str]) -> None:
        """Text that stands in a list beside its items."""
        if text and not text.isspace():
            lines.extend(line for line in folded(text) if line)

    def table(self, element: etree._Element, depth: int) -> None:
        """A table of data is one paragraph, a line for each row; a table that only lays out a page is its cells."""
        self.flush()
        rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in element.iter("tr")]
        layout = all(len(row) < 2 for row in rows) or any(
            len(cell)
            and (
                next(cell.iter("table"), None) is not None
                or next(islice(cell.iterchildren("p"), 1, None), None) is not None
            )
            for row in rows
            for cell in row
        )
        if layout or depth >= MAX_DEPTH:
            self.block(element, depth)
            return
        caption = element.find("caption")
        if caption is not None:
            _WRITERS.get(caption.tag, _Writer.other)(self, caption, depth + 1)
        lines = []
        for row in rows:
            cells = [" ".join(" ".join(self._lines_of(cell, depth + 1)).split()) for cell in row]
            if any(cells):
                lines.append(" | ".join(cells))
        if lines:
            self.passages.append(Passage("\n".join(lines), inside=self.inside_cuts))
            self.inside_cuts = []


@lru_cache(maxsize=20_000)
def _is_pull_quote(classes: str) -> bool:
    return bool(_PULL_QUOTE.search(classes))


def _integer(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else otherwise


_Write = Callable[[_Writer, etree._Element, int], None]

_WRITERS_OF_BLOCKS: dict[str, _Write] = {
    "ul": _Writer.listing,
    "ol": _Writer.listing,
    "table": _Writer.table,
    "figure": _Writer.figure,
    "pre": _Writer.preformatted,
    "blockquote": _Writer.quotation,
    **dict.fromkeys(HEADINGS, _Writer.heading),
}
_WRITERS: dict[str, _Write] = {
    **dict.fromkeys(BLOCK_TAGS, _Writer.any_block),
    **dict.fromkeys(BOX_TAGS, _Writer.box),
    **dict.fromkeys(UNSEEN_TAGS, _Writer.unseen),
    **dict.fromkeys(BLOCK_UNSEEN_TAGS, _Writer.unseen_block),
    **dict.fromkeys(INLINE_TAGS, _Writer.inline),
    "br": _Writer.line_break,
    "p": _Writer.text_block,
}
"""What writes an element, by its tag. Of two kinds the later one counts: a `nav` is a block, and a box."""
