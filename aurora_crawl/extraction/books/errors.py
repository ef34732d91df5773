"""What a book that cannot be read raises."""


class BookError(Exception):
    """A file cannot be read as a book; the message says why and what to do, in one line, without the file's name."""


class PictureBookError(BookError):
    """A book's pages are pictures, or text whose letters are not known: only OCR can read it."""
