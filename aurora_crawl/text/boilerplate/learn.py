"""Learns a site's repeated blocks: what recurs over its pages far more than text does, dates, names and titles varying.

How often something recurs does not tell what it is: a newspaper may use one honest formula in every twentieth article,
and print a plea in every thirtieth. So what stands on few pages must also speak as pages speak (`cues`); what stands on a
third of them is taken whatever it says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

from aurora_crawl.items import Removal
from aurora_crawl.text.boilerplate.block_counts import Page, counted, without
from aurora_crawl.text.boilerplate.block_file import LEAST_LETTERS, Block, Part, letters_of
from aurora_crawl.text.boilerplate.cut import SITE_RULE, Boilerplate, begins_as_phrase
from aurora_crawl.text.boilerplate.heuristics import reports, speaks_to_the_reader
from aurora_crawl.text.boilerplate.restore import rebuilt
from aurora_crawl.text.boilerplate.templates import frame_of, masked, template_of, with_name_first

LEAST_PAGES = 4
"""On fewer pages nothing is learned: two articles may quote the same sentence, and three may."""

LEAST_SHARE = 0.02
"""On a smaller share of the pages nothing is learned."""

CERTAIN_SHARE = 0.3
"""On such a share of the pages it is no text, whatever it says; measured: no honest formula of ours passes .06."""

CERTAIN_EVEN_IF_REPORTING = 0.5
MOST_PAGES = 5_000
"""Pages that are looked at, evenly chosen over the archive: more do not find more, and memory stays below 1 GB."""

_ROUNDS = 3
_LONGEST_WHOLE = 1_500
_LONGEST_HEAD = 200
_LONGEST_TAIL = 400
_LONGEST_FRAMED = 320
_REGULAR = 0.9
_FIXED_PLACE_SHARE = 0.15
_FIXED_PLACE_LETTERS = 12
_NEARLY = 0.8
_KEPT_EXAMPLES = 60

_Framing = Literal["none", "words", "named"]
"""Whether a block's template is its whole text, or the words that it begins and ends with, or those after a name."""

_LETTERS: dict[_Framing, int] = {"none": LEAST_LETTERS, "words": 10, "named": 16}
"""Letters of fixed text that a template must have: the freer, the more."""

_BOUNDARY = re.compile(r"(?<=[.!?…])\s|(?<=[:|–—\])])\s|(?<=\s-)\s|\n")
_SENTENCE = re.compile(r"(?<=[.!?…”\")])\s+(?=[\"“A-ZÀ-Þ>*►(])|\n")
_LABEL = re.compile(r"[^\n]{3,60}?(?:[:|»>]|\s[–—])(?=\s\S)")
_SHORT_PIECE = 8
_STRUCTURAL_HEAD = re.compile(r"[|–—\]]$|\s-$")


@dataclass(frozen=True, slots=True)
class Learned:
    """A block that was learned, and a paragraph or piece in which it stands."""

    block: Block
    example: str


@dataclass(slots=True)
class _Group:
    """Pieces of text that may be one block."""

    pages: set[int] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    at_edge: int = 0
    in_first: int = 0
    seen: int = 0

    def add(self, page: int, text: str, index: int, count: int) -> None:
        self.pages.add(page)
        self.seen += 1
        self.at_edge += index == 0 or index >= count - 2
        self.in_first += index == 0
        if len(self.texts) < _KEPT_EXAMPLES or (len(self.pages) % 7 == 0 and len(self.texts) < 10 * _KEPT_EXAMPLES):
            self.texts.append(text)


def page_before_cuts(kept: Sequence[str], removed: Iterable[Removal]) -> Page:
    """An article's paragraphs with the pieces that the site's blocks cut put back; what general rules cut stays out."""
    return rebuilt(kept, removed, lambda removal: removal.text if removal.rule == SITE_RULE else "")


def learn(pages: Sequence[Page], known: Sequence[Block] = ()) -> list[Learned]:
    """The repeated blocks of a site, most frequent first, with counts; none that a known block, struck or not, covers.

    `pages` are the site's articles, without what general rules cut (`page_before_cuts`).
    """
    if len(pages) > MOST_PAGES:
        step = len(pages) / MOST_PAGES
        pages = [pages[int(number * step)] for number in range(MOST_PAGES)]
    rest = without([[paragraph for paragraph in page if paragraph] for page in pages], known)
    found: list[Learned] = []
    for _ in range(_ROUNDS):
        news = _learn_once(rest)
        if not news:
            break
        found.extend(news)
        rest = _cleaned(rest, found)
    counts = counted(pages, [one.block for one in found])
    learned = [
        replace(one, block=block) for one, block in zip(found, counts, strict=True) if block.pages >= LEAST_PAGES
    ]
    return sorted(learned, key=lambda one: (-one.block.pages, one.block.part, one.block.template))


def _learn_once(pages: list[Page]) -> list[Learned]:
    """Whole paragraphs first, the same but for names before those with a free part; then beginnings and ends of the rest."""
    found: list[Learned] = []
    for part, units, key, framing in (
        ("whole", _wholes, _masked_key, "none"),
        ("whole", _wholes, _begun_key, "none"),
        ("whole", _wholes, _label_key, "words"),
        ("whole", _wholes, _ends_key, "words"),
        ("whole", _wholes, _start_key, "words"),
        ("whole", _wholes, _name_key, "named"),
        ("head", _heads, _masked_key, "none"),
        ("head", _heads, _begun_key, "none"),
        ("tail", _tails, _masked_key, "none"),
        ("tail", _tails, _begun_key, "none"),
        ("tail", _tails, _label_key, "words"),
        ("tail", _tails, _ends_key, "words"),
        ("tail", _tails, _start_key, "words"),
    ):
        news = _accepted(pages, part, units, key, framing)  # type: ignore[arg-type]
        found.extend(news)
        pages = _cleaned(pages, news)
    return found


