"""Lines become paragraphs, dialogue, verse, quotations and notes."""

from __future__ import annotations

from collections.abc import Sequence

from aurora_crawl.text.books.document import Block, Line, Page
from aurora_crawl.text.books.paragraphs import lines_of, to_blocks
from aurora_crawl.text.books.print_layout import layout_of
from aurora_crawl.text.books.vocabulary import vocabulary

FULL = "e assim corria o dia naquela rua de casas baixas, com gente à porta"


def set_page(number: int, rows: Sequence[tuple[float, str]], *, width: float = 300, small: int = 0) -> Page:
    """A page of rows, each with its indent; the last `small` ones are set smaller."""
    lines = []
    for index, (indent, text) in enumerate(rows):
        height = 9.0 if index >= len(rows) - small else 11.0
        right = 60 + (width if len(text) > 50 else indent + 5 * len(text))
        broken = text.endswith("-")
        lines.append(Line(text.removesuffix("-"), 60 + indent, right, 500 - 14 * index, height, broken))
    return Page(number, 420, 595, lines)


def blocks(*pages: Page) -> list[Block]:
    every = [*pages, *(set_page(90 + n, [(18, FULL), *[(0, FULL)] * 9, (0, "até o fim.")] * 2) for n in range(4))]
    found = to_blocks(every, layout_of(every), vocabulary(lines_of(every)))
    return [block for block in found if block.page < 90]


def test_an_indent_begins_a_paragraph_and_a_page_does_not() -> None:
    first = set_page(1, [(18, FULL), (0, FULL), (0, "acabou."), (18, FULL), (0, FULL)])
    second = set_page(2, [(0, "e continuou na outra página."), (18, FULL), (0, "fim.")])
    texts = [block.text for block in blocks(first, second)]
    assert len(texts) == 3
    assert texts[1].endswith("e continuou na outra página.")


def test_a_line_of_dialogue_that_ends_short_in_mid_sentence_goes_on() -> None:
    texts = [
        block.text for block in blocks(set_page(1, [(18, "— Sim, disse o"), (0, "homem."), (18, "— Não."), (18, FULL)]))
    ]
    assert texts[:2] == ["— Sim, disse o homem.", "— Não."]


def test_verse_keeps_its_lines_and_a_quotation_is_joined() -> None:
    verse = [
        (60, "Minha terra tem um rio"),
        (60, "Onde ninguém vai parar"),
        (60, "As águas que aqui correm"),
        (60, "Não correm como lá"),
    ]
    quotation = [(40, FULL), (40, FULL), (40, "foi o que escreveu.")]
    found = blocks(set_page(1, [(18, FULL), (0, "disse:"), *verse, (18, FULL), (0, "e leu:"), *quotation]))
    kinds = [block.kind for block in found]
    assert kinds == ["paragraph", "verse", "paragraph", "quotation"]
    assert found[1].text.count("\n") == 3
    assert "\n" not in found[3].text


def test_notes_at_the_foot_stand_apart_and_go_on_over_the_page() -> None:
    first = set_page(
        1, [(18, FULL), (0, FULL), (0, "1 Ver o que se disse antes, em outro lugar deste livro, e tam-")], small=1
    )
    second = set_page(2, [(0, "seguiu o texto."), (18, FULL)])
    found = blocks(first, second)
    note = next(block for block in found if block.kind == "note")
    assert note.label == "1"
    assert next(block for block in found if block.kind == "paragraph").text.endswith("seguiu o texto.")


def test_a_drop_capital_is_the_first_letter_of_its_line() -> None:
    page = set_page(
        1, [(18, "ra uma vez um rio que passava pela vila e levava as folhas todas"), (18, FULL), (0, "fim.")]
    )
    page.lines.insert(0, Line("E", 60, 80, 470, 30))
    assert blocks(page)[0].text.startswith("Era uma vez um rio")
