"""An article and what was cut from it, put together again: for learning, and for people to see."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from aurora_crawl.items import Removal

STRUCK, NOT_STRUCK = "\x1b[9m\x1b[2m", "\x1b[22m\x1b[29m"
"""The terminal's codes for dim text that is struck through, and for its end."""


def rebuilt(kept: Sequence[str], removed: Iterable[Removal], shown: Callable[[Removal], str]) -> list[str]:
    """The paragraphs with every removal in its place as `shown` writes it; one that it writes as "" stays out.

    White space between a paragraph and what was cut from it comes back as one space; what was cut from its midst stands
    behind it.
    """
    by_position: dict[int, list[Removal]] = defaultdict(list)
    for removal in removed:
        by_position[removal.position].append(removal)
    remaining = deque(kept)
    paragraphs = []
    position, last = 0, max(by_position, default=-1)
    while remaining or position <= last:
        cuts = by_position.get(position, [])
        is_gone = any(cut.part == "whole" for cut in cuts)
        kernel = remaining.popleft() if remaining and not is_gone else ""
        heads = [shown(cut) for cut in cuts if cut.part == "head"]
        wholes = [shown(cut) for cut in cuts if cut.part == "whole"]
        tails = [shown(cut) for cut in cuts if cut.part == "tail"]
        insides = [shown(cut) for cut in cuts if cut.part == "inside"]
        paragraph = " ".join(piece for piece in (*heads, kernel, *insides, *wholes, *reversed(tails)) if piece)
        if paragraph:
            paragraphs.append(paragraph)
        position += 1
    return paragraphs


def counted_from_before(later: Iterable[Removal], earlier: Iterable[Removal]) -> list[Removal]:
    """Later cuts with positions in the text as it was before `earlier` ones, so that all of them make one list."""
    gone = {cut.position for cut in earlier if cut.part == "whole"}
    found: list[Removal] = []
    position, index = -1, -1
    for cut in sorted(later, key=lambda cut: cut.position):
        while index < cut.position:
            position += 1
            index += position not in gone
        found.append(replace(cut, position=position))
    return found


def struck_through(kept: Sequence[str], removed: Iterable[Removal], colour: bool) -> list[str]:
    """The paragraphs with what was cut struck through and its rule behind it; as "[-…-]" where there are no colours."""

    def shown(removal: Removal) -> str:
        if colour:
            return f"{STRUCK}{removal.text}{NOT_STRUCK} ({removal.rule})"
        return f"[-{removal.text}-] ({removal.rule})"

    return rebuilt(kept, removed, shown)
