"""Damaged text is mended, sound text is left alone."""

import unicodedata

import pytest

from aurora_crawl.text.unicode import is_suspicious, normalise


@pytest.mark.parametrize(
    ("damaged", "mended"),
    [
        ("A situaÃ§Ã£o Ã© difÃ­cil, nÃ£o Ã\xa0 toa", "A situação é difícil, não à toa"),
        ("â€œaspasâ€\x9d e travessÃ£o â€“ fim", "“aspas” e travessão – fim"),
        ("NÃ“S E VOCÃŠS", "NÓS E VOCÊS"),
        ("MÃ\xadnimo, NÃ£o, SÃO PAULO", "Mínimo, Não, SÃO PAULO"),
        ("informa&ccedil;&otilde;es &amp; dados", "informações & dados"),
        ("um \x93texto\x94 antigo", "um “texto” antigo"),
        ("festa ðŸŽ‰ hoje", "festa 🎉 hoje"),
    ],
)
def test_damage_is_mended(damaged: str, mended: str) -> None:
    assert is_suspicious(damaged)
    assert normalise(damaged) == mended


@pytest.mark.parametrize(
    "sound",
    [
        "“Aspas”, ‘simples’, «angulares» — travessão… e ponto...!!! ???",
        "👨‍👩‍👧 🇧🇷 ❤️ 1️⃣ família",
        "João Conceição, Muñoz, Łukasz, Žižek, Øystein, François",
        "“MINHA IRM\u00c3\u201d disse ela. AMANH\u00c3\u2026 NÃO – SÃO PAULO",
        "A&B, R&D; AT&T & Cia",
        "ﬁlosoﬁa, ½, ²",
        "um\n  - dois\n  - três",
        "Ânimo, âncora, Ásia, ÂNGELA",
        "Uma linha.\n\nOutra linha.",
    ],
)
def test_sound_text_is_left_alone(sound: str) -> None:
    assert normalise(sound) == sound


def test_an_honest_quote_after_a_capital_survives_in_a_damaged_line() -> None:
    assert normalise("MINHA IRM\u00c3\u201d disse que nÃ£o") == "MINHA IRM\u00c3\u201d disse que não"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\xa0b\u2009c\u202fd\te\u3000f", "a b c d e f"),
        ("a   b  c", "a b c"),
        ("co\u00adope\u200brar\u200d\ufeff", "cooperar"),
        ("a\x00b\x08c\x7f", "abc"),
        ("\n\n a\n\n\n \n  b \r\nc\x85d\u2028e\n", "a\n\nb\nc\nd\ne"),
        ("verso\n   recuado", "verso\n   recuado"),
        (unicodedata.normalize("NFD", "ação"), "ação"),
        ("\u202eoi\u202c", "oi"),
        ("", ""),
        (" \n\t\n ", ""),
    ],
)
def test_spaces_and_what_is_invisible(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("damaged", "mended"),
    [
        ("custou R$ 10Â mil e levou 3Â anos", "custou R$ 10 mil e levou 3 anos"),
        ("foi Ã  praça e Ã s 10h", "foi à praça e às 10h"),
        ("AMANHÃ  tem MAÇÃ", "AMANHÃ tem MAÇÃ"),
        ("\uf0e0 Escreva", "Escreva"),
        ("a cozinha \ufffc abre", "a cozinha abre"),
    ],
)
def test_halves_of_letters_and_boxes(damaged: str, mended: str) -> None:
    assert normalise(damaged) == mended


def test_normalising_twice_changes_nothing_more() -> None:
    text = "A situaÃ§Ã£o &amp;amp; x\n \n\n  b\u200b \x93y\x94 \n\t- z"
    assert normalise(normalise(text)) == normalise(text)
