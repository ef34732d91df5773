"""Which documents are the same: candidates by bands of their signatures, joined into groups."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from aurora_crawl.corpus.minhash import PERMUTATIONS, similarity

REMOVAL_ROWS = 7
"""16 bands of 7 rows: pairs of similarity .75 (3 % of the words edited) are found in 90 %, of .9 in practice all; FineWeb's 14
bands of 8 find 78 % of the former."""

SPLIT_ROWS = 3
"""37 bands of 3 rows: pairs of similarity .5 are found in 99.3 %, from .6 on in 99.99 %. Looser than for removal, because no
relative of a validation document may be trained on."""

SPLIT_SIMILARITY = 0.35

EDITION_ROWS = 2
"""56 bands of 2 rows: books are few, and pairs of similarity .3 are found in 99.5 %."""

EDITION_SIMILARITY = 0.25
"""From which two books of about one length are one work. An edition read from pictures with 5 in 100 words misread has .63, one in another
spelling .3; two works have hardly any run of five words in common, and a volume of a work is shorter than the work."""

SAME_LENGTH = 0.75
"""The least share of the longer edition's words that the shorter has: notes and prefaces make a difference."""

NEIGHBOURS = 16
"""With so many of those that share its band a document is compared: one that shares it by chance must not hide a relative."""


class Groups:
    """Disjoint groups of the numbers 0 to n - 1, joined pair by pair; a group is named by its smallest member."""

    def __init__(self, size: int) -> None:
        self._parent = np.arange(size, dtype=np.int64)

    def join(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Make one group of the groups of each pair."""
        for first, second in pairs:
            a, b = self._root(first), self._root(second)
            if a != b:
                self._parent[max(a, b)] = min(a, b)

    def names(self) -> np.ndarray:
        """The group of each number."""
        parent = self._parent
        while not np.array_equal(parent, parent[parent]):
            parent = parent[parent]
        self._parent = parent
        return parent

    def _root(self, number: int) -> int:
        parent = self._parent
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = int(parent[number])
        return number


def join_similar(
    groups: Groups, signatures: np.ndarray, rows: int, least: float, words: np.ndarray | None = None
) -> None:
    """Join documents that agree in a band of `rows` rows and whose estimated similarity is at least `least`.

    With `words`, the documents' lengths, only those that are about as long as each other.

    `signatures` is (documents, PERMUTATIONS) of uint32. Of the documents that share a band each is compared with the first
    and with the `NEIGHBOURS` before it: enough to join a group, at a cost that grows with the documents and not their pairs.
    What is in one group already is not compared again, so memory grows with the documents too.
    """
    for start in range(0, PERMUTATIONS - rows + 1, rows):
        keys = _band_keys(signatures[:, start : start + rows])
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        places = np.arange(len(ordered))
        begins = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, dtype=bool)
        first_of = np.maximum.accumulate(np.where(begins, places, 0))
        # How far a document is from the first of those that share its band.
        reach = places - first_of
        for distance in range(min(NEIGHBOURS, int(reach.max(initial=0))) + 1):
            # Distance 0 stands for the first of all, for those that are farther from it than the neighbours reach.
            later = np.flatnonzero(reach >= distance) if distance else np.flatnonzero(reach > NEIGHBOURS)
            earlier = later - distance if distance else first_of[later]
            first, second = order[earlier], order[later]
            names = groups.names()
            apart = names[first] != names[second]
            first, second = first[apart], second[apart]
            close = similarity(signatures, first, second) >= least
            if words is not None:
                close &= np.minimum(words[first], words[second]) >= SAME_LENGTH * np.maximum(
                    words[first], words[second]
                )
            groups.join(zip(first[close].tolist(), second[close].tolist(), strict=True))


def join_editions(groups: Groups, signatures: np.ndarray, words: np.ndarray, books: np.ndarray) -> None:
    """Join the books, given as indices, that are editions of one work: alike, and about as long as each other."""
    own = Groups(len(books))
    join_similar(own, signatures[books], EDITION_ROWS, EDITION_SIMILARITY, words[books])
    groups.join(zip(books[own.names()].tolist(), books.tolist(), strict=True))


def _band_keys(band: np.ndarray) -> np.ndarray:
    """One uint64 for each row of a band: a mix in which every value counts."""
    keys = np.zeros(len(band), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in range(band.shape[1]):
            keys = (keys ^ band[:, column].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            keys ^= keys >> np.uint64(29)
    return keys


def equal_pairs(hashes: np.ndarray) -> Iterable[tuple[int, int]]:
    """Pairs of documents with the same hash, each with the first of them."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    is_same = ordered[1:] == ordered[:-1]
    return zip(order[:-1][is_same].tolist(), order[1:][is_same].tolist(), strict=True)
