"""A book's blocks to its text: chapters, front matter, notes."""

from __future__ import annotations

import pytest

from aurora_crawl.text.books.clean_book import BookCleaning, clean
from aurora_crawl.text.books.document import MARK_END, MARK_START, Block, Book, RawBook
from aurora_crawl.text.books.headings import is_chapter_line, normal_form, respaced

LONG = "O rio levava as folhas da tarde, e ninguém na vila sabia ao certo para onde iam. " * 12


def heading(text: str, level: int = 1) -> Block:
    return Block("heading", text, level)


def paragraph(text: str = LONG) -> Block:
    return Block("paragraph", text.strip())


def book(*blocks: Block, **chosen: object) -> Book:
    return clean(RawBook(list(blocks), title="O rio", authors=["Ana Inventada"]), BookCleaning(**chosen))  # type: ignore[arg-type]


CHAPTERS = (
    heading("CAPÍTULO I"),
    heading("A chegada", 2),
    paragraph(),
    heading("CAPÍTULO II"),
    heading("A volta", 2),
    paragraph(),
)


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("CAPÍTULO II\nDo livro", "II. Do livro"),
        ("Capítulo 3 — A casa", "3. A casa"),
        ("XIV", "XIV"),
        ("Capítulo primeiro", "primeiro"),
        ("I A LIÇÃO DE VIOLÃO", "I. A LIÇÃO DE VIOLÃO"),
        ("SEGUNDA PARTE", "SEGUNDA PARTE"),
        ("D. Glória", "D. Glória"),
        ("2 de março de 1869", "2 de março de 1869"),
    ],
)
def test_a_chapters_heading_has_one_form(printed: str, normal: str) -> None:
    assert normal_form(printed) == normal


@pytest.mark.parametrize("line", ["CAPÍTULO I", "XII", "Parte II", "IV. DESASTROSAS"])
def test_lines_that_begin_chapters(line: str) -> None:
    assert is_chapter_line(line)


@pytest.mark.parametrize("line", ["12", "capítulo I do livro que li, e", "I was", "Cem anos", "parte do que disse"])
def test_lines_that_begin_none(line: str) -> None:
    assert not is_chapter_line(line)


def test_spaced_capitals_are_a_chapters_word() -> None:
    assert respaced("      C A PÍ T U LO I") == "CAPÍTULO I"
    assert respaced("o que era para ser") == "o que era para ser"


def test_chapters_begin_where_they_say() -> None:
    found = book(*CHAPTERS)
    assert [chapter.title for chapter in found.chapters] == ["I. A chegada", "II. A volta"]
    assert all(found.text.startswith(chapter.title, chapter.offset) for chapter in found.chapters)


def test_a_preface_by_somebody_else_goes_and_the_authors_prologue_stays() -> None:
    signed = (heading("O que é este rio"), paragraph(), paragraph("João Outro da Silva"))
    found = book(
        heading("Prefácio"),
        paragraph(),
        *signed,
        heading("Ao leitor"),
        paragraph("Leitor, este livro é teu."),
        *CHAPTERS,
    )
    assert found.paragraphs[0] == "Ao leitor"
    assert {removal.rule for removal in found.removed} == {"preface", "front-matter"}
    kept = book(heading("Prefácio"), paragraph(), *CHAPTERS, whole=True)
    assert kept.paragraphs[0] == "Prefácio"


def test_contents_and_colophon_go() -> None:
    contents = [paragraph(f"Capítulo {n} . . . . . . . . . {10 * n}") for n in range(1, 8)]
    colophon = paragraph(
        "Copyright © Editora Tal Ltda. Todos os direitos reservados. ISBN 978-85-0000-000-0. Ficha catalográfica."
    )
    found = book(heading("O rio"), colophon, heading("Sumário"), *contents, *CHAPTERS)
    assert found.paragraphs[0] == "I. A chegada"
    assert {removal.rule for removal in found.removed} == {"colophon", "contents"}


def test_a_book_without_numbered_chapters_keeps_its_text() -> None:
    found = book(heading("A chegada"), paragraph(), heading("A volta"), paragraph())
    assert len(found.chapters) == 2
    assert found.removed == []


def test_notes_go_away_or_to_their_chapters_end() -> None:
    blocks = [*CHAPTERS]
    blocks[2] = paragraph(f"O rio{MARK_START}1{MARK_END} levava as folhas.")
    blocks.insert(3, Block("note", "Um rio da vila.", label="1"))
    away = book(*blocks)
    assert away.paragraphs[1] == "O rio levava as folhas."
    assert [(removal.rule, removal.text) for removal in away.removed] == [("note", "[1] Um rio da vila.")]
    at_end = book(*blocks, notes="chapter")
    assert at_end.paragraphs[1:4] == ["O rio[1] levava as folhas.", "[1] Um rio da vila.", "II. A volta"]


def test_an_inscription_is_no_heap_of_headings() -> None:
    lines = [heading(text) for text in ("DEDICATÓRIA", "AO RIO", "QUE LEVOU", "AS PRIMEIRAS FOLHAS", "DEDICO")]
    found = book(*lines, *CHAPTERS)
    assert found.paragraphs[:3] == ["DEDICATÓRIA", "AO RIO\nQUE LEVOU\nAS PRIMEIRAS FOLHAS\nDEDICO", "I. A chegada"]
