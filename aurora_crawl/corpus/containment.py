"""Which documents stand in others: a chapter or an excerpt in its book, a story in a longer one, by hashes of paragraphs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

LEAST_LETTERS = 40
"""Of a paragraph that says whose text it is; shorter ones (headings, answers in a dialogue) stand in many documents."""

LARGEST = 8
"""With so many of the largest documents that hold a paragraph its other holders are compared: what contains others is large. So the
cost grows with the paragraphs, and not with the pairs of those who share one."""

CONTAINED = 0.8
"""The share of a document's paragraphs, by their letters, from which on it stands in another: an excerpt comes with a few sentences of
its own."""

RELATED = 0.5
"""The share from which on a document is not trained on when the other is for validation."""

LEAST_HASHED = 0.5
"""Of a document's letters must stand in paragraphs that are compared; a list of short lines says too little of itself."""

PARAGRAPHS = np.dtype([("document", np.int32), ("hash", np.uint64), ("letters", np.uint32)])
"""A paragraph of `LEAST_LETTERS` or more: of which document, its letters' hash, and how many there are."""

_NO_LETTERS = bytes(byte for byte in range(256) if byte not in b"abcdefghijklmnopqrstuvwxyz0123456789")


@dataclass(frozen=True, slots=True)
class Shares:
    """Pairs of documents, the first smaller than the second, and the share of the first that stands in the second."""

    inner: np.ndarray
    outer: np.ndarray
    share: np.ndarray

    def of(self, least: float) -> Shares:
        """Those of at least this share."""
        enough = self.share >= least
        return Shares(self.inner[enough], self.outer[enough], self.share[enough])


def hashed_paragraphs(paragraphs: Iterable[str]) -> tuple[list[tuple[int, int]], int]:
    """The hash and number of letters of each paragraph that is long enough, and how many letters there are in all.

    Letters and digits alone count, without case and accents: editions differ in quotation marks, hyphens and spelling signs.
    """
    found = []
    every = 0
    for paragraph in paragraphs:
        # Accents are no ASCII once they stand apart, and a table of bytes takes a fifth of a pattern's time.
        spelled = unicodedata.normalize("NFD", paragraph.casefold()).encode("ascii", "ignore")
        letters = spelled.translate(None, _NO_LETTERS)
        every += len(letters)
        if len(letters) >= LEAST_LETTERS:
            found.append((int.from_bytes(blake2b(letters, digest_size=8).digest()), len(letters)))
    return found, every


def shares_of(paragraphs: np.ndarray, facts: np.ndarray) -> Shares:
    """How much of each document stands in a larger one. `paragraphs` are PARAGRAPHS whose `document` is an index into `facts`.

    Documents of which hardly anything is hashed are in no pair as the inner one.
    """
    # The largest is 0; of equal ones the order is that of their ids, so that of two exactly one is the inner one.
    rank = np.empty(len(facts), dtype=np.int64)
    rank[np.lexsort((facts["id"], -facts["words"]))] = np.arange(len(facts))
    hashed = np.bincount(paragraphs["document"], weights=paragraphs["letters"], minlength=len(facts))
    once = _each_once(paragraphs, rank)
    place = _place_among_equals(once["hash"])
    keys, letters = [], []
    for number in range(LARGEST):
        later = np.flatnonzero(place > number)
        outer = once["document"][later - place[later] + number]
        keys.append(once["document"][later].astype(np.int64) * len(facts) + outer)
        letters.append(once["letters"][later])
    pairs, pair_of = np.unique(np.concatenate(keys), return_inverse=True)
    shared = np.bincount(pair_of, weights=np.concatenate(letters), minlength=len(pairs))
    inner, outer = np.divmod(pairs, max(len(facts), 1))
    tells = hashed[inner] >= LEAST_HASHED * facts["letters"][inner]
    inner, outer, shared = inner[tells], outer[tells], shared[tells]
    return Shares(inner, outer, shared / hashed[inner])


def _each_once(paragraphs: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """The paragraphs by hash, the largest document first; one that a document repeats is one, with all its letters."""
    ordered = paragraphs[np.lexsort((rank[paragraphs["document"]], paragraphs["hash"]))]
    is_first = np.ones(len(ordered), dtype=bool)
    is_first[1:] = (ordered["hash"][1:] != ordered["hash"][:-1]) | (ordered["document"][1:] != ordered["document"][:-1])
    firsts = np.flatnonzero(is_first)
    once: np.ndarray = ordered[firsts]
    if len(once):
        once["letters"] = np.add.reduceat(ordered["letters"], firsts)
    return once


def _place_among_equals(ordered: np.ndarray) -> np.ndarray:
    """How many equal values stand before each, in an array in which equal ones stand together."""
    places = np.arange(len(ordered))
    begins = np.ones(len(ordered), dtype=bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    firsts: np.ndarray = np.maximum.accumulate(np.where(begins, places, 0))
    before: np.ndarray = places - firsts
    return before


def of_documents(paragraphs: np.ndarray, members: np.ndarray, count: int) -> np.ndarray:
    """The paragraphs of some of `count` documents, with `document` as the index into `members`."""
    index = np.full(count, -1, dtype=np.int32)
    index[members] = np.arange(len(members), dtype=np.int32)
    some: np.ndarray = paragraphs[index[paragraphs["document"]] >= 0]
    some["document"] = index[some["document"]]
    return some
