"""A book's blocks to its clean text: chapters in one form, notes apart, what is not the work out; a pure function."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from aurora_crawl.items import Chapter, Removal
from aurora_crawl.text.books.document import MARK_END, MARK_START, Block, Book, RawBook, without_marks
from aurora_crawl.text.books.front_matter import judge, numbered, sections_of
from aurora_crawl.text.books.headings import NAMED, is_division, parted, with_joined_headings
from aurora_crawl.text.unicode import normalise

NotesGo = Literal["away", "chapter"]

MOST_HEADINGS = 3
"""So many headings may follow each other (number, title, subtitle); longer runs are inscriptions, and lines of text."""


@dataclass(frozen=True, slots=True)
class BookCleaning:
    """What a person chooses: notes `away` (they stand in `removed`) or at their `chapter`'s end; `whole` keeps prefaces.

    `title` and `authors`, from a sidecar, come before what the file says of itself.
    """

    notes: NotesGo = "away"
    whole: bool = False
    title: str = ""
    authors: tuple[str, ...] = ()


def clean(raw: RawBook, chosen: BookCleaning | None = None) -> Book:
    """The clean book of what a reader found; nothing is taken away that does not stand in `removed`."""
    chosen = chosen or BookCleaning()
    authors = list(chosen.authors) or raw.authors
    title = chosen.title or raw.title
    return _Cleaner(raw, chosen, title, authors).book()


class _Cleaner:
    def __init__(self, raw: RawBook, chosen: BookCleaning, title: str, authors: list[str]) -> None:
        self.raw = raw
        self.chosen = chosen
        self.result = Book(
            [], title, authors, raw.language, raw.published, remarks=list(raw.remarks), format=raw.format
        )
        self.waiting: list[Block] = []
        self.removed_before = sorted(raw.removed, key=lambda removal: removal.position)

    def book(self) -> Book:
        marked = [
            Removal(removal.position, removal.part, removal.text, removal.rule) for removal in self.removed_before
        ]
        blocks, origin = _with_origin([replace(block) for block in self.raw.blocks])
        sections = sections_of(blocks)
        rules = {} if self.chosen.whole else judge(sections, self.result.authors, self.result.title)
        if self.chosen.whole:
            rules = {
                index: rule
                for index, rule in judge(sections, self.result.authors, self.result.title).items()
                if rule in {"contents", "colophon", "notes-heading", "title-page"}
            }
        chapters = set(numbered(sections))
        heads = iter(marked)
        head = next(heads, None)
        for index, section in enumerate(sections):
            rule = rules.get(index)
            parts = ([section.heading] if section.heading else []) + section.blocks
            for block in parts:
                while head and head.position <= origin[id(block)]:
                    self._take(head.text, head.rule)
                    head = next(heads, None)
                if rule and block.kind != "note":
                    self._take(without_marks(block.text), rule)
                elif rule and rule != "notes-heading":
                    self._take(block.text, rule)
                elif block.kind == "heading":
                    self._end_of_chapter()
                    self._heading(block, is_chapter=not chapters or index in chapters or is_division(block.text))
                elif block.kind == "note":
                    self._note(block)
                else:
                    self._text(block)
        self._end_of_chapter()
        while head:
            self._take(head.text, head.rule)
            head = next(heads, None)
        return self.result

    def _take(self, text: str, rule: str) -> None:
        if text.strip():
            self.result.removed.append(Removal(len(self.result.paragraphs), "whole", text, rule))

    def _heading(self, block: Block, *, is_chapter: bool) -> None:
        text = normalise(without_marks(block.text))
        if not text:
            return
        if is_chapter:
            self.result.chapters.append(Chapter(text, self._length()))
        self._append(text)

    def _text(self, block: Block) -> None:
        text = block.text if self.chosen.notes == "chapter" else without_marks(block.text)
        text = normalise(text.replace(MARK_START, "[").replace(MARK_END, "]"))
        # A blank line would part the paragraph where the reader did not.
        text = "\n".join(line for line in text.split("\n") if line.strip())
        if text:
            self._append(text)

    def _note(self, block: Block) -> None:
        text = normalise(without_marks(block.text)).replace("\n\n", "\n")
        label = block.label if len(block.label) <= 5 else ""
        line = f"[{label}] {text}" if label else text
        self.result.notes.append(line)
        if self.chosen.notes == "chapter":
            self.waiting.append(Block("note", line))
        else:
            self._take(line, "note")

    def _end_of_chapter(self) -> None:
        for note in self.waiting:
            self._append(note.text)
        self.waiting = []

    def _append(self, text: str) -> None:
        self._size = self._length() + len(text)
        self.result.paragraphs.append(text)

    _size = 0

    def _length(self) -> int:
        """Where the next paragraph will begin in the text."""
        return self._size + 2 if self.result.paragraphs else 0


def _with_origin(blocks: list[Block]) -> tuple[list[Block], dict[int, int]]:
    """The blocks with headings joined, and the index that each had in the file."""
    origin = {id(block): index for index, block in enumerate(blocks)}
    found: list[Block] = []
    run: list[Block] = []
    for block in [*blocks, None]:
        if block is not None and block.kind == "heading":
            run.append(block)
            continue
        joined = with_joined_headings(run)
        if len(joined) > MOST_HEADINGS and block is not None:
            first, lines = joined[:1], joined[1:]
            last = lines.pop() if _is_chapter(lines[-1]) else None
            inscription = Block("verse", "\n".join(line.text for line in lines), page=lines[0].page)
            origin[id(inscription)] = origin[id(lines[0])]
            found += [*first, inscription, *([last] if last else [])]
        else:
            found += joined
        run = []
        if block is not None:
            found.append(block)
    return found, origin


def _is_chapter(block: Block) -> bool:
    return bool(parted(block.text) or is_division(block.text) or NAMED.match(block.text))
