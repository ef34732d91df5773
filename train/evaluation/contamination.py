"""Items whose text stands in the training data, found by sequences of thirteen words (Brown and others 2020)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from train.evaluation.items import Item

LENGTH = 13
"""Words in a row that two texts hardly share by accident; of an item with fewer, all of them."""

LEAST = 5
"""Words below which an item is too short to be looked for."""

_WORD = re.compile(r"\w+")
_KEY = 3


def words_in(text: str) -> list[str]:
    """The words of a text in small letters, without marks."""
    return _WORD.findall(text.lower())


@dataclass(slots=True)
class Sequences:
    """The word sequences of some items, to be looked for in texts in one pass each."""

    by_key: dict[tuple[str, ...], set[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(set))
    owners: dict[tuple[str, ...], set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, number: int, text: str) -> None:
        """Takes the sequences of an item's text."""
        words = words_in(text)
        if len(words) < LEAST:
            return
        size = min(LENGTH, len(words))
        for begin in range(len(words) - size + 1):
            sequence = tuple(words[begin : begin + size])
            self.by_key[sequence[:_KEY]].add(sequence)
            self.owners[sequence].add(number)

    def found_in(self, text: str) -> set[int]:
        """The numbers of the items that a text holds a sequence of."""
        words = words_in(text)
        found: set[int] = set()
        for begin in range(len(words) - LEAST + 1):
            for sequence in self.by_key.get(tuple(words[begin : begin + _KEY]), ()):
                if tuple(words[begin : begin + len(sequence)]) == sequence:
                    found |= self.owners[sequence]
        return found


def contaminated(items: Iterable[Item], texts: Iterable[str]) -> set[int]:
    """The places of the items that one of the texts holds."""
    sequences = Sequences()
    for number, item in enumerate(items):
        sequences.add(number, item.text)
    found: set[int] = set()
    for text in texts:
        found |= sequences.found_in(text)
    return found
