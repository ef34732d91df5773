"""Portuguese text as paragraphs, sentences and words, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

_END = re.compile(r"(?<=[.!?])\s+(?=[\"“]?[A-ZÀ-Ý])")
_ABBREVIATED = re.compile(r"(?:\b(?:[A-ZÀ-Ý]|[Ss]rs?|[Ss]ra|[Dd]ra?|[Pp]rof|[Aa]v|art|núm|n|p|pág|etc|ex|vs)\.)$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_MARK = re.compile(r"[^\w\s-]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence, with its place; `broken` says whether a mark stands between it and the word before."""

    text: str
    begin: int
    end: int
    broken: bool

    @property
    def lower(self) -> str:
        """The word in small letters."""
        return self.text.lower()


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a text, whose lines are joined by single spaces."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def sentences_of(paragraph: str) -> list[str]:
    """The sentences of a paragraph; an abbreviation's point ends none."""
    found: list[str] = []
    for part in _END.split(paragraph):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] += " " + part
        else:
            found.append(part)
    return found


def words_of(sentence: str) -> list[Word]:
    """The words of a sentence; numbers and marks are none, and break what stands around them."""
    words: list[Word] = []
    end = 0
    for match in _WORD.finditer(sentence):
        between = sentence[end : match.start()]
        words.append(Word(match[0], match.start(), match.end(), bool(_MARK.search(between)) or bool(between.strip())))
        end = match.end()
    return words
