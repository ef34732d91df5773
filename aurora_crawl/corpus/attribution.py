"""Which other site a text names as its source: sites republish each other, and mostly say from whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

CREDIT_PARAGRAPHS = 2
"""From either end, how many paragraphs are looked through for the name of another site."""

SHORTEST_NAME = 6
"""Letters; shorter names of sites stand in too many words, so only their hosts count."""

LITTLE_WORD = 3
"""Letters up to which a word inside a name may be small: Brasil de Fato."""

_BETWEEN = r"[\s_-]*"


def credited(paragraphs: Sequence[str], cut: str, own: str, sites: Sequence[tuple[str, str]]) -> int:
    """The first of `sites` (name and host) but `own` that is named at either end of a text, or in what was cut; -1 for none.

    One without a host publishes nothing: a folder of files.

    By its host, or by its name as names are written: "Outras Palavras", but not the "outras palavras" of every other text.
    """
    text = " ".join([*paragraphs[:CREDIT_PARAGRAPHS], *paragraphs[-CREDIT_PARAGRAPHS:], cut])
    lower = text.lower()
    letters = lower.replace(" ", "").replace("-", "").replace("_", "").replace("\n", "")
    for index, (name, host) in enumerate(sites):
        if name == own or not host:
            continue
        if host in lower or (len(name) >= SHORTEST_NAME and name in letters and _is_named(name, text)):
            return index
    return -1


def _is_named(name: str, text: str) -> bool:
    return any(
        all(word[0].isupper() for word in re.split(r"[\s_-]+", found[0]) if len(word) > LITTLE_WORD)
        for found in _written(name).finditer(text)
    )


@lru_cache(maxsize=256)
def _written(name: str) -> re.Pattern[str]:
    """A site's name with whatever spaces it is written with."""
    return re.compile(rf"(?<!\w){_BETWEEN.join(map(re.escape, name))}(?!\w)", re.IGNORECASE)
