"""The last word of sentences."""

from __future__ import annotations

from train.evaluation.cloze import cloze_task


def test_the_last_word_comes_after_its_paragraph_up_to_there() -> None:
    text = "O rio subiu durante a noite inteira. As famílias foram levadas para o ginásio.\n\nOutro assunto curto aqui."
    items = cloze_task("c", [text], seed=0).items
    assert {(item.context, item.choices) for item in items} == {
        ("O rio subiu durante a noite inteira. As famílias foram levadas para o", (" ginásio",)),
    }


def test_what_is_no_plain_word_is_left_out() -> None:
    for end in ("em 2019.", "no Recife.", "de lá.", "assim mesmo)."):
        assert cloze_task("c", [f"O governo anunciou a nova obra da estrada velha ontem {end}"], seed=0).items == ()


def test_abbreviations_end_no_sentence() -> None:
    (item,) = cloze_task("c", ["O livro do Sr. Antunes conta a história de uma família pobre."], seed=0).items
    assert item.context == "O livro do Sr. Antunes conta a história de uma família"
