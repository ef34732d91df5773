"""MinHash signatures: 448 bytes that stand for a text when texts are compared."""

from __future__ import annotations

import numpy as np

SHINGLE_WORDS = 5
PERMUTATIONS = 112
"""14 bands of 8, as FineWeb; notes on cost and recall are in docs/corpus.md."""

_SEED = 42


def signature(text: str) -> np.ndarray:
    """The signature of a text's word 5-grams: a vector of `PERMUTATIONS` uint32. Case and punctuation at words' ends count.

    A text of fewer than five words has the signature of itself as one shingle.
    """
    from rensa import RMinHash

    words = text.split()
    shingles = [
        " ".join(words[start : start + SHINGLE_WORDS]) for start in range(max(1, len(words) - SHINGLE_WORDS + 1))
    ]
    sketch = RMinHash(PERMUTATIONS, _SEED)
    sketch.update(shingles)
    return np.array(sketch.digest(), dtype=np.uint32)


def similarity(signatures: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The estimated Jaccard similarity of pairs of rows, between 0 and 1; in slices, so that memory stays small."""
    found = np.empty(len(first), dtype=np.float32)
    step = 65_536
    for start in range(0, len(first), step):
        a, b = signatures[first[start : start + step]], signatures[second[start : start + step]]
        found[start : start + step] = (a == b).mean(axis=1)
    return found
