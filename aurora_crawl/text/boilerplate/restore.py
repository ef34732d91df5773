"""An article and what was cut from it, put together again: for learning, for other rules, and for people to see."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

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
        insides = [cut for cut in self.cuts if cut.part == "inside"]
        for cut in [*insides, *(cut for cut in reversed(self.cuts) if cut.part != "inside")]:
            piece = shown(cut)
            if not piece or not text:
                text = text or piece
            elif cut.part in ("tail", "inside"):
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

    White space between a paragraph and what was cut from it comes back as one space; what was cut from its midst stands
    behind it.
    """
    return [whole for place in places(kept, removed) if (whole := place.whole(shown))]


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


def counted_after(later: Iterable[Removal], earlier: Iterable[Removal]) -> list[Removal]:
    """The inverse of `counted_from_before`: positions in the text that `earlier` cuts left."""
    gone = sorted({cut.position for cut in earlier if cut.part == "whole"})
    return [replace(cut, position=cut.position - bisect_left(gone, cut.position)) for cut in later]


def struck_through(kept: Sequence[str], removed: Iterable[Removal], colour: bool) -> list[str]:
    """The paragraphs with what was cut struck through and its rule behind it; as "[-…-]" where there are no colours."""

    def shown(removal: Removal) -> str:
        if colour:
            return f"{STRUCK}{removal.text}{NOT_STRUCK} ({removal.rule})"
        return f"[-{removal.text}-] ({removal.rule})"

    return rebuilt(kept, removed, shown)
