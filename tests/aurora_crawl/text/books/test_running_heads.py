"""Heads, feet and page numbers go; headings and text that only look like them stay."""

from __future__ import annotations

from aurora_crawl.text.books.document import Line, Page
from aurora_crawl.text.books.running_heads import take_running_heads


def page(number: int, *extra: Line) -> Page:
    """A page of lines of its own, and what else stands on it."""
    own = "abcdefghij"[number]
    lines = [Line(f"{own * 3} linha {own * row} do texto, que segue", 60, 360, 500 - 14 * row, 11) for row in range(20)]
    return Page(number, 420, 595, [*extra, *lines])


def texts(pages: list[Page]) -> list[str]:
    return [line.text for one in pages for line in one.lines]


def test_a_number_that_counts_the_pages_goes_with_its_words_whatever_the_chapter_is_called() -> None:
    names = ["A CHEGADA", "A CHEGADA", "O RIO", "O RIO", "O RIO", "A VOLTA"]
    pages = [page(n, Line(f"{name} {n + 8}", 60, 200, 560, 9)) for n, name in enumerate(names, start=1)]
    taken = take_running_heads(pages)
    assert [head.text for head in taken] == [f"{name} {n + 8}" for n, name in enumerate(names, start=1)]
    assert not any("RIO" in text for text in texts(pages))


def test_roman_numbers_of_pages_go_and_those_of_chapters_stay() -> None:
    romans = ["XII", "XIII", "XIV", "XV", "XVI", "XVII"]
    pages = [
        page(n, Line(roman, 200, 220, 540, 14), Line(str(n), 200, 210, 30, 9))
        for n, roman in enumerate(romans, start=1)
    ]
    take_running_heads(pages)
    assert [text for text in texts(pages) if text in romans] == romans
    assert not any(text.isdigit() for text in texts(pages))


def test_the_same_words_at_the_same_height_go_and_elsewhere_stay() -> None:
    pages = [page(n, Line("História da vila", 60, 150, 560, 9)) for n in range(1, 7)]
    pages.append(page(7, Line("História da vila", 60, 150, 400.5, 9)))
    assert len(take_running_heads(pages)) == 6
    assert texts(pages).count("História da vila") == 1


def test_a_year_alone_in_a_line_is_text() -> None:
    pages = [page(n, Line(str(n), 200, 210, 30, 9)) for n in range(1, 9)]
    pages[3].lines.append(Line("1984", 60, 90, 200, 11))
    take_running_heads(pages)
    assert "1984" in texts(pages)


def test_a_raised_two_is_no_number() -> None:
    assert take_running_heads([page(n, Line("x ²", 60, 90, 560, 9)) for n in range(1, 3)]) == []
