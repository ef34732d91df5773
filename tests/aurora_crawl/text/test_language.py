"""Portuguese articles stay, also with foreign quotations; articles in other languages go."""

import subprocess
import sys

import pytest

from aurora_crawl.text.language import detect, detect_mostly, is_mostly

PORTUGUESE = (
    "A assembleia dos trabalhadores decidiu manter a paralisação até que a empresa apresente uma proposta por escrito.",
    "Segundo a direção do sindicato, não há previsão de nova reunião, e os ônibus continuarão parados na segunda-feira.",
    "Moradores da região ouvidos pela reportagem disseram apoiar a greve, apesar da dificuldade para chegar ao trabalho.",
)
SPANISH = (
    "La asamblea de los trabajadores decidió mantener el paro hasta que la empresa presente una propuesta por escrito.",
    "Según la dirección del sindicato, no hay previsión de una nueva reunión y los autobuses seguirán detenidos el lunes.",
    "Los vecinos de la zona dijeron que apoyan la huelga a pesar de las dificultades para llegar a sus trabajos.",
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (PORTUGUESE[0], "pt"),
        (SPANISH[0], "es"),
        ("The workers decided to keep striking until the company presents a written proposal.", "en"),
        (
            "A asemblea dos traballadores decidiu manter o paro ata que a empresa presente unha proposta por escrito.",
            "gl",
        ),
    ],
)
def test_languages_are_told_apart(text: str, language: str) -> None:
    assert detect(text).language == language


def test_a_portuguese_article_with_a_spanish_quotation_stays() -> None:
    found = detect_mostly([*PORTUGUESE, SPANISH[1], PORTUGUESE[0]])
    assert found.language == "pt"
    assert is_mostly(detect_mostly([*PORTUGUESE, SPANISH[1], PORTUGUESE[0]]))


def test_a_spanish_article_goes_even_with_a_portuguese_headline_and_credit() -> None:
    assert not is_mostly(detect_mostly(["Leia em português", *SPANISH, PORTUGUESE[0]]))
    assert detect_mostly(SPANISH).language == "es"


def test_a_text_without_letters_has_no_language() -> None:
    assert detect("123 – 456").language == "und"
    assert not is_mostly(detect_mostly([]))


def test_the_model_is_not_loaded_by_the_import() -> None:
    code = "import sys, aurora_crawl.text.language; sys.exit('py3langid' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
