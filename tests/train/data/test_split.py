"""Held-out documents are whole, the same every time, and not twins of training ones."""

from __future__ import annotations

import random

import pytest

from train.data.documents import Document
from train.data.split import hold_out

WORDS = [f"palavra{number}" for number in range(500)]


def document(number: int, text: str = "") -> Document:
    draw = random.Random(number)
    return Document(id=f"{number:016x}", text=text or " ".join(draw.choices(WORDS, k=80)))


DOCUMENTS = [document(number) for number in range(50)]


def ids(documents: list[Document]) -> set[str]:
    return {found.id for found in documents}


@pytest.mark.parametrize(("size", "count"), [(8, 8), (0.1, 5), (0.001, 1), (0, 0), (49, 49)])
def test_a_number_or_a_part_is_held_out_and_nothing_lost(size: float, count: int) -> None:
    training, held_out = hold_out(DOCUMENTS, size, seed=1)
    assert len(held_out) == count
    assert ids(training) | ids(held_out) == ids(DOCUMENTS)
    assert not ids(training) & ids(held_out)


def test_the_order_of_the_documents_does_not_matter_and_the_seed_does() -> None:
    _, first = hold_out(DOCUMENTS, 8, seed=1)
    _, again = hold_out(DOCUMENTS[::-1], 8, seed=1)
    _, other = hold_out(DOCUMENTS, 8, seed=2)
    assert ids(first) == ids(again) != ids(other)


def test_more_documents_change_few_of_those_held_out() -> None:
    _, first = hold_out(DOCUMENTS, 20, seed=1)
    _, later = hold_out([*DOCUMENTS, *(document(number) for number in range(50, 55))], 20, seed=1)
    assert len(ids(first) & ids(later)) >= 15


def test_twins_stay_in_training() -> None:
    """Every document has a republication with another beginning and end; only the one that has none is held out."""
    twins = [document(1000 + d, "Republicado. " + DOCUMENTS[d].text + " Leia mais.") for d in range(49)]
    training, held_out = hold_out([*DOCUMENTS, *twins], 1, seed=1)
    assert len(training) + len(held_out) == 99
    assert ids(held_out) == {DOCUMENTS[49].id}


def test_documents_that_all_have_a_twin_are_held_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    _, held_out = hold_out([*DOCUMENTS, *(document(90 + d, DOCUMENTS[d].text) for d in range(50))], 5, seed=1)
    assert len(held_out) == 5
    assert "flatters the adapter" in caplog.text


def test_nothing_to_train_on_is_an_error() -> None:
    with pytest.raises(ValueError, match="leaves nothing of 50 documents"):
        hold_out(DOCUMENTS, 50, seed=1)
