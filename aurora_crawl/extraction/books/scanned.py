"""Pictures of pages to text by Tesseract: page by page, each kept on disk, so that the next run goes on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pypdfium2

from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.extraction.books.pdf import open_pdf
from aurora_crawl.extraction.books.plain_text import read_string
from aurora_crawl.messages import N_, Message
from aurora_crawl.text.books.document import RawBook

RESOLUTION = 300
"""Dots per inch, what Tesseract is trained on."""

MAX_PIXELS = 40_000_000
"""Of a rendered page; an A4 page at 300 dots per inch has 9 million. Larger ones are rendered coarser."""

PAGE_SECONDS = 120
_POINTS = 72
_LANGUAGE = "por"


def read_scanned(path: Path, kept: Path, progress: Callable[[int, int], None] | None = None) -> RawBook:
    """The book of a PDF's pictures of pages. Each page's text is kept as `kept/0001.txt` and not read twice.

    Raises BookError where Tesseract or its Portuguese is not installed.
    """
    tesseract = _tesseract()
    document = open_pdf(path)
    try:
        kept.mkdir(parents=True, exist_ok=True)
        count = len(document)
        texts: list[str] = []
        failed = 0
        for index in range(count):
            if progress:
                progress(index, count)
            file = kept / f"{index + 1:04}.txt"
            text = file.read_text("utf-8") if file.is_file() else _page_text(tesseract, document, index)
            if text is None:
                # Not kept: the next run tries it again.
                failed += 1
            elif not file.is_file():
                part = file.with_suffix(".part")
                part.write_text(text, "utf-8")
                part.replace(file)
            texts.append(text or "")
    finally:
        document.close()
    if failed == count:
        raise BookError(Message("none of its {count} pages could be read by Tesseract", count=count))
    book = read_string("\f".join(text.replace("\f", "") for text in texts) + "\f")
    book.remarks.append(Message("read from pictures of {count} pages by Tesseract", count=count))
    if failed:
        book.remarks.append(Message("{failed} pages could not be read", failed=failed))
    return book


def _tesseract() -> str:
    found = shutil.which("tesseract")
    if found is None:
        raise BookError(N_("needs Tesseract: apt install tesseract-ocr tesseract-ocr-por"))
    languages = subprocess.run([found, "--list-langs"], capture_output=True, text=True, timeout=30, check=False).stdout
    if _LANGUAGE not in languages.split():
        raise BookError(N_("needs Tesseract's Portuguese: apt install tesseract-ocr-por"))
    return found


def _page_text(tesseract: str, document: pypdfium2.PdfDocument, index: int) -> str | None:
    """What Tesseract reads on a page; None where the page cannot be rendered or read in its time."""
    try:
        page = document[index]
        width, height = page.get_size()
        scale = min(RESOLUTION / _POINTS, (MAX_PIXELS / max(1.0, width * height)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        pixels = bitmap.to_numpy()
        picture = (
            b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + pixels.reshape(bitmap.height, bitmap.width).tobytes()
        )
        bitmap.close()
        page.close()
        # One thread: several pages at once are for the person who starts several books.
        read = subprocess.run(
            [tesseract, "stdin", "stdout", "-l", _LANGUAGE, "--dpi", str(round(scale * _POINTS))],
            input=picture,
            capture_output=True,
            timeout=PAGE_SECONDS,
            check=False,
            env={"OMP_THREAD_LIMIT": "1"},
        )
    except (pypdfium2.PdfiumError, subprocess.TimeoutExpired, ValueError):
        return None
    return read.stdout.decode("utf-8", "replace") if read.returncode == 0 else None
