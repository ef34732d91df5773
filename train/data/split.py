"""Which documents are held out for evaluation: by the data's own division, else cut by document from the seed."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator

from train.data.documents import Document

SHINGLE = 5
"""Words of a shingle. Two reports of one event share names and phrases, but hardly ever five words in a row often."""

TOO_ALIKE = 0.3
"""The part of a held-out document's shingles that may stand in the training documents; a republication has above 0.6."""

_LOG = logging.getLogger(__name__)
_WORD = re.compile(r"\w+")


def hold_out(documents: list[Document], size: float, *, seed: int) -> tuple[list[Document], list[Document]]:
    """Training and held-out documents; `size` is a part of all below 1, a number from 1 on, 0 for none.

    The seed and a document's id decide, so that the same documents are held out whatever their order, and mostly the same
    when others are added. A document that is much like one of the training part stays in training, and the next is held
    out instead; where there are too few of their own kind, fewer are held out, and where there are none, a warning is
    logged. Raises ValueError where `size` leaves nothing to train on.
    """
    count = round(size) if size >= 1 else round(size * len(documents))
    if size and not count:
        count = 1
    if count >= len(documents) and count:
        raise ValueError(f"val_set_size: {size:g} leaves nothing of {len(documents)} documents to train on")
    if not count:
        return documents, []
    order = sorted(documents, key=lambda document: hashlib.sha256(f"{seed} {document.id}".encode()).digest())
    chosen: list[Document] = []
    # A few more than are needed are looked at in one go, because some will be like a training document.
    step = 2 * count + 8
    for start in range(0, len(order), step):
        candidates = order[start : start + step]
        twins = _alike(candidates, documents)
        chosen += [document for document in candidates if id(document) not in twins][: count - len(chosen)]
        if len(chosen) == count:
            break
    if not chosen:
        _LOG.warning("val_set_size: every document is much like another one: what is held out flatters the adapter")
        chosen = order[:count]
    held = {id(document) for document in chosen}
    return [document for document in documents if id(document) not in held], chosen


def shingles(text: str) -> set[int]:
    """The hashes of every `SHINGLE` words in a row, in lower case; of a shorter text, of all its words."""
    words = _WORD.findall(text.lower())
    return {hash(tuple(words[start : start + SHINGLE])) for start in range(max(1, len(words) - SHINGLE + 1))}


def _alike(candidates: Iterable[Document], documents: Iterable[Document]) -> set[int]:
    """Which candidates have more than `TOO_ALIKE` of their shingles in some other document; by Python's `id`."""
    candidates = list(candidates)
    own = [shingles(document.text) for document in candidates]
    holders: dict[int, list[int]] = {}
    for index, found in enumerate(own):
        for shingle in found:
            holders.setdefault(shingle, []).append(index)
    twins: set[int] = set()
    for document in documents:
        shared: dict[int, int] = {}
        for index in _holders(document.text, holders):
            shared[index] = shared.get(index, 0) + 1
        for index, count in shared.items():
            if candidates[index] is not document and count > TOO_ALIKE * len(own[index]):
                twins.add(id(candidates[index]))
    return twins


def _holders(text: str, holders: dict[int, list[int]]) -> Iterator[int]:
    for shingle in shingles(text):
        yield from holders.get(shingle, ())
