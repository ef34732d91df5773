"""Cuts from an article's paragraphs what is not the article: general Portuguese phrases and a site's learned blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from aurora_crawl.items import Removal
from aurora_crawl.messages import N_
from aurora_crawl.text.boilerplate.block_file import Block, BlockFileError, Part, in_order, read_blocks
from aurora_crawl.text.boilerplate.phrases import (
    FIRST,
    LAST,
    PHRASES,
    PLEA_CUES,
    PLEA_HINTS,
    PLEA_LONGEST,
    Phrase,
    Where,
    has_any,
    is_plea,
)
from aurora_crawl.text.unicode import letters_of

SITE_RULE = "site"
"""What a removal by a site's own block names as its rule."""

TITLE_RULE, PLEA_RULE = "title", "plea"

RULES = frozenset({SITE_RULE, TITLE_RULE, PLEA_RULE, *(phrase.name for phrase in PHRASES)})
"""Every rule that cuts here. One that is taken out of the program stays listed, so that what it cut can be put back."""

_ROUNDS = 8
"""How many blocks one paragraph can lose."""

_ITEMS_LONGEST = 200
"""Characters of a line in a list of titles after "Leia também:"."""


@dataclass
class _Paragraph:
    """A paragraph while it is being cut."""

    position: int
    text: str
    removed: list[Removal] = field(default_factory=list)

    def cut(self, part: Part, start: int, end: int, rule: str) -> None:
        """Takes out `text[start:end]` and what white space stands beside it; whatever is left decides the part."""
        cut = self.text[start:end].strip()
        rest = (self.text[:start] + self.text[end:]).strip()
        self.removed.append(Removal(self.position, part if rest else "whole", cut, rule))
        self.text = rest


class Boilerplate:
    """Rules that cut whole paragraphs, their beginnings and ends, and never anything beyond what they match.

    >>> Boilerplate.general().strip(["A greve continua.", "Leia também: Outra greve"])[0]
    ['A greve continua.']
    """

    def __init__(self, blocks: list[Block]) -> None:
        active = in_order(block for block in blocks if not block.struck)
        self._whole = [block for block in active if block.part == "whole"]
        self._pieces = [block for block in active if block.part != "whole"]

    @classmethod
    def general(cls) -> Boilerplate:
        """The rules that hold for every site."""
        return cls([])

    def with_file(self, path: Path) -> Boilerplate:
        """These rules and the learned blocks of a site's file; a file that does not exist has none.

        Raises BlockFileError for a file that cannot be read as one.
        """
        if not path.is_file():
            return self
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise BlockFileError(
                N_("{path}: is not UTF-8 text ({reason} at byte {start})"),
                path=path,
                reason=error.reason,
                start=error.start,
            ) from error
        return self.with_blocks(read_blocks(text, str(path)))

    def with_blocks(self, blocks: list[Block]) -> Boilerplate:
        """These rules and further blocks."""
        return Boilerplate([*self._whole, *self._pieces, *blocks])

    @cached_property
    def version(self) -> str:
        """Eight hex digits over all rules: what was cut by other rules has another version."""
        phrases = [f"{p.name} {p.part} {p.where} {p.longest} {p.pattern.pattern}" for p in PHRASES]
        blocks = sorted(f"{part} {template}" for part, template in self._keys())
        return sha256("\n".join([*phrases, f"{PLEA_CUES} {PLEA_LONGEST}", *blocks]).encode()).hexdigest()[:8]

    def strip(self, paragraphs: list[str], title: str | None = None) -> tuple[list[str], list[Removal]]:
        """The paragraphs that are left, and what was cut, in the order of the text.

        A first paragraph that only repeats the title goes too. Removals count positions in `paragraphs` as given.
        """
        every = [_Paragraph(position, text) for position, text in enumerate(paragraphs)]
        hints = _Hints.of("\n".join(paragraphs).lower())
        for paragraph in every:
            self._cut(paragraph, hints)
        _cut_lists_of_titles(every)
        _cut_title(every, title)
        _cut_at_edge(every, _FIRST, FIRST, hints)
        _cut_at_edge(every[::-1], _LAST, LAST, hints)
        for paragraph in every:
            if paragraph.text and paragraph.removed:
                self._cut(paragraph, hints)
        kept = [paragraph.text for paragraph in every if paragraph.text]
        return kept, [removal for paragraph in every for removal in paragraph.removed]

    def _keys(self) -> list[tuple[str, str]]:
        return [block.key for block in (*self._whole, *self._pieces)]

    def _cut(self, paragraph: _Paragraph, hints: _Hints) -> None:
        """Tries phrases, then one block, until nothing more goes: what one cuts may lay the other bare.

        Phrases come first, so that they cut the same with a file as without one, and learning sees the same text.
        """
        for _ in range(_ROUNDS):
            before = len(paragraph.removed)
            _cut_phrases(paragraph, _ANYWHERE, hints)
            self._cut_one_block(paragraph)
            if len(paragraph.removed) == before or not paragraph.text:
                return

    def _cut_one_block(self, paragraph: _Paragraph) -> None:
        for block in self._whole:
            if block.fixed in paragraph.text and block.pattern.fullmatch(paragraph.text):
                paragraph.cut("whole", 0, len(paragraph.text), SITE_RULE)
                return
        any(_cut_block(paragraph, block) for block in self._pieces)


def begins_as_phrase(text: str) -> bool:
    """Whether a text begins with what the general rules cut from a paragraph's beginning."""
    lower = text[:_HEAD_LONGEST].lower()
    return any(has_any(lower, phrase.hints) and phrase.pattern.match(text) for phrase in _HEADS)


