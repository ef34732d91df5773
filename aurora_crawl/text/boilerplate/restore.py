"""An article and what was cut from it, put together again: for learning, for other rules, and for people to see."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aurora_crawl.items import Removal

STRUCK, NOT_STRUCK = "\x1b[9m\x1b[2m", "\x1b[22m\x1b[29m"
"""The terminal's codes for dim text that is struck through, and for its end."""


@dataclass(frozen=True, slots=True)
class Place:
    """A paragraph as it was: what is kept of it ("" for nothing), and what was cut from it, in the order of the cuts."""

    kept: str
    cuts: list[Removal]

    def whole(self, shown: Callable[[Removal], str], separator: Callable[[Removal], str] = lambda _: " ") -> str:
        """The paragraph with every cut as `shown` writes it, "" for none; `separator` stands between a cut and the rest."""
        text = self.kept
        for cut in reversed(self.cuts):
            piece = shown(cut)
            if not piece or not text:
                text = text or piece
            elif cut.part == "tail":
                text = f"{text}{separator(cut)}{piece}"
            else:
                text = f"{piece}{separator(cut)}{text}"
        return text


def places(kept: Sequence[str], removed: Iterable[Removal]) -> list[Place]:
    """The paragraphs before any cut, in their order."""
    by_position: dict[int, list[Removal]] = defaultdict(list)
    for removal in removed:
        by_position[removal.position].append(removal)
    remaining = deque(kept)
    found = []
    position = 0
    while remaining:
        cuts = by_position.pop(position, [])
        is_gone = any(cut.part == "whole" for cut in cuts)
        found.append(Place("" if is_gone else remaining.popleft(), cuts))
        position += 1
    found.extend(Place("", by_position[left]) for left in sorted(by_position))
    return found


def rebuilt(kept: Sequence[str], removed: Iterable[Removal], shown: Callable[[Removal], str]) -> list[str]:
    """The paragraphs with every removal in its place as `shown` writes it; one that it writes as "" stays out.

    White space between a paragraph and what was cut from it comes back as one space.
    """
    return [whole for place in places(kept, removed) if (whole := place.whole(shown))]


def struck_through(kept: Sequence[str], removed: Iterable[Removal], colour: bool) -> list[str]:
    """The paragraphs with what was cut struck through and its rule behind it; as "[-…-]" where there are no colours."""

    def shown(removal: Removal) -> str:
        if colour:
            return f"{STRUCK}{removal.text}{NOT_STRUCK} ({removal.rule})"
        return f"[-{removal.text}-] ({removal.rule})"

    return rebuilt(kept, removed, shown)
