"""A book's file to its reader, by content type, first bytes or name; each file is read in a process of its own.

The process has a budget of time and memory, so that a hostile file costs only itself; pdfium, which is not safe among
threads, is alone in it.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from aurora_crawl.extraction.books.book_errors import BookError, PictureBookError
from aurora_crawl.items import Format
from aurora_crawl.messages import N_, Message
from aurora_crawl.text.books.clean_book import BookCleaning, clean
from aurora_crawl.text.books.document import Book, RawBook

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]

Progress = Callable[[int, int], None]

SMALL_TEXT = 200_000
"""Bytes of plain text up to which it is read without a process of its own: its size bounds what it costs, and a folder may hold a hundred
thousand of them."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What reading one file may cost: seconds of processor time, and bytes of memory above the interpreter's own."""

    seconds: int = 300
    memory: int = 600_000_000


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of file: what servers call it, how its name ends, and how it begins."""

    name: Format
    content_types: tuple[str, ...]
    suffixes: tuple[str, ...]
    read: Callable[[Path, Progress], RawBook]
    first_bytes: bytes = b""


def _pdf(path: Path, progress: Progress) -> RawBook:
    from aurora_crawl.extraction.books.pdf_book import read_pdf

    return read_pdf(path, progress)


def _epub(path: Path, _progress: Progress) -> RawBook:
    from aurora_crawl.extraction.books.epub import read_epub

    return read_epub(path)


def _docx(path: Path, _progress: Progress) -> RawBook:
    from aurora_crawl.extraction.books.docx import read_docx

    return read_docx(path)


def _html(path: Path, _progress: Progress) -> RawBook:
    from aurora_crawl.extraction.books.html_book import read_html

    return read_html(path)


def _text(path: Path, _progress: Progress) -> RawBook:
    from aurora_crawl.extraction.books.plain_text import read_text

    return read_text(path)


READERS = (
    Reader("pdf", ("application/pdf",), (".pdf",), _pdf, b"%PDF-"),
    Reader("epub", ("application/epub+zip",), (".epub",), _epub),
    Reader(
        "docx",
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
        (".docx",),
        _docx,
    ),
    Reader("html", ("text/html", "application/xhtml+xml"), (".html", ".htm", ".xhtml"), _html),
    Reader("txt", ("text/plain",), (".txt",), _text),
)
"""Every kind of book that can be read, by the name of its format."""


def reader_for(path: Path, content_type: str = "") -> Reader | None:
    """The reader of a file: by its first bytes, by what a server called it, by its name's end; None where there is none."""
    if path.is_dir():
        return next(reader for reader in READERS if reader.name == "html")
    kind = content_type.partition(";")[0].strip().lower()
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        begin = file.read(1024)
    for reader in READERS:
        if reader.first_bytes and reader.first_bytes in begin:
            return reader
    for reader in READERS:
        if kind in reader.content_types or (not kind and suffix in reader.suffixes):
            return reader
    return next((reader for reader in READERS if suffix in reader.suffixes), None)


def read_book(
    path: Path,
    chosen: BookCleaning | None = None,
    *,
    content_type: str = "",
    ocr: Path | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
) -> Book:
    """A file's book, read and cleaned in a process of its own. `progress` is told of pages done, and of all.

    `ocr` is a folder for the pages of a PDF that Tesseract has read: with it, a PDF without a text layer is read from
    its pictures, as long as that takes.

    Raises BookError, whose message is one line with the file's name, for what cannot be read within the budget.
    """
    try:
        reader = reader_for(path, content_type)
    except OSError as error:
        raise BookError("{path}: {why}", path=path, why=error.strerror or error) from error
    if reader is None:
        kinds = ", ".join(suffix for one in READERS for suffix in one.suffixes)
        raise BookError(N_("{path}: no kind of book that can be read ({kinds})"), path=path, kinds=kinds)
    try:
        job = _Job(reader.name, path, chosen or BookCleaning(), budget or Budget(), ocr)
        is_small = reader.name == "txt" and path.stat().st_size <= SMALL_TEXT
        book = _in_this_process(job) if is_small else _in_process(job, progress)
    except BookError as error:
        raise BookError("{path}: {why}", path=path, why=error) from error
    return book if book.title else replace(book, title=path.stem.replace("_", " ").strip())


