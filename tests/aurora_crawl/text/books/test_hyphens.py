"""Words that a line end has broken."""

from __future__ import annotations

import pytest

from aurora_crawl.text.books.document import Line
from aurora_crawl.text.books.hyphens import join, keeps_hyphen, mend_line
from aurora_crawl.text.books.vocabulary import vocabulary, vocabulary_of_text

BOOK = vocabulary_of_text(
    "Lembrou-me a casa; lembrou bem. Disse que começar era preciso, e que a distinta senhora mente. Usava pince-nez. "
    "Nada disso se escondia. Vi o pena e a pena. Ela viu tudo. Era nome conhecido."
)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("come", "çar", False),
        ("distinta", "mente", False),
        ("lembrou", "me", True),
        ("disse", "lhe", True),
        ("pince", "nez", True),
        ("pe", "na", False),
        ("no", "me", False),
        ("amá", "lo", True),
        ("fazê", "la", True),
        ("dir-me", "ia", True),
        ("1914", "1918", True),
        ("Mata", "Cavalos", True),
        ("COME", "ÇAR", False),
        ("próx", "imo", False),
        ("como", "didades", False),
    ],
)
def test_the_books_own_words_and_grammar_decide(first: str, second: str, kept: bool) -> None:
    assert keeps_hyphen(first, second, BOOK) is kept


def test_a_hyphen_that_the_next_line_repeats_belongs_to_the_word() -> None:
    assert join("e eu divirto", "-me muito", {}) == "e eu divirto-me muito"


def test_halves_of_broken_words_are_no_words() -> None:
    words = vocabulary([Line("falava do Gon", 0, 0, 0, 1, broken=True), Line("çalves e de outros", 0, 0, 0, 1)])
    assert "gon" not in words
    assert "çalves" not in words
    assert words["outros"] == 1


def test_breaks_of_another_edition_inside_lines_are_mended() -> None:
    assert mend_line("era subsecretá- rio do arsenal", {}) == "era subsecretário do arsenal"
    assert mend_line("antes e depois, pré- e pós-guerra", {}) == "antes e depois, pré- e pós-guerra"
    assert mend_line("usava pince- nez", BOOK) == "usava pince-nez"
