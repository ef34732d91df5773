"""Every form of date that the sites use, and none that is a guess."""

import pytest

from aurora_crawl.extraction.dates import parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 de setembro de 2023", "2023-09-12"),
        ("Publicado em 12 de setembro de 2023", "2023-09-12"),
        ("março 3, 2023", "2023-03-03"),
        ("Março 3, 2023", "2023-03-03"),
        ("09 de Fevereiro de 2022 às 11:33", "2022-02-09T11:33:00-03:00"),
        ("2022-02-09T11:33:47 -03", "2022-02-09T11:33:47-03:00"),
        ("22/ 12/ 2007", "2007-12-22"),
        ("05/06/2023", "2023-06-05"),
        ("5.6.2023", "2023-06-05"),
        ("05-06-2023 14h20", "2023-06-05T14:20:00-03:00"),
        ("05/06/23", "2023-06-05"),
        ("05/06/98", "1998-06-05"),
        ("1º de maio de 2020", "2020-05-01"),
        ("23 de Janeiro de 2024", "2024-01-23"),
        ("terça-feira, 12 de setembro de 2023 - 11h33", "2023-09-12T11:33:00-03:00"),
        ("12 set 2023", "2023-09-12"),
        ("12 set. 2023, 9h", "2023-09-12T09:00:00-03:00"),
        ("12/set/2023", "2023-09-12"),
        ("2023-09-12", "2023-09-12"),
        ("2023-09-12T10:00:00Z", "2023-09-12T10:00:00+00:00"),
        ("2023-09-12T10:00:00.123+02:00", "2023-09-12T10:00:00+02:00"),
        ("2023-09-12 10:00:00", "2023-09-12T10:00:00-03:00"),
        ("2023-09-12T10:00", "2023-09-12T10:00:00-03:00"),
        ("2023-09-12T10:00:00-0300", "2023-09-12T10:00:00-03:00"),
        ("Tue, 12 Sep 2023 10:00:00 +0000", "2023-09-12T10:00:00+00:00"),
        ("Tue, 12 Sep 2023 10:00:00 GMT", "2023-09-12T10:00:00+00:00"),
        ("September 12, 2023 at 3:05 pm", "2023-09-12T15:05:00-03:00"),
        ("12 September 2023", "2023-09-12"),
        ("12 de septiembre de 2023", "2023-09-12"),
        ("20230912", "2023-09-12"),
        ("20230912T101112Z", "2023-09-12T10:11:12+00:00"),
        ("11/01/2021 16h27 | Atualizado em 12/01/2021 08h00", "2021-01-11T16:27:00-03:00"),
        ("28/02/2020 às 07:05:09", "2020-02-28T07:05:09-03:00"),
        ("12/09/2023 (atualizado)", "2023-09-12"),
        ("Março de 1917", "1917"),
        ("1917", "1917"),
        ("(1917)", "1917"),
    ],
)
def test_dates_are_read(text: str, expected: str) -> None:
    assert parse_date(text) == expected


def test_summer_time_counts_where_no_offset_stands() -> None:
    assert parse_date("12/01/2018 10:00") == "2018-01-12T10:00:00-02:00"
    assert parse_date("12/01/2020 10:00") == "2020-01-12T10:00:00-03:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ontem",
        "há 2 dias",
        "12 de setembro",
        "09/25/2023",
        "31/02/2023",
        "2023-13-01",
        "32 de maio de 2020",
        "R$ 12.345,67",
        "12/05",
        "telefone 11 98765-4321",
        "lei 9.394/1996 e 10.639/2003",
        "192.168.10.2023",
        "página 12 de 2023",
    ],
)
def test_what_is_no_certain_date_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_day_and_month_are_never_swapped() -> None:
    for day in range(1, 29):
        for month in range(1, 13):
            assert parse_date(f"{day:02}/{month:02}/2021") == f"2021-{month:02}-{day:02}"
            assert parse_date(f"2021-{month:02}-{day:02}") == f"2021-{month:02}-{day:02}"
