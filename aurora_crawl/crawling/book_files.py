"""Files at hand to Articles: books with what a sidecar says of them, and rows of plain text that people have already."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from aurora_crawl.addresses import refusal
from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.extraction.readers import READERS, read_book
from aurora_crawl.items import FROM_FILES, READING_RULES, UNKNOWN_PROVENANCE, Article, Chapter, Removal
from aurora_crawl.messages import N_, Message
from aurora_crawl.text.books.clean_book import BookCleaning, NotesGo
from aurora_crawl.text.books.document import Book

UNKNOWN_LICENSE = "LicenseRef-unknown"
"""What stands as licence where nobody says where a text is from."""

SIDECAR_KEYS = ("title", "authors", "year", "license", "source", "keep_prefaces")
ROW_SUFFIXES = (".jsonl", ".json")
MAX_ROWS_FILE = 500_000_000
"""Bytes of a `.json` list, which is read whole; `.jsonl` may be of any size."""

SHORTEST_BOOK = 15_000
"""Words from which on a plain text without chapters and sidecar counts as a book."""

_BOOK_SUFFIXES = frozenset(suffix for reader in READERS for suffix in reader.suffixes)
_HTML = (".htm", ".html", ".xhtml")
_BESIDE_HTML = (".css", ".js", ".jpg", ".jpeg", ".png", ".gif", ".svg", ".yml", ".yaml")
_YEAR = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_LONGEST_TITLE = 80
_CHUNK = 1 << 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a person says of a book in `NAME.yml` beside `NAME.pdf`; `keep_prefaces` if others' prefaces are licensed too."""

    title: str = ""
    authors: tuple[str, ...] = ()
    year: str | None = None
    license: str | None = None
    source: str = ""
    keep_prefaces: bool = False


@dataclass(frozen=True, slots=True)
class BookOptions:
    """How files are read: where notes go, and the folder for pages that Tesseract read, null to do without it."""

    notes: NotesGo = "away"
    ocr: Path | None = None
    site: str = "livros"
    sidecar: Sidecar | None = field(default=None)


def files_in(path: Path) -> list[Path]:
    """The books and rows of a file or folder, in the order of their names; a folder of nothing but HTML pages is one book.

    Raises BookError where there is none.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BookError(N_("{path}: no such file or folder"), path=path)
    found = list(_walk(path))
    if not found:
        kinds = ", ".join(sorted(_BOOK_SUFFIXES | set(ROW_SUFFIXES)))
        raise BookError(N_("{path}: holds no books ({kinds})"), path=path, kinds=kinds)
    return found


def _walk(folder: Path) -> Iterator[Path]:
    inside = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    files = [one for one in inside if one.is_file() and one.suffix.lower() not in _BESIDE_HTML]
    if len(files) > 1 and all(one.suffix.lower() in _HTML for one in files):
        yield folder
    else:
        yield from (one for one in files if one.suffix.lower() in _BOOK_SUFFIXES or one.suffix.lower() in ROW_SUFFIXES)
    for one in inside:
        # A link could lead round and round.
        if one.is_dir() and not one.is_symlink():
            yield from _walk(one)


def file_id(path: Path) -> str:
    """The 16 hex digits that name a file by its bytes, wherever it lies; a folder's by those of its pages."""
    digest = sha256()
    for one in sorted(path.iterdir()) if path.is_dir() else [path]:
        if path.is_dir() and one.suffix.lower() not in _HTML:
            continue
        with one.open("rb") as file:
            while piece := file.read(_CHUNK):
                digest.update(piece)
    return digest.hexdigest()[:16]


def address_of(path: Path) -> str:
    """What stands as a file's address: its name, without the folders of the person whose it is."""
    return f"file:///{quote(path.name)}"


def is_rows(path: Path) -> bool:
    """Whether a file holds rows of plain text."""
    return path.suffix.lower() in ROW_SUFFIXES


