"""What a book is made of while it is read (pages, lines, blocks), and what it is when it is clean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from aurora_crawl.items import Chapter, Format, Removal

Kind = Literal["heading", "paragraph", "verse", "quotation", "list", "table", "code", "note"]

MARK_START, MARK_END = "\ufdd0", "\ufdd1"
"""Characters that stand for no letter (Unicode's noncharacters) around the number of a note where the text refers to it, until it is known what becomes of notes."""


def without_marks(text: str) -> str:
    """A text without the marks of notes."""
    if MARK_START not in text:
        return text
    first, *pieces = text.split(MARK_START)
    return first + "".join(piece.partition(MARK_END)[2] for piece in pieces)


@dataclass(slots=True)
class Line:
    """A printed line. Lengths in points, from the page's lower left corner; `height` is that of its characters' boxes.

    `broken` says that it ends in a hyphen, which its text does not hold any more.
    """

    text: str
    left: float
    right: float
    bottom: float
    height: float
    broken: bool = False
    bold: bool = False


@dataclass(slots=True)
class Page:
    """A page's lines in the order of reading; `number` counts pages of the file from 1."""

    number: int
    width: float
    height: float
    lines: list[Line]


@dataclass(slots=True)
class Block:
    """A heading, paragraph, poem, list, table or note. Lines inside a block are separated by a line feed.

    `label` is a note's number or sign, and a heading's level counts from 1; `page` is the page on which a block begins.
    """

    kind: Kind
    text: str
    level: int = 0
    label: str = ""
    page: int = 0


@dataclass(slots=True)
class RawBook:
    """What a reader found in a file, in the file's order; `removed` counts positions in `blocks`."""

    blocks: list[Block]
    title: str = ""
    authors: list[str] = field(default_factory=list)
    language: str | None = None
    published: str | None = None
    removed: list[Removal] = field(default_factory=list)
    format: Format | None = None
    remarks: list[str] = field(default_factory=list)
    """What a person should know of the file, a line each: a permission that was not asked, pages without text."""


@dataclass(slots=True)
class Book:
    """A clean book. `removed` counts positions in `paragraphs`: a piece stood before the paragraph of that index."""

    paragraphs: list[str]
    title: str = ""
    authors: list[str] = field(default_factory=list)
    language: str | None = None
    published: str | None = None
    chapters: list[Chapter] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    removed: list[Removal] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    format: Format | None = None
    """What it was read from."""

    @property
    def text(self) -> str:
        """The paragraphs, separated by one blank line."""
        return "\n\n".join(self.paragraphs)
