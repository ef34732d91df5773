"""Minimal pairs of number and gender agreement out of clean Portuguese text: a sentence as it was written, and with one word
in the other form.

A pair is made only where a determiner says gender and number and a word further on must follow it, so that the changed sentence
is wrong whatever it means (Linzen and others 2016; Warstadt and others 2020, BLiMP).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from train.evaluation.forms import (
    BEGINS_SUBJECT,
    COLLECTIVE,
    COPULAS,
    DETERMINERS,
    ENDS_SUBJECT,
    OTHER_GENDER,
    PREPOSITIONS,
    SKIPPED_BEFORE_VERB,
    Gender,
    Number,
    adjective_forms,
    noun_fits,
    noun_gender,
    verb_numbers,
)
from train.evaluation.items import Item, Task
from train.evaluation.sentences import Word, paragraphs_of, sentences_of, words_of

Feature = Literal["number", "gender"]

LEAST_WORDS, MOST_WORDS = 5, 40
"""Words of a sentence that pairs are made of."""

PAIRS_A_SENTENCE = {"number": 3, "gender": 5}
"""How many pairs of a kind a sentence gives at most: more would say the same again."""

FURTHEST_VERB = 10
"""Words after the noun within which its verb is looked for."""

_LABEL: dict[Gender | Number, str] = {"m": "masculine", "f": "feminine", "s": "singular", "p": "plural"}
_OTHER: dict[Gender | Number, Gender | Number] = {"m": "f", "f": "m", "s": "p", "p": "s"}


@dataclass(frozen=True, slots=True)
class Change:
    """A word of a sentence, what stands in its place in the wrong sentence, and what is right."""

    feature: Feature
    kind: str
    word: Word
    wrong: str
    right: Gender | Number


def agreement_task(name: str, feature: Feature, texts: Iterable[str], *, seed: int, limit: int | None = None) -> Task:
    """The pairs of one feature that the texts give, in an order that the seed decides, each sentence once."""
    draw = random.Random(f"{name} {seed}")
    items: list[Item] = []
    seen: set[str] = set()
    for text in texts:
        for paragraph in paragraphs_of(text):
            for sentence in sentences_of(paragraph):
                if sentence in seen:
                    continue
                seen.add(sentence)
                found = [change for change in changes_of(sentence) if change.feature == feature]
                draw.shuffle(found)
                items += [pair(sentence, change, draw) for change in found[: PAIRS_A_SENTENCE[feature]]]
    draw.shuffle(items)
    return Task(name, tuple(items[:limit]), "acc")


def pair(sentence: str, change: Change, draw: random.Random) -> Item:
    """The sentence and its wrong twin, in an order that is drawn: a model that always takes the first one is right by half."""
    wrong = change.wrong.capitalize() if change.word.text[0].isupper() else change.wrong
    twin = sentence[: change.word.begin] + wrong + sentence[change.word.end :]
    choices = [(sentence, _LABEL[change.right]), (twin, _LABEL[_OTHER[change.right]])]
    draw.shuffle(choices)
    texts, labels = zip(*choices, strict=True)
    return Item("", texts, texts.index(sentence), sentence, labels, change.kind)


def changes_of(sentence: str) -> list[Change]:
    """Every word of a sentence whose agreement can be broken for sure."""
    words = words_of(sentence)
    if not LEAST_WORDS <= len(words) <= MOST_WORDS or not sentence[0].isupper() or not sentence.endswith((".", "!")):
        return []
    found: dict[tuple[Feature, int], Change] = {}
    for change in (*_of_the_subject(words), *_within_noun_phrases(words)):
        found.setdefault((change.feature, change.word.begin), change)
    return list(found.values())


def _of_the_subject(words: Sequence[Word]) -> Iterator[Change]:
    """The verb, and what is said of the subject, of a sentence that begins with its subject."""
    first = words[0].lower
    if first not in BEGINS_SUBJECT or words[1].broken:
        return
    gender, number = DETERMINERS[first]
    noun = words[1].lower
    if not noun_fits(noun, gender, number) or noun.removesuffix("s") in COLLECTIVE or words[1].text[0].isupper():
        return
    at = _verb_after(words, number)
    if at is None:
        return
    verb = verb_numbers(words[at].lower)
    assert verb is not None
    yield Change("number", "verb", words[at], verb[1], number)
    if words[at].lower not in COPULAS:
        return
    rest = at + 1
    while rest < len(words) and words[rest].lower in (
        "muito",
        "mais",
        "ainda",
        "já",
        "também",
        "quase",
        "pouco",
        "tão",
    ):
        rest += 1
    if rest < len(words) and not any(word.broken for word in words[at + 1 : rest + 1]):
        said = adjective_forms(words[rest].lower)
        if said and said[:2] == (gender, number):
            yield Change("gender", "predicate", words[rest], said[2], gender)
            yield Change("number", "predicate", words[rest], said[3], number)


def _verb_after(words: Sequence[Word], number: Number) -> int | None:
    """The place of the subject's verb: the first that may be one, where nothing before it begins another clause."""
    for at in range(2, min(len(words), 2 + FURTHEST_VERB)):
        word = words[at].lower
        if words[at].broken:
            return None
        if word in SKIPPED_BEFORE_VERB:
            continue
        if word in ENDS_SUBJECT or (words[at].text[0].isupper() and words[at - 1].lower not in PREPOSITIONS):
            return None
        after_determiner = words[at - 1].lower in DETERMINERS or words[at - 1].lower in PREPOSITIONS
        found = verb_numbers(word)
        if found is not None and not after_determiner:
            return at if found[0] == number else None
    return None


def _within_noun_phrases(words: Sequence[Word]) -> Iterator[Change]:
    """Determiners before nouns whose ending says their gender, and adjectives after determiner and noun."""
    for at in range(len(words) - 1):
        given, noun = DETERMINERS.get(words[at].lower), words[at + 1]
        if given is None or noun.broken or noun.text[0].isupper():
            continue
        gender, number = given
        if not noun_fits(noun.lower, gender, number):
            continue
        if noun_gender(noun.lower) == gender and not adjective_forms(noun.lower) and not _is_verb(noun.lower):
            yield Change("gender", "determiner", words[at], OTHER_GENDER[words[at].lower], gender)
        if at + 2 >= len(words) or words[at + 2].broken or words[at + 2].text[0].isupper():
            continue
        adjective = adjective_forms(words[at + 2].lower)
        if adjective and adjective[:2] == (gender, number):
            yield Change("gender", "adjective", words[at + 2], adjective[2], gender)
            yield Change("number", "adjective", words[at + 2], adjective[3], number)


def _is_verb(form: str) -> bool:
    return verb_numbers(form) is not None