def _cleaned(pages: list[Page], news: Sequence[Learned]) -> list[Page]:
    """The pages as cutting leaves them: the general rules go on where a block lays something bare."""
    cutting = Boilerplate([one.block for one in news])
    return [cutting.strip(page)[0] for page in pages] if news else pages


def _accepted(
    pages: Sequence[Page],
    part: Part,
    units: Callable[[str], Iterator[str]],
    key: Callable[[str], object],
    framing: _Framing,
) -> list[Learned]:
    least = max(LEAST_PAGES, ceil(LEAST_SHARE * len(pages)))
    groups: dict[object, _Group] = defaultdict(_Group)
    for number, page in enumerate(pages):
        for index, paragraph in enumerate(page):
            for text in units(paragraph):
                if (found := key(text)) is not None:
                    groups[found].add(number, text, index, len(page))
    candidates: list[_Candidate] = []
    for group in groups.values():
        if len(group.pages) < least:
            continue
        template = _template(group.texts, framing)
        if letters_of(template) >= _LETTERS[framing] and _is_block(template, group, part, framing, len(pages)):
            candidates.append(_Candidate(Block(part, template), len(group.pages), group.texts[0]))
    return [Learned(one.block, one.example) for one in candidates if not _is_better_told(one, candidates)]


@dataclass(frozen=True, slots=True)
class _Candidate:
    block: Block
    pages: int
    example: str


def _is_better_told(one: _Candidate, others: Sequence[_Candidate]) -> bool:
    """Whether another beginning (or end) tells the same: a longer one on nearly as many pages, a shorter one on more."""
    if one.block.part == "whole":
        return False
    template = one.block.template
    is_part = str.startswith if one.block.part == "head" else str.endswith
    return any(
        (is_part(other.block.template, template) and other.pages > _NEARLY * one.pages)
        or (is_part(template, other.block.template) and one.pages <= _NEARLY * other.pages)
        for other in others
        if other.block.template != template
    )


def _template(texts: Sequence[str], framing: _Framing) -> str:
    if framing == "named":
        texts = [named for text in texts if (named := with_name_first(text))]
    if framing != "none":
        return frame_of(list(dict.fromkeys(texts)))
    rows = [masked(text) for text in texts]
    return template_of(rows[0][0], [values for _, values in rows])


def _is_block(template: str, group: _Group, part: Part, framing: _Framing, pages: int) -> bool:
    share = len(group.pages) / pages
    reporting = reports(template)
    in_place = group.at_edge >= _REGULAR * group.seen
    if framing != "none":
        # Inside an article a person who "é professora" is spoken of; at its edge it is who wrote it.
        return speaks_to_the_reader(template) and not reporting and (framing == "words" or in_place)
    if share >= (CERTAIN_EVEN_IF_REPORTING if reporting else CERTAIN_SHARE) and len(group.pages) > LEAST_PAGES:
        return True
    if reporting:
        return False
    if part == "head":
        return (
            bool(_STRUCTURAL_HEAD.search(template)) and group.in_first >= _REGULAR * group.seen
        ) or speaks_to_the_reader(template)
    if speaks_to_the_reader(template):
        return True
    return share >= _FIXED_PLACE_SHARE and in_place and letters_of(template) >= _FIXED_PLACE_LETTERS


def _wholes(paragraph: str) -> Iterator[str]:
    if len(paragraph) <= _LONGEST_WHOLE:
        yield paragraph


def _heads(paragraph: str) -> Iterator[str]:
    for count, boundary in enumerate(_BOUNDARY.finditer(paragraph)):
        if boundary.start() > _LONGEST_HEAD or count > 5:
            return
        yield paragraph[: boundary.start()]
        if begins_as_phrase(paragraph[boundary.end() :]):
            # The general rules go on from here.
            return


def _tails(paragraph: str) -> Iterator[str]:
    starts = [boundary.end() for boundary in _SENTENCE.finditer(paragraph)]
    for start in starts[-4:]:
        if len(paragraph) - start <= _LONGEST_TAIL:
            yield paragraph[start:]


def _masked_key(text: str) -> object:
    return masked(text)[0]


def _begun_key(text: str) -> object:
    """Two words apart from the slots: of "Coluna Semanal de Ana Lima" capitals make one name, which begins as others do."""
    pieces = masked(text)[0]
    return (" ".join(text.split(" ")[:2]), pieces) if len(pieces) > 1 and len(pieces[0]) < _SHORT_PIECE else None


def _label_key(text: str) -> object:
    label = _LABEL.match(text)
    return label[0] if label and _may_be_framed(text) else None


def _ends_key(text: str) -> object:
    words = text.split(" ")
    return (words[0], " ".join(words[-3:])) if len(words) > 5 and _may_be_framed(text) else None


def _start_key(text: str) -> object:
    words = text.split(" ")
    return " ".join(words[:3]) if len(words) > 3 and _may_be_framed(text) else None


def _name_key(text: str) -> object:
    named = with_name_first(text)
    return ("a name", _start_key(named)) if named and _start_key(named) else None


def _may_be_framed(text: str) -> bool:
    """Only one sentence can have a free part: what spans several would take true text with it."""
    return len(text) <= _LONGEST_FRAMED and not _SENTENCE.search(text)
