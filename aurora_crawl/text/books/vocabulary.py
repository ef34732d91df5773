"""The words of one book: how often each stands in it where no line end has broken it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from aurora_crawl.text.books.document import Line

WORD = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011’'][^\W\d_]+)*")
"""A word, with the hyphens and apostrophes inside it."""

_BROKEN_IN_LINE = re.compile(r"(?<![^\W\d_])(?<![^\W\d_]-)(?:[^\W\d_]+-)+ [^\W\d_]+")


def vocabulary(lines: Iterable[Line]) -> Counter[str]:
    """Words in lower case and their counts. Halves of broken words do not count, or "Gon" would be a word.

    Parts of words with a hyphen count for themselves too ("lembrou" of "lembrou-me").
    """
    words: Counter[str] = Counter()
    after_break = False
    for line in lines:
        found = WORD.findall(_BROKEN_IN_LINE.sub(" ", line.text.lower()))
        if after_break:
            del found[:1]
        if line.broken:
            del found[-1:]
        words.update(found)
        for word in found:
            if "-" in word:
                words.update(word.split("-"))
        after_break = line.broken
    return words


def vocabulary_of_text(text: str) -> Counter[str]:
    """The same of running text, whose words no line end has broken."""
    words = Counter(WORD.findall(_BROKEN_IN_LINE.sub(" ", text.lower())))
    for word, count in list(words.items()):
        if "-" in word:
            for part in word.split("-"):
                words[part] += count
    return words
