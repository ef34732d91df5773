"""Fingerprints of texts that are kept nowhere: hashes of their pieces, which are looked for at every place of another text.

A piece is hashed by its first and its last `WINDOW` letters together, so that one pass over a text tells the hash at each of its places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from aurora_crawl.storage.redaction import Holding, plain_of

WINDOW = 20
"""Letters; the shortest piece. See `redaction.SHORTEST_TITLE`."""
MOST_PIECES = 4000
"""Of one text: those of its first 80,000 letters."""

Hashes = NDArray[np.uint64]
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT = np.uint64(29)


class Fingerprints:
    """Hashes of pieces, by the pieces' lengths in letters. `Prints` for texts that nobody has any more."""

    def __init__(self, hashes: Mapping[int, Iterable[int]]) -> None:
        self._hashes = {length: np.unique(np.fromiter(every, np.uint64)) for length, every in hashes.items()}

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def places_in(self, plain: str) -> Iterator[tuple[int, int]]:
        """Where pieces begin and end in a text's `letters`."""
        windows = _windows(plain)
        for length, wanted in self._hashes.items():
            for start in np.nonzero(np.isin(_joined(windows, length), wanted))[0].tolist():
                yield start, start + length

    def has_letters(self, plain: str) -> bool:
        """Nothing is known of what is shorter than a piece."""
        return False

    def held_by(self, body: bytes) -> Holding:
        """Whether an unpacked answer prints one of the pieces."""
        return Holding.SOME if next(self.places_in(plain_of(body)), None) is not None else Holding.NOTHING


def hashes_of(pieces: Iterable[str]) -> dict[int, list[int]]:
    """The hashes of pieces, given as `letters`, by their lengths; those shorter than `WINDOW` have none."""
    found: dict[int, list[int]] = {}
    for piece in sorted(one for one in pieces if len(one) >= WINDOW)[:MOST_PIECES]:
        found.setdefault(len(piece), []).append(int(_joined(_windows(piece), len(piece))[0]))
    return found


def _windows(plain: str) -> Hashes:
    """The hash of the letters from each place of a text on."""
    codes = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if len(codes) < WINDOW:
        return np.empty(0, np.uint64)
    powers = np.cumprod(np.full(len(codes), _BASE, np.uint64), dtype=np.uint64)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes * powers, dtype=np.uint64)])
    back = np.cumprod(np.full(len(codes), _INVERSE, np.uint64), dtype=np.uint64)[: len(codes) - WINDOW + 1]
    windows: Hashes = (sums[WINDOW:] - sums[: len(sums) - WINDOW]) * back
    return windows


def _joined(windows: Hashes, length: int) -> Hashes:
    """The hash of the piece of so many letters from each place on."""
    apart = length - WINDOW
    if len(windows) <= apart:
        return np.empty(0, np.uint64)
    both = (windows[: len(windows) - apart] * _MIX) ^ windows[apart:]
    both ^= both >> _SHIFT
    joined: Hashes = both * _MIX
    return joined
