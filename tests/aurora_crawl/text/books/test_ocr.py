"""Misread texts: how noisy they are, and the few corrections that are safe."""

from __future__ import annotations

import pytest

from aurora_crawl.text.books.ocr import correct, noise

TEXT = "O rio levava as folhas da tarde, e ninguém na vila sabia para onde iam, mas todos olhavam. " * 6


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("vinha do-bairro de-mim", "vinha do bairro de mim"),
        ("—- São muito bonitos.", "— São muito bonitos."),
        ("os minis»\ntros vieram", "os minis-\ntros vieram"),
        ("depois-da casa", "depois da casa"),
        ("e foi 0 homem", "e foi o homem"),
        ("os tódos todos todos todos", "os todos todos todos todos"),
    ],
)
def test_what_was_surely_misread_is_put_right(seen: str, meant: str) -> None:
    assert correct(seen)[0] == meant


@pytest.mark.parametrize(
    "text",
    [
        "disse-lhe que era-lhe doce, e fez-se noite; contaram-no-lo; no-la deu; foi-se-me a vida",
        "guarda-chuva, mal-educado, pé-de-moleque, recém-nascido",
        "a avó e o avô; o pó, o café, você",
        "Ella disse que a pharmacia era d'elle, e sómente isso.",
    ],
)
def test_sound_words_and_old_spelling_stay(text: str) -> None:
    assert correct(text) == (text, 0)


def test_a_misread_text_is_noisier_than_the_truth() -> None:
    seen = TEXT.replace("vila", "v1la").replace("folhas", "fo|has").replace("todos", "tQdos")
    assert noise(TEXT) < noise(seen)
    assert noise("") == 0
