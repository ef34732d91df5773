"""How a book is printed, measured over all its pages: the size of its text, margins by side, indent, spacing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from aurora_crawl.text.books.document import Line, Page

SAME_SIZE = 0.06
"""The share by which the height of the same type differs: its boxes depend on the font's variant."""

NEAR = 2.5
"""Points by which a left edge may differ and still be the same: letters hang over."""

_FEWEST_INDENTS = 0.03


@dataclass(frozen=True, slots=True)
class PrintLayout:
    """The book's measures in points; margins are for even and odd pages. `indent` is 0 where paragraphs have none."""

    size: float
    left: tuple[float, float]
    right: tuple[float, float]
    indent: float
    spacing: float

    def is_text(self, line: Line) -> bool:
        """Whether a line is of the size of the text."""
        return abs(line.height - self.size) <= SAME_SIZE * self.size

    def offset(self, line: Line, page: Page) -> float:
        """How far a line begins from the left margin."""
        return line.left - self.left[page.number % 2]

    def room(self, line: Line, page: Page) -> float:
        """How much room a line leaves at the right margin."""
        return self.right[page.number % 2] - line.right

    def width(self, page: Page) -> float:
        """The width of the column of text."""
        return max(1.0, self.right[page.number % 2] - self.left[page.number % 2])

    def is_centred(self, line: Line, page: Page) -> bool:
        """Whether a line stands in the middle of the column, with room on both sides."""
        offset, room = self.offset(line, page), self.room(line, page)
        return min(offset, room) > 0.08 * self.width(page) and abs(offset - room) < 0.12 * self.width(page)


def layout_of(pages: list[Page]) -> PrintLayout:
    """The layout of most of a book's text; of a book without lines, zeros."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.height * 2) / 2] += len(line.text)
    if not sizes:
        return PrintLayout(0, (0, 0), (0, 0), 0, 0)
    size = _dense(sizes, 0.5)
    first = PrintLayout(size, (0, 0), (0, 0), 0, 0)
    lefts: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    rights: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    spacings: Counter[float] = Counter()
    for page in pages:
        side = page.number % 2
        before: Line | None = None
        for line in page.lines:
            if not first.is_text(line):
                before = None
                continue
            lefts[side][round(line.left)] += 1
            rights[side][round(line.right)] += 1
            if before and 0 < before.bottom - line.bottom < 4 * size:
                spacings[round((before.bottom - line.bottom) * 2) / 2] += 1
            before = line
    left = _margins(lefts)
    right = _right_margins(rights)
    spacing = _dense(spacings, 0.5) if spacings else 1.2 * size
    return PrintLayout(size, left, right, _indent(pages, PrintLayout(size, left, right, 0, spacing)), spacing)


def _indent(pages: list[Page], layout: PrintLayout) -> float:
    """The indent of paragraphs: that of lines which stand close below a line and right above another, both at the margin; 0 without enough of them."""
    indents: Counter[float] = Counter()
    lines = 0
    for page in pages:
        text = [line for line in page.lines if layout.is_text(line)]
        lines += len(text)
        for before, line, after in zip(text, text[1:], text[2:], strict=False):
            close = (
                0 < before.bottom - line.bottom <= 1.55 * layout.spacing
                and 0 < line.bottom - after.bottom <= 1.15 * layout.spacing
            )
            at_margin = abs(layout.offset(before, page)) <= NEAR and abs(layout.offset(after, page)) <= NEAR
            offset = layout.offset(line, page)
            if close and at_margin and NEAR < offset < 4 * layout.size:
                indents[round(offset)] += 1
    if not indents:
        return 0.0
    indent = _dense(indents, 1)
    return indent if sum(indents[indent + step] for step in (-1, 0, 1)) >= _FEWEST_INDENTS * lines else 0.0


def _dense(counts: Counter[float] | dict[float, int], step: float) -> float:
    """The value around which most lie; neighbours one step away count with it."""
    return max(
        counts, key=lambda key: (counts[key] + counts.get(key - step, 0) / 2 + counts.get(key + step, 0) / 2, -key)
    )


def _margins(sides: tuple[Counter[int], Counter[int]]) -> tuple[float, float]:
    """The left margins of even and odd pages: the leftmost edge at which a good part of the lines begin."""
    found = []
    for side in sides:
        merged = side or sides[0] or sides[1]
        most = max(_near(merged, edge) for edge in merged)
        found.append(float(min(edge for edge in merged if _near(merged, edge) >= 0.3 * most and merged[edge])))
    return found[0], found[1]


def _right_margins(sides: tuple[Counter[int], Counter[int]]) -> tuple[float, float]:
    """The right margins: the edge that most full lines reach."""
    found = []
    for side in sides:
        merged = side or sides[0] or sides[1]
        total, seen = sum(merged.values()), 0
        edge = max(merged)
        for candidate in sorted(merged, reverse=True):
            seen += merged[candidate]
            if seen >= 0.2 * total:
                edge = candidate
                break
        found.append(float(edge))
    return found[0], found[1]


def _near(counts: Counter[int], edge: int) -> int:
    return counts[edge - 1] + counts[edge] + counts[edge + 1]
