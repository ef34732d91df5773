"""Which of the kept articles the demo trains on, and which it holds out to measure with: no two nearly the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from aurora_crawl.files import write_whole
from aurora_crawl.items import Article
from aurora_crawl.storage.shards import encode

HELD_OUT = 8
"""Articles to measure with; a tenth of so few would be too few to trust."""

TRAINING_WORDS = 3_200
"""Words to train on: some 7,300 tokens, of which SmolLM2's tokenizer makes 2.28 of a word of these articles.

A processor of two slow cores trains on 35 tokens a second; the whole demo, installation included, is to take ten minutes.
"""

SHINGLE = 5
TOO_ALIKE = 0.3
"""Jaccard of the shingles of two articles above which they count as the same. In the newspaper two have .78, no others .01."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The lines of both parts, and the near-duplicates that neither part has: title, and title of the one it repeats."""

    training: list[Article]
    held_out: list[Article]
    repeated: list[tuple[str, str]]

    @property
    def training_words(self) -> int:
        """How many words there are to train on."""
        return sum(article.words for article in self.training)


def choose(articles: Iterable[Article], held_out: int = HELD_OUT, words: int = TRAINING_WORDS) -> Choice:
    """Divide articles, in an order that only their titles decide.

    Of several that are nearly the same one stays, so that nothing held out resembles anything trained on. Then the first
    `held_out` are held out, and the next are trained on as long as their words do not exceed `words`.
    """
    unlike, repeated = _one_of_each(sorted(articles, key=_lot))
    training: list[Article] = []
    room = words
    for article in unlike[held_out:]:
        if article.words <= room:
            training.append(article)
            room -= article.words
    return Choice(training, unlike[:held_out], repeated)


def write_choice(choice: Choice, folder: Path) -> tuple[Path, Path]:
    """Write both parts as shards, `train-demo.jsonl` and `validation-demo.jsonl`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "train-demo.jsonl", folder / "validation-demo.jsonl"
    for path, articles in zip(paths, (choice.training, choice.held_out), strict=True):
        text = "".join(encode(article).decode() for article in articles)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_whole(path, text)
    return paths


def shingles(text: str) -> set[tuple[str, ...]]:
    """Every `SHINGLE` words in a row, in lower case."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + SHINGLE]) for start in range(max(1, len(words) - SHINGLE + 1))}


def alike(left: set[tuple[str, ...]], right: set[tuple[str, ...]]) -> float:
    """The Jaccard index of two sets of shingles, between 0 and 1."""
    return len(left & right) / len(left | right)


def _one_of_each(articles: Sequence[Article]) -> tuple[list[Article], list[tuple[str, str]]]:
    kept: list[tuple[Article, set[tuple[str, ...]]]] = []
    repeated: list[tuple[str, str]] = []
    for article in articles:
        own = shingles(article.text)
        twin = next((other for other, others in kept if alike(own, others) > TOO_ALIKE), None)
        if twin is None:
            kept.append((article, own))
        else:
            repeated.append((article.title, twin.title))
    return [article for article, _ in kept], repeated


def _lot(article: Article) -> str:
    return sha256(article.title.encode()).hexdigest()
