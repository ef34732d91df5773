"""Which language a text is in: the whole text first, its paragraphs only in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SURE = 0.95
"""From here on the whole text decides: articles of one language score 1.0, mixed and very short ones less."""

MOSTLY = 0.5
"""The share of a doubtful text's words that must stand in paragraphs of the wanted language."""

SHORTEST_PARAGRAPH = 6
"""Shorter paragraphs, in words, tell nothing about their language: names, credits, headings."""

SAMPLE = 3_000
"""Characters that are looked at; of a longer text a third each from beginning, middle and end. The identifier's time
grows with the text (1 ms for 3 KB on a quiet core), its certainty does not."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A language as ISO 639-1 code, and its normalised probability between 0 and 1."""

    language: str
    score: float


def detect(text: str) -> Detection:
    """The most probable language of a text, by py3langid; `und` with score 0 for a text without letters."""
    sample = _sample(text)
    if not any(map(str.isalpha, sample)):
        return Detection("und", 0.0)
    language, score = _identifier().classify(sample)
    return Detection(language, round(float(score), 4))


def detect_mostly(paragraphs: Sequence[str], wanted: str = "pt") -> Detection:
    """The language of an article, judged for `wanted`.

    The whole text decides where it is surely `wanted`. Otherwise each paragraph is looked at: an article that quotes
    another language at length is still `wanted` when at least half of its words are (score: that share); one that is
    wholly in another language is that language.
    """
    whole = detect("\n".join(paragraphs))
    if whole.language == wanted and whole.score >= SURE:
        return whole
    of_wanted = total = 0
    for paragraph in paragraphs:
        words = len(paragraph.split())
        if words >= SHORTEST_PARAGRAPH:
            total += words
            if detect(paragraph).language == wanted:
                of_wanted += words
    if not total:
        return whole
    share = of_wanted / total
    if share >= MOSTLY:
        return Detection(wanted, round(share, 4))
    return whole if whole.language != wanted else Detection(wanted, round(min(share, whole.score), 4))


def is_mostly(paragraphs: Sequence[str], wanted: str = "pt") -> bool:
    """Whether an article is in the wanted language: a Spanish quotation stays, a Spanish article goes."""
    found = detect_mostly(paragraphs, wanted)
    return found.language == wanted and found.score >= MOSTLY


def _sample(text: str) -> str:
    if len(text) <= SAMPLE:
        return text
    third = SAMPLE // 3
    middle = (len(text) - third) // 2
    return f"{text[:third]} {text[middle : middle + third]} {text[-third:]}"


@cache
def _identifier() -> LanguageIdentifier:
    """The identifier, loaded when the first text comes: it takes half a second and 138 MB."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