def read_sidecar(path: Path) -> Sidecar | None:
    """What the YAML file beside a book says; null where there is none. Raises BookError for a wrong one."""
    file = next((one for suffix in (".yml", ".yaml") if (one := path.with_suffix(suffix)).is_file()), None)
    if file is None:
        return None
    try:
        import yaml
    except ImportError as error:
        raise BookError(N_("{path}: needs PyYAML: pip install 'aurora-br[books]'"), path=file) from error
    try:
        said = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BookError(N_("{path}: is no YAML: {why}"), path=file, why=" ".join(str(error).split())) from error
    if not isinstance(said, dict):
        raise BookError(N_("{path}: wants keys and values, such as title: Dom Casmurro"), path=file)
    if unknown := [str(key) for key in said if key not in (*SIDECAR_KEYS, "author", "licence")]:
        known = ", ".join(SIDECAR_KEYS)
        raise BookError(N_("{path}: unknown key {key}; known are {known}"), path=file, key=unknown[0], known=known)
    authors = said.get("authors", said.get("author", ()))
    year = said.get("year")
    if year is not None and not _YEAR.fullmatch(str(year)):
        raise BookError(N_("{path}: year is {year}, not one like 1899"), path=file, year=year)
    source = str(said.get("source") or "")
    if source and refusal(source) is not None:
        raise BookError(
            N_("{path}: source is {source}, no address like https://example.org/livro"), path=file, source=source
        )
    license = said.get("license", said.get("licence"))
    return Sidecar(
        title=str(said.get("title") or ""),
        authors=tuple(map(str, authors if isinstance(authors, list) else [authors] if authors else ())),
        year=None if year is None else str(year),
        license=None if license is None else str(license),
        source=source,
        keep_prefaces=bool(said.get("keep_prefaces")),
    )


def read_book_file(path: Path, options: BookOptions, progress: Progress | None = None) -> Article:
    """A file's book as an Article, before the steps of cleaning. Raises BookError in one line, with the file's name."""
    sidecar = options.sidecar or read_sidecar(path) or Sidecar()
    chosen = BookCleaning(options.notes, sidecar.keep_prefaces, sidecar.title, sidecar.authors)
    book = read_book(path, chosen, ocr=options.ocr, progress=progress)
    article = article_of(book, id=file_id(path), url=sidecar.source or address_of(path), site=options.site)
    article.published = sidecar.year or book.published
    article.license = sidecar.license or UNKNOWN_LICENSE
    article.provenance = sidecar.source or UNKNOWN_PROVENANCE
    is_plain = path.suffix.lower() == ".txt" and sidecar == Sidecar()
    if is_plain and not book.chapters and len(article.text.split()) < SHORTEST_BOOK:
        article.kind, article.format = "article", None
    return article


def article_of(book: Book, *, id: str, url: str, site: str) -> Article:
    """A clean book as the record that is stored."""
    return Article(
        id=id,
        url=url,
        site=site,
        title=" ".join(book.title.split()),
        text=book.text,
        # Positions count the paragraphs before any cut, as all records do.
        removed=[
            Removal(one.position + before, "whole", one.text, f"{READING_RULES}{one.rule}")
            for before, one in enumerate(book.removed)
        ],
        authors=list(dict.fromkeys(" ".join(name.split()) for name in book.authors)),
        published=book.published,
        kind="book",
        chapters=[Chapter(one.title, one.offset) for one in book.chapters],
        format=book.format,
        route=FROM_FILES,
        crawled_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def read_rows(path: Path, site: str, tell: Callable[[str], None]) -> Iterator[Article]:
    """The texts of a file of rows, `{"text": …}` each, in lines or in one list; `tell` hears of rows that are none.

    Raises BookError for a file that cannot be read.
    """
    for number, row in enumerate(_rows(path), start=1):
        text = row.get("text") if isinstance(row, dict) else row
        if not isinstance(text, str) or not text.strip():
            tell(Message("{path}: row {number} has no text; passed over", path=path, number=number))
            continue
        said = row if isinstance(row, dict) else {}
        title, url = said.get("title"), said.get("url")
        told = url if isinstance(url, str) and refusal(url) is None else None
        yield Article(
            id=sha256(text.encode("utf-8", "replace")).hexdigest()[:16],
            url=told or f"{address_of(path)}#{number}",
            site=site,
            title=title.strip() if isinstance(title, str) and title.strip() else _first_words(text),
            text=text,
            license=UNKNOWN_LICENSE,
            provenance=told or UNKNOWN_PROVENANCE,
            route=FROM_FILES,
            crawled_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def _rows(path: Path) -> Iterator[object]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            first = file.read(64).lstrip()
            file.seek(0)
            if not first.startswith("["):
                for line in file:
                    if line.strip():
                        yield _parsed(line)
                return
            if path.stat().st_size > MAX_ROWS_FILE:
                raise BookError(N_("{path}: a list of this size wants to be lines of JSON (.jsonl)"), path=path)
            rows = json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        raise BookError(N_("{path}: cannot be read as rows: {why}"), path=path, why=str(error)[:120]) from error
    yield from rows if isinstance(rows, list) else [rows]


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _first_words(text: str) -> str:
    line = " ".join(text[: 4 * _LONGEST_TITLE].split())
    return (
        line if len(line) <= _LONGEST_TITLE else f"{line[:_LONGEST_TITLE].rpartition(' ')[0] or line[:_LONGEST_TITLE]}…"
    )
