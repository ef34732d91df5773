"""Personal data is masked, numbers of other kinds are not."""

import pytest

from aurora_crawl.text.personal import is_cpf, without_personal_data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Escreva para ana.maria+x@jornal.example.br.", "Escreva para [e-mail]."),
        ("CPF 529.982.247-25 consta", "[CPF]"),
        ("CPF: 52998224725,", "CPF: [CPF],"),
        ("Ligue (11) 98765-4321 já", "Ligue [telefone] já"),
        ("+55 21 2345-6789", "[telefone]"),
        ("0800 123 4567", "[telefone]"),
        ("WhatsApp: 98765-4321", "[telefone]"),
    ],
)
def test_personal_data_is_masked(text: str, expected: str) -> None:
    masked, count = without_personal_data(text)
    assert expected in masked
    assert count == 1


@pytest.mark.parametrize(
    "text",
    [
        "Em 12/09/2023, às 11:33, eram 1.234.567,89 reais.",
        "Processo 0001234-56.2020.5.02.0001",
        "Lei 13.467/2017, CNPJ 12.345.678/0001-95",
        "entre 1964-1985 e 2013-2016",
        "529.982.247-24 não é CPF",
        "o usuário @fulano no Twitter",
        "2022 2345 pessoas",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_personal_data(text) == (text, 0)


def test_check_digits() -> None:
    assert is_cpf("52998224725")
    assert not is_cpf("52998224752")
    assert not is_cpf("11111111111")
