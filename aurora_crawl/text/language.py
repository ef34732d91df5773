"""Which language a text is in: pieces from all over it first; the whole text, then its paragraphs, only in doubt."""

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

SAMPLE = 1_000
"""Characters that are looked at first, taken from all paragraphs alike. The identifier's time grows with the text (a
millisecond for 1 to 3 KB, by machine), its certainty hardly: where these pieces are surely of one language, so is the text."""

SMALLEST_PIECE = 60
"""Characters of the smallest piece that says something; of a text of very many paragraphs, evenly spaced ones are taken."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A language as ISO 639-1 code, and its normalised probability between 0 and 1."""

    language: str
    score: float


def detect(text: str) -> Detection:
    """The most probable language of a text, by py3langid; `und` with score 0 for a text without letters."""
    if not any(map(str.isalpha, text)):
        return Detection("und", 0.0)
    language, score = _identifier().classify(text)
    return Detection(language, round(float(score), 4))


def detect_mostly(paragraphs: Sequence[str], wanted: str = "pt") -> Detection:
    """The language of an article, judged for `wanted`.

    Pieces of all its paragraphs decide where they are surely `wanted`, and else the whole text. In doubt each paragraph
    is looked at: an article that quotes another language at length is still `wanted` when at least half of its words are
    (score: that share); one that is wholly in another language is that language.
    """
    for text in (sample(paragraphs), "\n".join(paragraphs)):
        whole = detect(text)
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


def sample(paragraphs: Sequence[str]) -> str:
    """At most `SAMPLE` characters: the beginnings of all paragraphs, or of evenly spaced ones where they are very many.

    A short paragraph leaves what it does not need to the others.
    """
    written = [paragraph for paragraph in paragraphs if paragraph]
    most = SAMPLE // SMALLEST_PIECE
    if len(written) > most:
        written = [written[number * len(written) // most] for number in range(most)]
    left = SAMPLE - len(written)
    pieces: dict[int, str] = {}
    for waiting, index in enumerate(sorted(range(len(written)), key=lambda index: len(written[index]))):
        pieces[index] = written[index][: left // (len(written) - waiting)]
        left -= len(pieces[index])
    return "\n".join(pieces[index] for index in range(len(written)))


@cache
def _identifier() -> LanguageIdentifier:
    """The identifier, loaded when the first text comes: it takes half a second and 138 MB."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
