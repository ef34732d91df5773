"""Books among articles: editions of one work, chapters that stand in a book, verse and dialogue, lines by chapter."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from aurora_crawl.corpus.withdrawal import forget_in_corpus
from aurora_crawl.items import Chapter, work_of
from aurora_crawl.text.quality import MARKS

Invent = Callable[[int, int], str]
Edit = Callable[[str, float, int], str]

FORMATS = ("epub", "html", "pdf", "ocr")


def volume(invent: Invent, seed: int, chapters: int = 12, words: int = 300) -> tuple[str, list[Chapter]]:
    """A book's text, and where its chapters begin."""
    text, found = "", []
    for number in range(chapters):
        title = f"Capítulo {number + 1}"
        text += "\n\n" if text else ""
        found.append(Chapter(title, len(text)))
        text += f"{title}\n\n{invent(words, 100 * seed + number)}"
    return text, found


def add_book(shards: Any, text: str, chapters: list[Chapter] = [], **fields: object) -> str:  # noqa: B006
    known = {"kind": "book", "format": "epub", "published": "1899", "license": "CC0-1.0", "route": "files"}
    id: str = shards.add("livros", text, chapters=chapters, **{**known, **fields})
    return id


@pytest.mark.parametrize("better", range(3))
def test_of_a_works_editions_the_best_format_stays(
    shards: Any, invent: Invent, edit: Edit, make: Any, better: int
) -> None:
    text, _ = volume(invent, 1)
    add_book(shards, edit(text, 0.05, 1), format=FORMATS[better + 1], published="1880")
    best = add_book(shards, text, format=FORMATS[better], published="2020")
    add_book(shards, edit(text, 0.03, 2) + f"\n\n{invent(200, 9)}", format="ocr")
    other = add_book(shards, volume(invent, 2)[0], format="ocr")
    assert make(shards).ids == {best, other}


@pytest.mark.parametrize("spelling", range(12, 16))
def test_an_edition_in_another_spelling_is_the_same_work(
    shards: Any, invent: Invent, edit: Edit, make: Any, spelling: int
) -> None:
    text, _ = volume(invent, spelling, words=900)
    best = add_book(shards, text)
    add_book(shards, edit(text, 0.12, spelling), format="pdf")
    assert make(shards).ids == {best}


def test_of_one_format_the_less_noisy_stays(shards: Any, invent: Invent, make: Any) -> None:
    text, _ = volume(invent, 1)
    rng = random.Random(1)
    misread = " ".join(f"{w[0]}|{w[1:]}" if rng.random() < 0.03 and len(w) > 3 else w for w in text.split(" "))
    add_book(shards, misread, format="ocr", published="1880")
    clean = add_book(shards, text, format="ocr", published="1999")
    assert make(shards).ids == {clean}


def test_a_volume_is_no_edition_of_the_collected_works(shards: Any, invent: Invent, make: Any) -> None:
    first, second = volume(invent, 1)[0], volume(invent, 2)[0]
    both = add_book(shards, f"{first}\n\n{second}", format="pdf")
    add_book(shards, first)
    built = make(shards)
    assert built.ids == {both}
    assert built.dropped == {"stands in another document": 1}


@pytest.mark.parametrize("site", ["mst", "livros"])
def test_a_chapter_of_any_edition_stands_in_the_one_that_stays(
    shards: Any, invent: Invent, edit: Edit, make: Any, site: str
) -> None:
    text, _ = volume(invent, 1)
    best = add_book(shards, text)
    printed = edit(text, 0.02, 1)
    add_book(shards, printed, format="pdf")
    third = printed.split("\n\nCapítulo ")[3]
    shards.add(site, f"Publicamos hoje um capítulo do livro, que faz cem anos.\n\n{third}", address="https://a.org/3")
    built = make(shards)
    assert built.ids == {best}
    assert built.dropped == {"nearly the same text": 1, "stands in another document": 1}


def test_quotation_marks_case_and_accents_hide_no_chapter(shards: Any, invent: Invent, make: Any) -> None:
    text, chapters = volume(invent, 1)
    best = add_book(shards, text, chapters)
    chapter = text[chapters[4].offset : chapters[6].offset].upper().replace(".", "!").replace(" ", "  ")
    shards.add("mst", chapter)
    assert make(shards).ids == {best}


def test_a_text_that_quotes_a_book_stays_and_so_does_a_book_of_which_an_article_holds_a_part(
    shards: Any, invent: Invent, make: Any
) -> None:
    text, _ = volume(invent, 1)
    quoted = "\n\n".join(text.split("\n\n")[1:5])
    ids = {add_book(shards, text), shards.add("mst", f"{invent(300, 50)}\n\n{quoted}\n\n{invent(200, 51)}")}
    assert make(shards).ids == ids


def test_lists_that_share_their_only_long_line_both_stay(shards: Any, invent: Invent, make: Any) -> None:
    notice = "A lista completa das obras pode ser pedida na secretaria da biblioteca."
    ids = {
        shards.add("mst", "\n\n".join([notice, *(f"Obra {word} de {number}" for word in invent(60, number).split())]))
        for number in (1, 2)
    }
    ids.add(shards.add("averdade", f"{notice}\n\n{invent(900, 3)}"))
    assert make(shards, ignored_marks=MARKS).ids == ids


