"""What a book that cannot be read raises."""

from __future__ import annotations

from aurora_crawl.errors import AuroraError


class BookError(AuroraError):
    """A file cannot be read as a book; the message says why and what to do, in one line, without the file's name."""


class PictureBookError(BookError):
    """A book's pages are pictures, or text whose letters are not known: only OCR can read it."""
