"""DOCX by mammoth: its HTML is read as any book's."""

from __future__ import annotations

import logging
import zipfile
import zlib
from pathlib import Path

from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.extraction.books.html_book import read_page
from aurora_crawl.messages import N_
from aurora_crawl.text.books.document import RawBook

MAX_MEMBER = 100_000_000
"""Bytes to which a member may unpack: Word's XML of the longest novels has 20 MB."""

_CHUNK = 1 << 20
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Título'] => h1:fresh
p[style-name='Título 1'] => h1:fresh
p[style-name='Título 2'] => h2:fresh
p[style-name='Título 3'] => h3:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Citação'] => blockquote > p:fresh
"""


def read_docx(path: Path) -> RawBook:
    """The book of a DOCX file. Raises BookError for what is none, is encrypted, or is a bomb."""
    import mammoth

    _refuse_bombs(path)
    logging.getLogger("mammoth").setLevel(logging.ERROR)
    try:
        with path.open("rb") as file:
            html = mammoth.convert_to_html(
                file,
                style_map=_STYLES,
                convert_image=mammoth.images.img_element(lambda _image: {}),
                external_file_access=False,
            ).value
    except Exception as error:
        raise BookError(N_("is damaged, or no DOCX ({name})"), name=type(error).__name__) from error
    return read_page(f"<html><body>{html}</body></html>")


def _refuse_bombs(path: Path) -> None:
    """Unpacks every member of XML once and counts: the sizes that a zip declares may be lies."""
    if path.open("rb").read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise BookError(N_("is encrypted, or an old .doc; save it as .docx without a password"))
    left = MAX_MEMBER
    try:
        with zipfile.ZipFile(path) as archive:
            if "word/document.xml" not in archive.namelist():
                raise BookError(N_("is no DOCX: it holds no word/document.xml"))
            for name in archive.namelist():
                if not name.endswith((".xml", ".rels")):
                    continue
                with archive.open(name) as member:
                    while piece := member.read(_CHUNK):
                        left -= len(piece)
                        if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
                            raise BookError(N_("declares entities in its XML, which no writer of DOCX does"))
                        if left < 0:
                            raise BookError(
                                N_("unpacks to more than {number} MB: a bomb"), number=MAX_MEMBER // 1_000_000
                            )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise BookError(N_("is damaged, or no DOCX: {why}"), why=error) from error
    except RuntimeError as error:
        raise BookError(N_("is encrypted with a password; save a copy without it")) from error