@dataclass(frozen=True, slots=True)
class _Job:
    """What a process is to read."""

    reader: Format
    path: Path
    chosen: BookCleaning
    budget: Budget
    ocr: Path | None


def _in_this_process(job: _Job) -> Book:
    try:
        return clean(_raw(job, lambda done, total: None), job.chosen)
    except OSError as error:
        raise BookError(Message("cannot be read: {value}", value=error.strerror or error)) from error


def _in_process(job: _Job, progress: Progress | None) -> Book:
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, job), daemon=True)
    process.start()
    theirs.close()
    try:
        while True:
            try:
                # A process that waits for a disk or a pipe uses no processor time, and must end too.
                if not ours.poll(10 * job.budget.seconds):
                    raise BookError(N_("took more than {number} seconds"), number=10 * job.budget.seconds)
                message = ours.recv()
            except EOFError:
                process.join(5)
                raise BookError(_why_it_died(process.exitcode, job.budget)) from None
            if isinstance(message, tuple):
                if progress:
                    progress(*message)
            elif isinstance(message, Message):
                raise BookError(message)
            elif isinstance(message, Book):
                return message
    finally:
        ours.close()
        if process.is_alive():
            process.join(1)
        if process.is_alive():
            process.kill()
            process.join()


def _why_it_died(code: int | None, budget: Budget) -> Message:
    ends = (getattr(signal, name, None) for name in ("SIGXCPU", "SIGKILL"))
    if code in [-number for number in ends if number is not None]:
        return Message("took more than {seconds} seconds, or was killed", seconds=budget.seconds)
    return Message("made its reader break down: damaged, or made to do so")


def _work(pipe: Connection, job: _Job) -> None:
    """What the process does: sets its limits, reads, cleans, and sends progress, the book, or a line on why not."""
    _limit(job)

    def progress(done: int, total: int) -> None:
        if done % 20 == 0 or job.ocr:
            pipe.send((done, total))

    try:
        pipe.send(clean(_raw(job, progress), job.chosen))
    except BookError as error:
        pipe.send(error.message)
    except MemoryError:
        pipe.send(Message("needs more than {limit} MB of memory", limit=job.budget.memory // 1_000_000))
    except ImportError as error:
        pipe.send(Message("needs {name}: pip install 'aurora-br[books]'", name=error.name))
    except RecursionError:
        pipe.send(Message("is nested deeper than any book"))
    except OSError as error:
        pipe.send(Message("cannot be read: {why}", why=str(error.strerror or error)))
    finally:
        pipe.close()


def _limit(job: _Job) -> None:
    """Sets the process's limits; Windows knows none, and there only the one who waits ends it, by the clock."""
    if resource is None:
        return
    with contextlib.suppress(ValueError, OSError):
        seconds = resource.RLIM_INFINITY if job.ocr else job.budget.seconds
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    with contextlib.suppress(ValueError, OSError):
        limit = job.budget.memory + _own_data()
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _raw(job: _Job, progress: Progress) -> RawBook:
    reader = next(one for one in READERS if one.name == job.reader)
    try:
        raw = reader.read(job.path, progress)
        raw.format = reader.name
        return raw
    except PictureBookError:
        if job.ocr is None:
            raise
    from aurora_crawl.extraction.books.scanned import read_scanned

    raw = read_scanned(job.path, job.ocr, progress)
    raw.format = "ocr"
    return raw


def _own_data() -> int:
    """Bytes of memory that the process holds before it reads; 0 where the system does not say."""
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
    except OSError:
        return 0
    line = next((line for line in status.split("\n") if line.startswith("VmData:")), "VmData: 0 kB")
    return int(line.split()[1]) * 1024
