"""Signatures estimate what they stand for."""

from collections.abc import Callable

import numpy as np
import pytest

from aurora_crawl.corpus.minhash import PERMUTATIONS, SHINGLE_WORDS, signature

Invent = Callable[[int, int], str]


def jaccard(first: list[str], second: list[str]) -> float:
    a, b = (
        {tuple(words[n : n + SHINGLE_WORDS]) for n in range(len(words) - SHINGLE_WORDS + 1)}
        for words in (first, second)
    )
    return len(a & b) / len(a | b)


@pytest.mark.parametrize("share", [0.01, 0.03, 0.1])
def test_the_share_of_equal_rows_estimates_the_similarity(
    invent: Invent, edit: Callable[[str, float, int], str], share: float
) -> None:
    errors = []
    for number in range(40):
        text = invent(300, number)
        first, second = text.split(), edit(text, share, number).split()
        errors.append(float((signature(first) == signature(second)).mean()) - jaccard(first, second))
    # A row is equal with the similarity's probability: 112 rows have a deviation of at most .047, the mean of 40 of .0075.
    assert abs(np.mean(errors)) < 0.025
    assert np.std(errors) < 0.07


def test_a_signature_tells_no_more_than_which_runs_of_words_there_are(invent: Invent) -> None:
    words = invent(100, 1).split()
    assert (signature(words) == signature([*words, *words[: SHINGLE_WORDS - 1], *words][: len(words)])).all()
    assert (signature(words) == signature(invent(100, 2).split())).mean() < 0.05
    moved = [*words[50:], *words[:50]]
    assert (signature(words) == signature(moved)).mean() > 0.8


@pytest.mark.parametrize("words", [[], ["só"], ["quatro", "palavras", "e", "mais"], ["\ud800solto"] * 7])
def test_any_text_has_a_signature(words: list[str]) -> None:
    found = signature(words)
    assert found.shape == (PERMUTATIONS,)
    assert (found == signature(list(words))).all()


def test_a_long_text_is_signed_too(invent: Invent) -> None:
    words = invent(40_000, 1).split()
    assert (signature(words) == signature(words[:39_000])).mean() > 0.9
