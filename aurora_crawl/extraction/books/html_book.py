"""A book in one HTML file, or in a folder of them: letters decoded as browsers do, blocks by `markup`."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.extraction.books.book_markup import to_blocks
from aurora_crawl.extraction.tree import descendants, parse, text_of
from aurora_crawl.messages import N_
from aurora_crawl.text.books.document import RawBook

MAX_FILE = 50_000_000
_DECLARED = re.compile(rb"""(?:charset\s*=\s*["']?|encoding\s*=\s*["'])([A-Za-z0-9_:.-]{2,40})""")
_AS_BROWSERS_DO = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
}


def decode(data: bytes) -> str:
    """Bytes of a text as the letters that they stand for: byte order mark, UTF-8, what they declare, else the likeliest.

    ISO-8859-1 is read as windows-1252, as browsers do; bytes that this knows not either are looked for by
    charset-normalizer. Never raises; a byte that means nothing is U+FFFD.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Cut files end in half a letter.
        if error.start >= len(data) - 3:
            return data.decode("utf-8", "ignore")
    declared = _DECLARED.search(data[:4096])
    if declared:
        name = declared[1].decode("ascii").lower()
        try:
            return data.decode(_AS_BROWSERS_DO.get(name, name))
        except (LookupError, UnicodeDecodeError):
            if name.startswith("utf"):
                # Declared and mostly true: what is broken shows.
                text = data.decode("utf-8", "replace")
                if text.count("\ufffd") * 200 < len(text):
                    return text
    return _guessed(data)


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes

    sample = data[:200_000]
    best = from_bytes(sample, cp_isolation=["cp1252", "cp850", "mac_roman", "utf_16", "utf_8"]).best()
    return data.decode(best.encoding if best else "cp1252", "replace")


def read_html(path: Path) -> RawBook:
    """The book of an HTML file; of a folder, that of its files in the order of their names' numbers."""
    if path.is_dir():
        files = sorted(
            (one for one in path.iterdir() if one.suffix.lower() in {".htm", ".html", ".xhtml"}), key=_natural
        )
        if not files:
            raise BookError(N_("holds no HTML files"))
        # The page of contents comes first, whatever its name.
        files.sort(key=lambda one: one.stem.lower() not in {"index", "indice", "capa"})
        book = RawBook([])
        for file in files:
            part = read_html(file)
            book.blocks += part.blocks
            book.title = book.title or part.title
            book.authors = book.authors or part.authors
            book.language = book.language or part.language
        return book
    if path.stat().st_size > MAX_FILE:
        raise BookError(N_("has more than {number} MB"), number=MAX_FILE // 1_000_000)
    return read_page(decode(path.read_bytes()))


def read_page(html: str) -> RawBook:
    """The book of a page of HTML."""
    root = parse(html)
    title = next((text_of(one) for one in descendants(root, "title")), "")
    authors = [
        content for one in descendants(root, "meta") if _is_author(one) and (content := one.get("content", "").strip())
    ]
    book = RawBook(to_blocks(root), title=title, authors=authors, language=None)
    if not book.blocks:
        raise BookError(N_("holds no text"))
    return book


def _is_author(meta: etree._Element) -> bool:
    return (meta.get("name") or "").lower() in {"author", "dc.creator", "citation_author"}


def _natural(path: Path) -> list[tuple[int, str]]:
    """A name's order in which 10 comes after 9."""
    return [
        (int(part), "") if part.isdigit() and part.isascii() else (-1, part)
        for part in re.split(r"(\d+)", path.name.lower())
    ]