def test_what_quality_keeps_out_takes_no_chapter_with_it(shards: Any, invent: Invent, make: Any) -> None:
    text, chapters = volume(invent, 1)
    numbers = " ".join(str(number) for number in range(9_000))
    add_book(shards, f"{text}\n\n{numbers}")
    chapter = shards.add("mst", text[chapters[2].offset : chapters[3].offset].strip())
    built = make(shards)
    assert built.ids == {chapter}
    assert built.dropped == {"nonalphabetic_words": 1}


def test_verse_and_dialogue_of_books_reach_the_thresholds(shards: Any, make: Any) -> None:
    verse = "\n\n".join(
        f"Minha terra de número {n}\ntem palmares\nque o vento não varre\ne uma rua de mares" for n in range(300)
    )
    dialogue = "\n\n".join(
        "— Quem chegou?\n\n— Ninguém.\n\n— Pois ouvi bater, de noite, na porta da cozinha" for _ in range(300)
    )
    ids = {add_book(shards, verse), add_book(shards, dialogue)}
    shards.add("mst", verse.replace("Minha", "Nossa"))
    assert make(shards, similarity=1.0).ids == ids


def test_by_chapter_splits_after_duplicates_and_loses_nothing(shards: Any, invent: Invent, make: Any) -> None:
    text, chapters = volume(invent, 1)
    part = "Primeira Parte"
    text = f"{part}\n\n{text}"
    within = [Chapter(part, 0), *(Chapter(one.title, one.offset + len(part) + 2) for one in chapters)]
    book = add_book(shards, text, within)
    add_book(shards, text.replace(",", ""), format="pdf")
    article = shards.add("mst", invent(300, 77))
    built = make(shards, by="chapter")
    pieces = [line for line in built.lines if line["kind"] == "book"]
    assert [line["section"] for line in pieces] == [f"Capítulo {n}" for n in range(1, 13)]
    assert [chapter["title"] for chapter in pieces[0]["chapters"]] == [part, "Capítulo 1"]
    assert "\n\n".join(str(line["text"]) for line in pieces) == text
    assert {work_of(str(line["id"])) for line in built.lines} == {book, article}
    assert len({line["id"] for line in built.lines}) == 13
    last = built.manifest.steps[-1]
    assert (last.name, last.documents, built.manifest.by("kind")["book"].documents) == ("chapters", 13, 12)
    assert forget_in_corpus(built.folder, {book}) == 12


def test_what_is_before_the_first_chapter_is_a_line_of_its_own(shards: Any, invent: Invent, make: Any) -> None:
    text, chapters = volume(invent, 1, chapters=2)
    front = "Ao leitor, que talvez não conheça a vila de que se fala aqui."
    moved = [Chapter(one.title, one.offset + len(front) + 2) for one in chapters]
    add_book(shards, f"{front}\n\n{text}", moved)
    assert [line["section"] for line in make(shards, by="chapter").lines] == [None, "Capítulo 1", "Capítulo 2"]


def test_all_chapters_of_a_book_are_on_one_side(shards: Any, invent: Invent, make: Any) -> None:
    for seed in range(1, 9):
        add_book(shards, *volume(invent, seed, chapters=3))
    built = make(shards, by="chapter", validation=0.5, output="divided")
    sides = [{work_of(str(line["id"])) for line in _lines(built, part)} for part in ("train", "validation")]
    assert all(sides)
    assert not sides[0] & sides[1]


def test_an_article_that_holds_most_of_another_is_on_its_side(shards: Any, invent: Invent, make: Any) -> None:
    for number in range(30):
        short = invent(300, number)
        shards.add("mst", f"{short}\n\n{invent(150, 200 + number)}", address=f"https://mst.org.br/{number}-a")
        shards.add(
            "averdade", f"{short}\n\n{invent(2000, 400 + number)}", address=f"https://averdade.org.br/{number}-b"
        )
    built = make(shards, validation=0.5)
    assert len(built.lines) == 60
    train = {str(line["url"]).rpartition("/")[2][:-2] for line in _lines(built, "train")}
    validation = {str(line["url"]).rpartition("/")[2][:-2] for line in _lines(built, "validation")}
    assert train
    assert validation
    assert not train & validation


def test_of_equal_texts_the_one_whose_origin_is_known_stays(shards: Any, invent: Invent, make: Any) -> None:
    text = invent(200, 1)
    row = {"license": "LicenseRef-unknown", "provenance": "unknown", "published": None, "route": "files"}
    shards.add("livros", text, **row)
    known = shards.add("mst", f"{text} Livros, livros.", published=None)
    other = shards.add("livros", invent(200, 2), **row)
    built = make(shards)
    assert built.ids == {known, other}
    assert built.manifest.by("provenance")["unknown"].documents == 1
    assert '`provenance` says "unknown"' in (built.folder / "README.md").read_text("utf-8")


def test_a_longer_copy_of_unknown_origin_takes_no_articles_place(shards: Any, invent: Invent, make: Any) -> None:
    text = invent(200, 1)
    row = shards.add("livros", f"{text}\n\n{invent(300, 2)}", provenance="unknown", route="files")
    article = shards.add("mst", text, address="https://mst.org.br/a")
    assert make(shards).ids == {row, article}


def _lines(built: Any, part: str) -> list[dict[str, object]]:
    import gzip
    import json

    lines: list[dict[str, object]] = []
    for path in sorted(built.folder.glob(f"{part}-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            lines += map(json.loads, file)
    return lines
