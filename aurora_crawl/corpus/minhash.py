"""MinHash signatures: 448 bytes that stand for a text when texts are compared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

import numpy as np

SHINGLE_WORDS = 5
PERMUTATIONS = 112
"""FineWeb's number; cost and recall are in docs/corpus.md."""

_SEED = 42
_SPACE = ord(" ")
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 2**64)
_OF_BYTE = np.array([int.from_bytes(sha256(bytes([byte])).digest()[:8]) for byte in range(256)], dtype=np.uint64)
"""A number for each byte, so that texts of few letters spread as well as others."""


def signature(words: Sequence[str]) -> np.ndarray:
    """The signature of a text's word 5-grams: a vector of `PERMUTATIONS` uint32. Case and punctuation at words' ends count.

    A text of fewer than five words has the signature of itself as one shingle.
    """
    from rensa import RMinHash

    shingles = _shingles(words)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(shingles, [0, len(shingles)], PERMUTATIONS, _SEED)
    return np.array(matrix.to_rows()[0], dtype=np.uint32)


def _shingles(words: Sequence[str]) -> np.ndarray:
    """A 64-bit hash of each run of five words, from one pass over the text instead of a string for each run.

    The hash of bytes b_i … b_j is the sum of f(b_k) B^(k - i), modulo 2^64: the difference of two prefix sums of f(b_k) B^k,
    times the inverse of B^i. Its low bits are weak and are mixed with the high ones.
    """
    text = np.frombuffer((" ".join(words) + " ").encode("utf-8", "replace"), dtype=np.uint8)
    powers, inverses = _powers(1 << (len(text) - 1).bit_length())
    prefix = np.zeros(len(text) + 1, dtype=np.uint64)
    np.cumsum(_OF_BYTE[text] * powers[: len(text)], out=prefix[1:])
    ends = np.flatnonzero(text == _SPACE)
    starts = np.concatenate([[0], ends[:-1] + 1])
    last = min(SHINGLE_WORDS, len(ends)) - 1
    starts, ends = starts[: len(starts) - last], ends[last:]
    found = (prefix[ends] - prefix[starts]) * inverses[starts]
    mixed: np.ndarray = (found ^ (found >> np.uint64(32))) * np.uint64(_BASE)
    return mixed


@lru_cache(maxsize=4)
def _powers(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The powers 0 to `count` - 1 of the base and of its inverse, modulo 2^64."""
    both = np.ones((2, count), dtype=np.uint64)
    both[0, 1:], both[1, 1:] = _BASE, _INVERSE
    np.cumprod(both, axis=1, out=both)
    return both[0], both[1]


def similarity(signatures: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The estimated Jaccard similarity of pairs of rows, between 0 and 1; in slices, so that memory stays small."""
    found = np.empty(len(first), dtype=np.float32)
    step = 65_536
    for start in range(0, len(first), step):
        a, b = signatures[first[start : start + step]], signatures[second[start : start + step]]
        found[start : start + step] = (a == b).mean(axis=1)
    return found
