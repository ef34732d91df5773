"""Running heads, feet and page numbers: found by where they stand and by what the pages count, never by masking digits."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from aurora_crawl.text.books.document import Line, Page
from aurora_crawl.text.books.numerals import number

EDGE_LINES = 2
"""So many printed rows at the upper and at the lower edge of a page may be head or foot."""

LONGEST = 110
FEWEST_PAGES = 3
SAME_HEIGHT = 2.5
"""Points by which the height of a head may differ from page to page."""

_TOKEN = re.compile(r"[^\W_]+")
_OF_ALL = re.compile(r"(\d{1,4})\s*(?:/|de|of)\s*\d{1,4}\s*$")
_CHAPTER = re.compile(r"(?:cap[íi]tulo|parte|livro|canto|ato|cena|seção)\b[\s\w]{0,12}", re.IGNORECASE)

_SENTENCE_MARKS = (".", ",", ";", "!", "?", "…")

Edge = Literal["head", "foot"]


@dataclass(slots=True)
class PageHead:
    """A line that was taken from a page; `rule` is folio (a page's number) or running-head."""

    page: int
    text: str
    rule: Literal["folio", "running-head"]


@dataclass(slots=True)
class _Candidate:
    page: Page
    line: Line
    edge: Edge
    row: int
    numbers: tuple[int, ...]
    place: float
    """Its height on the page; where lines have no measures, its row from the edge."""

    @property
    def parity(self) -> int:
        return self.page.number % 2


def take_running_heads(pages: list[Page]) -> list[PageHead]:
    """Takes heads, feet and page numbers out of the pages, and returns them in the order of the pages.

    A line at a page's edge goes when it begins or ends with a number that is the page's place in the file plus a constant
    that holds for many pages; when the same words stand at the same height on pages of the same side near each other;
    and when it stands alone exactly where the heads of most pages stand. Headings, whose numbers count otherwise, stay.
    """
    candidates = [candidate for page in pages for candidate in _edges(page)]
    taken: dict[int, _Candidate] = {}
    rules: dict[int, Literal["folio", "running-head"]] = {}
    for candidate in _numbered(candidates):
        taken[id(candidate.line)] = candidate
        rules[id(candidate.line)] = "folio"
    for candidate in _repeated(candidates):
        if id(candidate.line) not in taken:
            taken[id(candidate.line)] = candidate
            rules[id(candidate.line)] = "running-head"
    for candidate in _beside(candidates, taken):
        taken[id(candidate.line)] = candidate
        rules[id(candidate.line)] = "running-head"
    heads = [
        PageHead(page.number, line.text, rules[id(line)]) for page in pages for line in page.lines if id(line) in taken
    ]
    for page in pages:
        page.lines = [line for line in page.lines if id(line) not in taken]
    return heads


def _edges(page: Page) -> list[_Candidate]:
    """The lines of the rows at a page's edges."""
    rows: list[list[Line]] = []
    for line in sorted(page.lines, key=lambda line: -line.bottom):
        if rows and abs(rows[-1][0].bottom - line.bottom) < max(1.0, line.height * 0.3):
            rows[-1].append(line)
        else:
            rows.append([line])
    found: list[_Candidate] = []
    for edge, chosen in (("head", rows[:EDGE_LINES]), ("foot", rows[::-1][:EDGE_LINES])):
        for row, lines in enumerate(chosen):
            for line in lines:
                if len(line.text) <= LONGEST:
                    place = line.bottom if page.height else 4 * SAME_HEIGHT * row
                    found.append(
                        _Candidate(page, line, "head" if edge == "head" else "foot", row, _numbers(line.text), place)
                    )
    return found


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers with which a line begins and ends."""
    tokens = _TOKEN.findall(text)
    if not tokens:
        return ()
    # Two at each end: a picture's dirt may be read as a letter beside the number.
    ends = [*tokens[:2], *tokens[-2:]]
    if of_all := _OF_ALL.search(text):
        ends.append(of_all[1])
    return tuple({value for token in ends if (value := number(token.rstrip("ºª"))) is not None})


def _numbered(candidates: list[_Candidate]) -> list[_Candidate]:
    """Lines whose number is the page's plus a constant, at the height where those of other pages with it stand.

    A page has one number: of several constants, the one that holds for most pages counts, then Arabic numbers, then the
    smaller type, so that chapters of one page each keep their numbers.
    """
    support: dict[tuple[int, Edge], dict[int, float]] = defaultdict(dict)
    for candidate in candidates:
        for value in candidate.numbers:
            support[value - candidate.page.number, candidate.edge].setdefault(candidate.page.number, candidate.place)
    good = {
        key: Counter(round(height / SAME_HEIGHT) for height in seen.values())
        for key, seen in support.items()
        if _longest_run(sorted(seen)) >= FEWEST_PAGES
    }
    best: dict[int, tuple[int, bool, float, int]] = {}
    found: list[tuple[int, _Candidate]] = []
    for candidate in candidates:
        height = round(candidate.place / SAME_HEIGHT)
        for value in candidate.numbers:
            constant = value - candidate.page.number
            heights = good.get((constant, candidate.edge))
            if heights is None or sum(heights[height + step] for step in (-1, 0, 1)) < FEWEST_PAGES:
                continue
            found.append((constant, candidate))
            is_arabic = str(value) in candidate.line.text
            rank = (heights.total(), is_arabic, -candidate.line.height, constant)
            best[candidate.page.number] = max(best.get(candidate.page.number, rank), rank)
            break
    return [candidate for constant, candidate in found if best[candidate.page.number][-1] == constant]


def _longest_run(numbers: list[int]) -> int:
    """How many of the numbers follow each other with no more than two pages between them."""
    best = run = 1
    for before, after in pairwise(numbers):
        run = run + 1 if after - before <= 3 else 1
        best = max(best, run)
    return best


def _repeated(candidates: list[_Candidate]) -> list[_Candidate]:
    """Lines whose words stand at the same height on other pages of the same side, near each other."""
    groups: dict[tuple[str, Edge, int], list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        text = candidate.line.text.strip()
        if text and not text.endswith(_SENTENCE_MARKS) and not _CHAPTER.fullmatch(text) and number(text) is None:
            groups[text, candidate.edge, candidate.parity].append(candidate)
    found = []
    for group in groups.values():
        for candidate in group:
            near = [
                other
                for other in group
                if abs(other.place - candidate.place) <= SAME_HEIGHT
                and abs(other.page.number - candidate.page.number) <= 2 * (FEWEST_PAGES + 1)
            ]
            if len({other.page.number for other in near}) >= FEWEST_PAGES:
                found.append(candidate)
    return found


def _beside(candidates: list[_Candidate], taken: dict[int, _Candidate]) -> list[_Candidate]:
    """Lines in the row of a page number, and lines apart at the height and size of the heads of most pages."""
    rows = {(one.page.number, one.edge, one.row) for one in taken.values()}
    heights: Counter[tuple[Edge, int, int]] = Counter()
    edge_pages: Counter[Edge] = Counter()
    for one in taken.values():
        heights[one.edge, round(one.place / SAME_HEIGHT), round(one.line.height)] += 1
    for edge in ("head", "foot"):
        edge_pages[edge] = len({one.page.number for one in taken.values() if one.edge == edge})
    found = []
    for candidate in candidates:
        if id(candidate.line) in taken:
            continue
        if (candidate.page.number, candidate.edge, candidate.row) in rows:
            found.append(candidate)
            continue
        key = candidate.edge, round(candidate.place / SAME_HEIGHT), round(candidate.line.height)
        if (
            candidate.row == 0
            and 2 * heights[key] > edge_pages[candidate.edge] >= FEWEST_PAGES
            and _is_apart(candidate)
        ):
            found.append(candidate)
    return found


def _is_apart(candidate: _Candidate) -> bool:
    """Whether a head stands further from the text than its lines from each other, and reads like no sentence."""
    others = [line for line in candidate.page.lines if abs(line.bottom - candidate.line.bottom) > 1]
    if not others or candidate.line.text.rstrip().endswith((".", ",", ";")) or candidate.line.broken:
        return False
    nearest = min(abs(line.bottom - candidate.line.bottom) for line in others)
    return nearest > 1.7 * candidate.line.height
