"""Each kind of file to its book, on small invented files."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from aurora_crawl.extraction.books.book_errors import BookError, PictureBookError
from aurora_crawl.extraction.books.docx import read_docx
from aurora_crawl.extraction.books.epub import read_epub
from aurora_crawl.extraction.books.html_book import decode, read_html, read_page
from aurora_crawl.extraction.books.pdf_book import read_pdf
from aurora_crawl.extraction.books.plain_text import read_string, read_text
from aurora_crawl.extraction.readers import Budget, read_book, reader_for
from aurora_crawl.text.books.clean_book import clean

PROSE = "O rio levava as folhas da tarde, e ninguém na vila sabia ao certo para onde iam."


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_an_epub_is_read_along_its_spine(tmp_path: Path, made: ModuleType) -> None:
    noted = f'<h1>Capítulo 1<br/>A chegada</h1><p>{PROSE} O rio<a epub:type="noteref" href="n.xhtml#n1">1</a>.</p>'
    notes = '<h1>Notas</h1><aside epub:type="footnote" id="n1">1. Um rio da vila.</aside>'
    pages = {
        "z%20um.xhtml": made.page(noted),
        "b.xhtml": made.page(f"<h1>Capítulo 2</h1><p>{PROSE}</p>"),
        "n.xhtml": made.page(notes),
    }
    book = clean(read_epub(write(tmp_path, "livro.epub", made.epub(pages))))
    assert (book.title, book.authors, book.language) == ("O rio da vila", ["Ana Inventada"], "pt")
    assert [chapter.title for chapter in book.chapters] == ["1. A chegada", "2"]
    assert book.notes == ["[1] Um rio da vila."]
    assert book.paragraphs[1] == f"{PROSE} O rio."


def test_a_page_of_html_in_an_old_encoding(tmp_path: Path) -> None:
    html = '<meta charset="iso-8859-1"><p align="center"><b>II</b></p><p align="center"><b>O EMPLASTO</b></p><p>“Não”, disse. €</p>'
    book = clean(read_html(write(tmp_path, "a.htm", html.encode("cp1252"))))
    assert book.paragraphs == ["II. O EMPLASTO", "“Não”, disse. €"]


def test_a_folder_of_pages_is_one_book_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        write(tmp_path, f"cap{number}.htm", f"<h2>Capítulo {number}</h2><p>{PROSE}</p>".encode())
    assert [block.text for block in read_html(tmp_path).blocks if block.kind == "heading"] == [
        "Capítulo 1",
        "Capítulo 9",
        "Capítulo 10",
    ]


def test_letters_are_decoded_as_they_were_meant() -> None:
    assert decode("coração".encode()) == "coração"
    assert decode(b"\xff\xfe" + "coração".encode("utf-16-le")) == "coração"
    assert decode("A ação da questão não é vã.".encode("latin-1")) == "A ação da questão não é vã."


def test_a_list_a_table_and_verse_keep_their_lines() -> None:
    html = (
        "<p>Antes.</p><ul><li>um</li><li>dois</li></ul><table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"
        '<p class="verso">Minha terra<br>tem um rio</p><blockquote><p>Foi dito.</p></blockquote>'
    )
    found = [(block.kind, block.text) for block in read_page(html).blocks]
    assert found == [
        ("paragraph", "Antes."),
        ("list", "- um\n- dois"),
        ("table", "a | b\nc | d"),
        ("verse", "Minha terra\ntem um rio"),
        ("quotation", "Foi dito."),
    ]


def test_hard_wrapped_text_is_unwrapped_and_lists_and_tables_keep_their_lines() -> None:
    rows = [
        "O rio levava as folhas da tarde, e ninguém na vila sabia ao",
        "certo para onde iam, nem quem as tinha posto ali, nem por",
        "que razão.",
    ]
    items = ["  * primeiro item da lista, que é longo e vai até a outra", "    linha do texto", "  * segundo item"]
    table = ["K        3      Quilo", "M        6      Mega", "G        9      Giga"]
    text = "\n\n".join(
        ["1. Começo\n---------", "\n".join(rows), "\n".join(items), "\n".join(table), "\n".join(rows * 2)]
    )
    found = [(block.kind, block.text) for block in read_string(text).blocks]
    assert found[0] == ("heading", "1. Começo")
    assert found[1] == ("paragraph", " ".join(rows))
    assert found[2] == (
        "list",
        "- primeiro item da lista, que é longo e vai até a outra linha do texto\n- segundo item",
    )
    assert found[3] == ("code", "\n".join(table))


def test_text_whose_lines_are_paragraphs_stays_so() -> None:
    lines = [f"{PROSE} {PROSE}", f"{PROSE} {PROSE} Fim."]
    assert [block.text for block in read_string("\n".join(lines)).blocks] == lines


def test_a_pdf_of_lines_becomes_paragraphs_without_heads(tmp_path: Path, made: ModuleType) -> None:
    pages = []
    for number in range(1, 9):
        rows = [(180.0, 560.0, f"O RIO DA VILA {number}")]
        for row in range(24):
            indent = 18.0 if row % 6 == 0 else 0.0
            own = "abcdefghi"[number] * (row + 1)
            text = (
                f"{own} corria o dia naquela rua de casas baixas, com gente na por-" if row % 6 < 5 else "ta, ao fim."
            )
            rows.append((60.0 + indent, 520.0 - 14 * row, text))
        pages.append(made.text_lines(rows))
    book = clean(read_pdf(write(tmp_path, "livro.pdf", made.pdf_of(pages))))
    assert len(book.paragraphs) == 32
    assert "RIO DA VILA" not in book.text
    assert {removal.rule for removal in book.removed} == {"folio"}
    assert book.paragraphs[0].endswith("porta, ao fim.")


def test_a_docx_is_read(tmp_path: Path) -> None:
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    text = f'<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Capítulo 1</w:t></w:r></w:p><w:p><w:r><w:t>{PROSE}</w:t></w:r></w:p>'
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/word/document.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("_rels/.rels", relations)
        archive.writestr("word/document.xml", f"<w:document {namespace}><w:body>{text}</w:body></w:document>")
    assert [block.text for block in read_docx(path).blocks][-1] == PROSE


@pytest.mark.parametrize(
    ("trap", "said"),
    [
        ("bomb", "a bomb"),
        ("path traversal", "holds no text"),
        ("encryption", "is encrypted (DRM)"),
    ],
)
def test_hostile_epubs_are_named(tmp_path: Path, made: ModuleType, trap: str, said: str) -> None:
    path = write(tmp_path, "trap.epub", made.TRAPS[trap][1]())
    with pytest.raises(BookError, match=said.replace("(", r"\(").replace(")", r"\)")):
        read_epub(path)


@pytest.mark.parametrize("trap", ["percent-encoded address", "entities", "text/html as media type"])
def test_odd_epubs_are_read(tmp_path: Path, made: ModuleType, trap: str) -> None:
    book = read_epub(write(tmp_path, "odd.epub", made.TRAPS[trap][1]()))
    assert any(PROSE in block.text for block in book.blocks)
    assert sum(len(block.text) for block in book.blocks) < 1000


def test_pdfs_without_letters_are_named(tmp_path: Path, made: ModuleType) -> None:
    with pytest.raises(PictureBookError, match="no text layer"):
        read_pdf(write(tmp_path, "a.pdf", made.TRAPS["huge image"][1]()))
    with pytest.raises(PictureBookError, match="fonts"):
        read_pdf(write(tmp_path, "b.pdf", made.TRAPS["font without a map"][1]()))
    with pytest.raises(BookError, match="damaged"):
        read_pdf(write(tmp_path, "c.pdf", made.TRAPS["cut file"][1]()))


def test_an_owners_wish_not_to_copy_is_said(tmp_path: Path, made: ModuleType) -> None:
    book = read_pdf(write(tmp_path, "a.pdf", made.TRAPS["owner's password"][1]()))
    assert "licence" in book.remarks[0]
    assert book.blocks[0].text.startswith("O rio levava")


def test_a_file_is_known_by_its_first_bytes_its_type_and_its_name(tmp_path: Path) -> None:
    names = {"a.bin": b"%PDF-1.5", "b.epub": b"PK", "c.HTM": b"<p>", "d.xyz": b"x"}
    readers = {name: reader_for(write(tmp_path, name, data)) for name, data in names.items()}
    assert {name: reader and reader.name for name, reader in readers.items()} == {
        "a.bin": "pdf",
        "b.epub": "epub",
        "c.HTM": "html",
        "d.xyz": None,
    }
    named = reader_for(tmp_path / "d.xyz", "application/epub+zip; charset=binary")
    assert named
    assert named.name == "epub"


def test_a_binary_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="no text file"):
        read_text(write(tmp_path, "a.txt", b"\x00\x01\x02" * 100))


def test_a_book_is_read_in_a_process_of_its_own_within_its_budget(tmp_path: Path, made: ModuleType) -> None:
    path = write(tmp_path, "O_rio.txt", f"Capítulo 1\n\n{PROSE}\n\n{PROSE}".encode())
    book = read_book(path, budget=Budget(seconds=20))
    assert book.title == "O rio"
    assert book.text.count(PROSE) == 2
    with pytest.raises(BookError, match=r"trap\.pdf: is damaged"):
        read_book(write(tmp_path, "trap.pdf", made.TRAPS["cut file"][1]()))
