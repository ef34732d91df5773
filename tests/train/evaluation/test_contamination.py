"""Items that stand in the training data are found, and no others."""

from __future__ import annotations

import random

from train.evaluation.contamination import LENGTH, contaminated
from train.evaluation.items import Item

WORDS = [
    f"{first}{last}" for first in ("ba", "ce", "di", "fo", "gu", "la", "me") for last in ("ra", "to", "na", "lha", "do")
]


def item(text: str) -> Item:
    return Item("", (text, text + " x"), 0, text)


def test_a_planted_item_is_found_whatever_its_marks_and_letters() -> None:
    sentence = "As obras da passarela metálica foram concluídas antes do prazo previsto pela prefeitura da cidade."
    other = "O dono do cinema vendeu os bancos."
    training = (
        "Disse ontem: «AS OBRAS da passarela metálica, foram concluídas antes do prazo previsto pela prefeitura»; fim."
    )
    assert contaminated([item(other), item(sentence)], [training]) == {1}


def test_a_short_item_is_found_where_all_of_it_stands() -> None:
    assert contaminated(
        [item("O dono do cinema vendeu os bancos.")], ["… o dono do cinema vendeu os bancos e saiu"]
    ) == {0}
    assert contaminated([item("O dono do cinema vendeu os bancos.")], ["o dono do cinema vendeu os móveis"]) == set()


def test_of_a_thousand_items_none_is_found_in_text_of_the_same_words() -> None:
    draw = random.Random(1)
    items = [item(" ".join(draw.choices(WORDS, k=draw.randint(LENGTH, 30)))) for _ in range(1000)]
    texts = [" ".join(draw.choices(WORDS, k=400)) for _ in range(200)]
    assert contaminated(items, texts) == set()
    place = 617
    assert contaminated(items, [*texts, f"antes {items[place].text} depois"]) == {place}
