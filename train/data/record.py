"""A record of a data set, as its file has it, and the document that it is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from train.config.load import DatasetKeys
from train.errors import DataError

Record = dict[str, Any]
"""A record's fields; which there are, and of what kind, is the data set's own affair."""

Records = Iterator[tuple[str, Record]]
"""Records, each with its place (file and line) for error messages."""

_HALF = re.compile("[\ud800-\udfff]")

_OF_CHATS = (
    "messages",
    "conversations",
    "conversation",
    "dialog",
    "instruction",
    "prompt",
    "question",
    "input",
    "chosen",
)
"""Fields of records that hold no plain text but a talk or a pair, by the names that public data sets give them."""

_CRAWLED = re.compile("[0-9a-f]{16}")
"""An id as the crawler makes it, out of the article's address: the same article has the same one in every file."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text and where it comes from; what a source does not say is empty or None.

    `id` is the source's, else the first 16 hex digits of the text's sha256; `published` is as the source has it;
    `repeats` is its data set's weight.
    """

    id: str
    text: str
    url: str = ""
    site: str = ""
    title: str = ""
    license: str | None = None
    published: str | None = None
    revision: int = 0
    repeats: float = 1.0

    @property
    def text_sha256(self) -> str:
        """The first 16 hex digits of the text's sha256: by it a text is known whatever its id."""
        return text_sha256(self.text)

    @property
    def known_everywhere(self) -> bool:
        """Whether the id means this document in every file, as a crawl's does; any other, a row's number, counts in its own."""
        return bool(_CRAWLED.fullmatch(self.id))

    @property
    def names(self) -> set[str]:
        """What the document is known by outside its own file: its text, and an id that means it in every file."""
        return {self.text_sha256, self.id} if self.known_everywhere else {self.text_sha256}


def text_sha256(text: str) -> str:
    """The first 16 hex digits of a text's sha256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def named(record: Record) -> bool:
    """Whether a record has an id; an empty one is none."""
    return record.get("id") not in (None, "")


def document_of(record: Record, entry: DatasetKeys, where: str) -> Document:
    """The document of a record. Raises DataError for fields that cannot be what they are named."""
    text = record.get(entry.field)
    if not isinstance(text, str):
        found = "has no field" if entry.field not in record else f"has {type(text).__name__} in the field"
        raise DataError(f"{where}: {found} {entry.field}, where the text should be{_instead(record, entry)}")
    if _HALF.search(text):
        raise DataError(f"{where}: the text holds half a character (a lone surrogate)")
    revision = record.get("revision") or 0
    if not isinstance(revision, int) or isinstance(revision, bool):
        raise DataError(f"{where}: revision should be a whole number, not {revision!r}")
    return Document(
        id=_words(record, "id", where) if named(record) else text_sha256(text),
        text=text,
        url=_words(record, "url", where),
        site=_words(record, "site", where),
        title=_words(record, "title", where),
        license=_words(record, "license", where) or None,
        published=_words(record, "published", where) or None,
        revision=revision,
        repeats=entry.weight,
    )


def _instead(record: Record, entry: DatasetKeys) -> str:
    """What a record without a text seems to be, and what to do about it."""
    chat = next((name for name in _OF_CHATS if name in record), None)
    if chat:
        return (
            f"; {chat} is of a form of questions and answers or of chats, and only plain text is trained on here: write each "
            "example as one text"
        )
    others = [name for name, value in record.items() if isinstance(value, str) and name != entry.field]
    longest = max(others, key=lambda name: len(record[name]), default=None)
    return f"; name the one that has it, as in field: {longest[:80]}" if longest else ""


def _words(record: Record, name: str, where: str) -> str:
    """A field beside the text, as text: a year may be a number, licences may be a list. Raises DataError for an object."""
    value = record.get(name)
    if value is None:
        return ""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str | int | float) for part in parts):
        raise DataError(f"{where}: {name} should be text, not {type(value).__name__}")
    words = ", ".join(str(part) for part in parts)
    if _HALF.search(words):
        raise DataError(f"{where}: {name} holds half a character (a lone surrogate)")
    return words
