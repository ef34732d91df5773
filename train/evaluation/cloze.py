"""Cloze out of clean text: the last word of a sentence, whose bits a model needs after what stands before it."""

from __future__ import annotations

import random
from collections.abc import Iterable

from train.evaluation.items import Item, Task
from train.evaluation.sentences import paragraphs_of, sentences_of, words_of

LEAST_BEFORE = 8
"""Words that must stand before the last one: with fewer there is little to foretell it from."""

LEAST_LETTERS = 4
"""Of the last word; shorter ones are mostly no words of content."""


def cloze_task(name: str, texts: Iterable[str], *, seed: int, limit: int | None = None) -> Task:
    """The last words of the sentences of the texts, each after its paragraph up to there, in an order that the seed decides."""
    items: dict[str, Item] = {}
    for text in texts:
        for paragraph in paragraphs_of(text):
            before = ""
            for sentence in sentences_of(paragraph):
                item = _item(before, sentence, paragraph)
                if item is not None:
                    items.setdefault(item.text, item)
                before += sentence + " "
    found = list(items.values())
    random.Random(f"{name} {seed}").shuffle(found)
    return Task(name, tuple(found[:limit]), "bits_per_word", higher_is_better=False)


def _item(before: str, sentence: str, paragraph: str) -> Item | None:
    words = words_of(sentence)
    if len(words) < 2:
        return None
    last = words[-1]
    whole = sentence[last.end :] in (".", "!", "?", "…") and sentence[last.begin - 1] == " " and not last.broken
    if not whole or not last.text.islower() or len(last.text) < LEAST_LETTERS:
        return None
    context = before + sentence[: last.begin].rstrip()
    if len(words_of(context)) < LEAST_BEFORE:
        return None
    # The space goes with the word, as tokenizers have it.
    return Item(context, (f" {last.text}",), 0, paragraph, kind="last word")
