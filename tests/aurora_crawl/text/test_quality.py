"""Numbers of a text, and the marks of what lies beyond the thresholds."""

from dataclasses import asdict

import pytest

from aurora_crawl import settings
from aurora_crawl.text.quality import Thresholds, measure

GOOD = (
    "A assembleia decidiu manter a paralisação até que a empresa apresente uma proposta por escrito.\n\n"
    "Segundo a direção do sindicato, não há previsão de nova reunião com os donos da empresa."
)


def test_a_good_text_has_numbers_and_no_mark() -> None:
    found = measure(GOOD, language_score=1.0)
    assert found.marks == []
    assert found.duplicate_lines == 0
    assert found.punctuated_lines == 1
    assert 0 < found.newlines < 0.05
    assert 4 < found.word_length < 6
    assert found.stop_words > 5


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Ouça.\n\nOuça.\n\nOuça.\n\n" + GOOD, "duplicate_lines"),
        ("Casa de praia\nCasa de campo\nApartamento na cidade", "punctuated_lines"),
        ("de a\nde o\nem um\nna é", "newlines"),
        ("a é o e a o é", "word_length"),
        ("12 34 56 78 90 12 de a 34.", "nonalphabetic_words"),
        ("Workers decided striking tomorrow morning.", "stop_words"),
        ("", "stop_words"),
    ],
)
def test_what_lies_beyond_a_threshold_is_marked(text: str, mark: str) -> None:
    assert mark in measure(text).marks


def test_the_language_score_is_marked_only_where_it_is_known() -> None:
    assert "language_score" in measure(GOOD, language_score=0.5).marks
    assert measure(GOOD).marks == []


def test_a_threshold_can_be_set() -> None:
    assert measure(GOOD, thresholds=Thresholds(stop_words=1000)).marks == ["stop_words"]


def test_the_settings_are_the_thresholds_each_by_its_name() -> None:
    named = {f"QUALITY_{name.upper()}": value for name, value in asdict(Thresholds()).items()}
    assert {name: value for name, value in vars(settings).items() if name.startswith("QUALITY_")} == named


def test_punctuation_is_no_word_without_a_letter() -> None:
    assert measure("— Sim, 3 vezes… — disse ela.").nonalphabetic_words == 0.2


def test_direct_speech_in_short_sentences_has_no_mark() -> None:
    speech = "— De novo?\n\n— De novo. A ponte, a chuva, o barro: tudo de novo.\n\n— E o que você fez, hein?\n\n— Eu? Nada. Esperei."
    assert measure(speech).marks == []
