"""Pictures of pages: read by Tesseract page by page, each kept, so that the next run goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pypdfium2
import pytest

from aurora_crawl.crawling.book_files import BookOptions, read_book_file
from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.extraction.books.scanned import read_scanned
from aurora_crawl.text.books.clean_book import clean

LINES = ("O rio levava as folhas da tarde,", "e a vila inteira olhava da ponte", "sem saber para onde iam.")


def pictured(path: Path, pages: int, *, written: bool = False) -> Path:
    """A PDF of pictures of pages; blank ones unless there is to be text on them."""
    with pypdfium2.PdfDocument.new() as target:
        for _ in range(pages):
            with pypdfium2.PdfDocument.new() as typed:
                page = typed.new_page(360, 200)
                for number, line in enumerate(LINES if written else ()):
                    _type(typed, page, line, 150 - 30 * number)
                page.gen_content()
                bitmap = page.render(scale=3)
            image = pypdfium2.PdfImage.new(target)
            image.set_bitmap(bitmap)
            image.set_matrix(pypdfium2.PdfMatrix().scale(360, 200))
            empty = target.new_page(360, 200)
            empty.insert_obj(image)
            empty.gen_content()
        target.save(path)
    return path


def _type(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, line: str, height: float) -> None:
    raw = pypdfium2.raw
    text = raw.FPDFPageObj_NewTextObj(document.raw, b"Times-Roman", 20.0)
    letters = (line + "\0").encode("utf-16-le")
    kept = (raw.FPDF_WCHAR * (len(letters) // 2)).from_buffer_copy(letters)
    raw.FPDFText_SetText(text, kept)
    raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, 20, height)
    raw.FPDFPage_InsertObject(page.raw, text)


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in Tesseract's place that notes each call; the file `fails` makes it fail."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "tesseract"
    program.write_text(
        "#!/bin/sh\n"
        f'if [ "$1" = --list-langs ]; then echo "List:"; while read one; do echo "$one"; done < {folder}/langs; exit 0; fi\n'
        f"echo read >> {folder}/calls\n"
        f"[ -e {folder}/fails ] && exit 1\n"
        'echo "O rio levava as folhas da tarde, e a vila olhava."\n'
    )
    program.chmod(0o755)
    (folder / "langs").write_text("eng\npor\n")
    (folder / "calls").write_text("")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_each_page_is_read_once_whatever_ends_the_run(tmp_path: Path, reader: Path) -> None:
    path = pictured(tmp_path / "a.pdf", 3)
    kept = tmp_path / "ocr"

    def ends(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_scanned(path, kept, ends)
    assert sorted(one.name for one in kept.iterdir()) == ["0001.txt", "0002.txt"]
    book = clean(read_scanned(path, kept))
    assert (reader / "calls").read_text().split() == ["read"] * 3
    assert book.text.count("O rio levava") == 3
    assert book.remarks == ["read from pictures of 3 pages by Tesseract"]


def test_a_page_that_cannot_be_read_is_said_and_tried_again(tmp_path: Path, reader: Path) -> None:
    path = pictured(tmp_path / "a.pdf", 2)
    (reader / "fails").touch()
    with pytest.raises(BookError, match="none of its 2 pages"):
        read_scanned(path, tmp_path / "ocr")
    (tmp_path / "ocr" / "0001.txt").write_text("A vila dormia, e o rio levava as folhas da tarde.", "utf-8")
    raw = read_scanned(path, tmp_path / "ocr")
    assert "1 pages could not be read" in raw.remarks
    (reader / "fails").unlink()
    text = clean(read_scanned(path, tmp_path / "ocr")).text
    assert "A vila dormia" in text
    assert "e a vila olhava" in text


@pytest.mark.parametrize(("there", "said"), [(False, "needs Tesseract"), (True, "Tesseract's Portuguese")])
def test_what_is_not_installed_is_named(tmp_path: Path, reader: Path, there: bool, said: str) -> None:
    (reader / "langs").write_text("eng\n")
    if not there:
        (reader / "tesseract").unlink()
    with pytest.raises(BookError, match=said):
        read_scanned(pictured(tmp_path / "a.pdf", 1), tmp_path / "ocr")


@pytest.mark.skipif(not shutil.which("tesseract"), reason="needs tesseract-ocr and tesseract-ocr-por")
def test_pictures_become_a_book_of_that_format(tmp_path: Path) -> None:
    path = pictured(tmp_path / "a.pdf", 1, written=True)
    with pytest.raises(BookError, match="no text layer"):
        read_book_file(path, BookOptions())
    article = read_book_file(path, BookOptions(ocr=tmp_path / "ocr"))
    assert article.format == "ocr"
    # A small type is read with a letter wrong here and there.
    assert "O rio levava as folhas da tarde, e a vila inteira olhava da ponte" in " ".join(article.text.split())
