"""Which language a text is in: pieces from all over it first; the whole text, then its paragraphs, only in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
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

SAMPLE = 450
"""Characters that are looked at first, taken from all paragraphs alike. The identifier's time grows with the text (a
millisecond for 1 to 3 KB, by machine), its certainty hardly: where these pieces are surely of one language, so is the text.
Measured on 110 Portuguese texts and 400 mixed with Spanish and Galician: 450 decide all as 600 do, 400 leave one in doubt."""

SMALLEST_PIECE = 45
"""Characters of the smallest piece that says something; of a text of very many paragraphs, evenly spaced ones are taken."""

NEIGHBOURS = (
    "pt gl es ext an ca oc it vec lij fr wa ro la ht gcr gcf en de nl sv eu eo br pl tr id ms tl sw yo vi ru el ar he hi ja zh ko"
).split()
"""Among these the first look decides: the languages that a text on a Brazilian site might be taken for, Portuguese's kin,
and a few of every script. The identifier weighs all of its 142 only in doubt, which costs it a third of its time."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A language as ISO 639-1 code, and its normalised probability between 0 and 1."""

    language: str
    score: float


def detect(text: str) -> Detection:
    """The most probable language of a text, by py3langid; `und` with score 0 for a text without letters."""
    return _detected(_identifier(), text)


def _detected(identifier: LanguageIdentifier, text: str) -> Detection:
    if not any(map(str.isalpha, text)):
        return Detection("und", 0.0)
    language, score = identifier.classify(text)
    return Detection(language, round(float(score), 4))


def detect_mostly(paragraphs: Sequence[str], wanted: str = "pt") -> Detection:
    """The language of an article, judged for `wanted`.

    Pieces of all its paragraphs decide where they are surely `wanted`, and else the whole text. In doubt each paragraph
    is looked at: an article that quotes another language at length is still `wanted` when at least half of its words are
    (score: that share); one that is wholly in another language is that language.
    """
    for identifier, text in ((_neighbours(), sample(paragraphs)), (_identifier(), "\n".join(paragraphs))):
        whole = _detected(identifier, text)
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


def is_mostly(found: Detection, wanted: str = "pt") -> bool:
    """Whether an article is in the wanted language: a Spanish quotation stays, a Spanish article goes."""
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


@cache
def _neighbours() -> LanguageIdentifier:
    """The same identifier for `NEIGHBOURS` alone; single precision, since numpy multiplies halves slowly: 16 MB."""
    near = copy(_identifier())
    near.set_languages(NEIGHBOURS)
    near.nb_ptc = near.nb_ptc.astype("float32", order="C")
    return near