def _cut_block(paragraph: _Paragraph, block: Block) -> bool:
    if not paragraph.text or block.fixed not in paragraph.text:
        return False
    match = block.pattern.match(paragraph.text) if block.part == "head" else block.pattern.search(paragraph.text)
    if match:
        paragraph.cut(block.part, match.start(), match.end(), SITE_RULE)
    return bool(match)


_ByLength = tuple[tuple[Phrase, ...], ...]


def _by_length(where: Where) -> _ByLength:
    """For each length of a paragraph, up to one that is too long for all whole ones, the phrases that it can match."""
    there = [phrase for phrase in PHRASES if phrase.where == where]
    longest = max((phrase.longest for phrase in there if phrase.part == "whole"), default=0)
    return tuple(
        tuple(phrase for phrase in there if phrase.part != "whole" or length <= phrase.longest)
        for length in range(longest + 2)
    )


_HEADS = tuple(phrase for phrase in PHRASES if phrase.part == "head" and phrase.where == "anywhere")
_HEAD_LONGEST = max(phrase.longest for phrase in _HEADS)
_ANYWHERE, _FIRST, _LAST = _by_length("anywhere"), _by_length("first"), _by_length("last")


@dataclass(frozen=True, slots=True)
class _Hints:
    """What of the hints stands anywhere in an article, mostly little: by the identity of their phrase, and of pleas."""

    phrases: dict[int, tuple[str, ...]]
    plea: tuple[str, ...]

    @classmethod
    def of(cls, article: str) -> _Hints:
        """The hints in an article in lower case."""
        there = {hint for hint in _HINTS if hint in article}
        hinted = {id(phrase): tuple(there.intersection(phrase.hints)) for phrase in _HINTED} if there else {}
        return cls(hinted, tuple(hint for hint in PLEA_HINTS if hint in article))


_HINTED = tuple(phrase for phrase in PHRASES if phrase.hints)
_HINTS = tuple({hint for phrase in _HINTED for hint in phrase.hints})


def _cut_phrases(paragraph: _Paragraph, phrases: _ByLength, hints: _Hints) -> None:
    text, lower = paragraph.text, ""
    for phrase in phrases[min(len(text), len(phrases) - 1)]:
        if phrase.hints:
            there = hints.phrases.get(id(phrase))
            if not there:
                continue
            lower = lower or text.lower()
            if not has_any(lower, there):
                continue
        if phrase.part == "whole":
            match = phrase.pattern.fullmatch(text)
        elif phrase.part == "head":
            match = phrase.pattern.match(text)
        else:
            match = phrase.pattern.search(text, max(0, len(text) - phrase.longest))
        if match:
            paragraph.cut(phrase.part, match.start(), match.end(), phrase.name)
            text, lower = paragraph.text, ""
            if not text:
                return
    if phrases is _ANYWHERE and hints.plea and has_any(lower or text.lower(), hints.plea) and is_plea(text):
        paragraph.cut("whole", 0, len(text), PLEA_RULE)


def _cut_at_edge(every: list[_Paragraph], phrases: _ByLength, reach: int, hints: _Hints) -> None:
    """Tries phrases on the paragraphs before which, from this edge, at most `reach` are kept."""
    kept = 0
    for paragraph in every:
        if not paragraph.text:
            continue
        if kept > reach:
            return
        _cut_phrases(paragraph, phrases, hints)
        kept += bool(paragraph.text)


def _cut_title(every: list[_Paragraph], title: str | None) -> None:
    """Cuts a first paragraph that is the title."""
    first = next((paragraph for paragraph in every if paragraph.text), None)
    # Marks and spaces apart, the title's letters are all that such a paragraph has.
    if title and first and len(first.text) <= _MARKED * len(title) and letters_of(first.text) == letters_of(title):
        first.cut("whole", 0, len(first.text), TITLE_RULE)


def _cut_lists_of_titles(every: list[_Paragraph]) -> None:
    """Cuts what directly follows a bare "Leia também:": the one list whose lines are titles, or a few titles in a row."""
    for position, heading in enumerate(every[:-1]):
        cut = heading.removed[-1] if heading.removed and not heading.text else None
        if not cut or cut.rule != "read-also" or len(cut.text) > _BARE_HEADING:
            continue
        after = every[position + 1]
        if after.text.startswith("- "):
            if all(len(line) <= _ITEMS_LONGEST and line[-1] not in ".;:" for line in after.text.split("\n")):
                after.cut("whole", 0, len(after.text), "read-also")
            continue
        for title in _titles_in_a_row(every[position + 1 :]):
            title.cut("whole", 0, len(title.text), "read-also")


def _titles_in_a_row(following: list[_Paragraph]) -> list[_Paragraph]:
    """The titles that paragraphs begin with. A short one right before running text may be its sub-heading, and stays."""
    titles: list[_Paragraph] = []
    for paragraph in following:
        if len(titles) == _MOST_TITLES or not _TITLE.fullmatch(paragraph.text):
            break
        titles.append(paragraph)
    goes_on = any(paragraph.text for paragraph in following[len(titles) :])
    if titles and goes_on and len(titles[-1].text) <= _SUB_HEADING_LONGEST:
        titles.pop()
    return titles


_MOST_TITLES = 6
_SUB_HEADING_LONGEST = 50
_TITLE = re.compile(r"[^\w\n“\"]{0,6}(?=[A-ZÀ-ÖØ-Þ\d“\"‘])(?:(?![.!?…]\s)[^\n]){14,159}[^\s.:;,!…”\"]")
"""One line that begins like a title and does not end like a sentence."""

_BARE_HEADING = 24
_MARKED = 3
"""How many times as long as a title the paragraph may be that repeats it: capitals spaced apart are twice as long."""
