"""The one record that travels from spider to shard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Any, Literal, get_args

from aurora_crawl.errors import StorageError
from aurora_crawl.messages import N_

SCHEMA_VERSION = 3
"""Version of the record's shape, written on every line; `storage/article.schema.json` describes it.

2: chapters, and files as addresses. 3: a book's format and noise, where a text that was given as a file comes from, captures.
"""

FROM_FILES = "files"
"""What stands as `route` in what was read from files at hand; their addresses are no servers'."""

Part = Literal["whole", "head", "tail", "inside"]
Kind = Literal["article", "book"]
Format = Literal["epub", "html", "docx", "pdf", "txt", "ocr"]
"""What a book was read from; `ocr` is text that was read from pictures of pages."""

UNKNOWN_PROVENANCE = "unknown"
"""What stands as `provenance` of a text at hand of which nobody says where it is from."""


class RecordError(StorageError, ValueError):
    """A line holds no article that this program can read; the message says what is wrong with it."""


class NewerSchemaError(RecordError):
    """A line was written by a newer program."""


READING_RULES = "page-"
"""How the names of the rules begin by which reading cuts; cleaning's have other names."""


@dataclass(slots=True)
class Removal:
    """A piece of text that reading or cleaning cut from an article, kept so that a person can judge the cut.

    `position` is the index of the paragraph, counted in the text before any cut; `part` says whether the whole paragraph
    went, its beginning, its end, or a piece from its midst; `rule` names what cut it, and begins with "page-" where that
    was reading.
    """

    position: int
    part: Part
    text: str
    rule: str

    @property
    def is_by_reading(self) -> bool:
        """Whether reading the page cut it: no rule of cleaning can bring it back."""
        return self.rule.startswith(READING_RULES)


@dataclass(slots=True)
class Chapter:
    """A chapter's title, and where in the book's text it begins, in characters."""

    title: str
    offset: int


@dataclass(slots=True)
class ArchivedAt:
    """Which archive an article comes from, and when its page was captured; `truncated` where the archive kept only a part of the page."""

    archive: str
    moment: str
    truncated: bool = False


@dataclass(slots=True)
class Quality:
    """Marks and numbers that say how good a text is; null where nothing was measured.

    `marks` names each threshold that the text does not reach. Fractions lie between 0 and 1. `noise`, of books alone, is the
    share of words that were probably misread: it orders editions of one work, and is no absolute measure.
    """

    marks: list[str] = field(default_factory=list)
    language_score: float | None = None
    duplicate_lines: float | None = None
    punctuated_lines: float | None = None
    newlines: float | None = None
    word_length: float | None = None
    nonalphabetic_words: float | None = None
    stop_words: int | None = None
    noise: float | None = None


@dataclass(slots=True)
class Article:
    """One article or book, as a line of a shard holds it; `docs/shards.md` explains each field.

    The defaults are those of a record that a loader has not filled yet; the validating pipeline refuses it like that.
    """

    id: str = ""
    url: str = ""
    site: str = ""
    title: str = ""
    text: str = ""
    removed: list[Removal] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    published: str | None = None
    modified: str | None = None
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    language: str | None = None
    quality: Quality = field(default_factory=Quality)
    license: str | None = None
    opt_out: list[str] = field(default_factory=list)
    kind: Kind = "article"
    chapters: list[Chapter] = field(default_factory=list)
    format: Format | None = None
    provenance: str | None = None
    route: str = ""
    capture: ArchivedAt | None = None
    crawled_at: str = ""
    revision: int = 0
    words: int = 0
    schema: int = SCHEMA_VERSION

    @property
    def paragraphs(self) -> list[str]:
        """The text's paragraphs, in order."""
        return split_paragraphs(self.text)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Article:
        """The article of a shard's line: the inverse of `as_record`.

        A line of an older schema becomes one of today's: what it lacks gets its default, what it has besides is left out. Raises NewerSchemaError for
        a line of a newer schema, RecordError for one that lacks a field or has something else in it.
        """
        return _article_of(record)


_FIELDS = {
    record: tuple(one.name for one in fields(record)) for record in (Article, Quality, Removal, Chapter, ArchivedAt)
}


def as_record(article: Article) -> dict[str, Any]:
    """An article as a line of a shard holds it: plain dictionaries, in the order of the fields.

    It shares the article's lists. `dataclasses.asdict` gives the same and copies everything, at ten times the cost.
    """
    record = _plain(article)
    record["removed"] = [_plain(removal) for removal in article.removed]
    record["quality"] = _plain(article.quality)
    record["chapters"] = [_plain(chapter) for chapter in article.chapters]
    record["capture"] = _plain(article.capture) if article.capture is not None else None
    return record


def _plain(record: Article | Quality | Removal | Chapter | ArchivedAt) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _FIELDS[type(record)]}


_NEEDED = ("id", "url", "site", "title", "text", "route", "revision")
"""The fields without which a line is no article, whatever its schema."""

_TYPES: dict[str, frozenset[type]] = {
    **dict.fromkeys(("id", "url", "site", "title", "text", "route", "crawled_at", "kind"), frozenset({str})),
    **dict.fromkeys(
        ("published", "modified", "section", "language", "license", "format", "provenance"),
        frozenset({str, type(None)}),
    ),
    **dict.fromkeys(("removed", "authors", "tags", "opt_out", "chapters"), frozenset({list})),
    **dict.fromkeys(("revision", "words", "schema"), frozenset({int})),
    "quality": frozenset({dict}),
    "capture": frozenset({dict, type(None)}),
}
_STRINGS = ("authors", "tags", "opt_out")
"""The lists of strings."""

_NUMBER = frozenset({int, float, type(None)})


def _article_of(record: Mapping[str, Any]) -> Article:
    if not isinstance(record, dict):
        raise RecordError(N_("no JSON object"))
    schema = record.get("schema", SCHEMA_VERSION)
    if type(schema) is int and schema > SCHEMA_VERSION:
        raise NewerSchemaError(
            N_(
                "written by a newer program (schema {schema}; this one reads up to {schema_version}): update this program"
            ),
            schema=schema,
            schema_version=SCHEMA_VERSION,
        )
    for name in _NEEDED:
        if name not in record:
            raise RecordError(N_("lacks {name}"), name=repr(name))
    values = {name: record[name] for name in _FIELDS[Article] if name in record}
    for name, value in values.items():
        if type(value) not in _TYPES[name]:
            raise RecordError(N_("{name} is {value}"), name=repr(name), value=_shown(value))
    for name in _STRINGS:
        if (strings := values.get(name)) and {*map(type, strings)} != {str}:
            raise RecordError(N_("{name} is {value}"), name=repr(name), value=_shown(strings))
    if values.get("kind", "article") not in get_args(Kind):
        raise RecordError(N_("'kind' is {value}"), value=_shown(values["kind"]))
    if values.get("format") not in (None, *get_args(Format)):
        raise RecordError(N_("'format' is {value}"), value=_shown(values["format"]))
    if "removed" in values:
        values["removed"] = [_removal_of(row) for row in values["removed"]]
    if "chapters" in values:
        values["chapters"] = [_chapter_of(row) for row in values["chapters"]]
    if "quality" in values:
        values["quality"] = _quality_of(values["quality"])
    if values.get("capture") is not None:
        values["capture"] = _archived_at(values["capture"])
    return Article(**values | {"schema": SCHEMA_VERSION})


def _removal_of(row: object) -> Removal:
    match row:
        case {
            "position": int(position),
            "part": "whole" | "head" | "tail" | "inside" as part,
            "text": str(text),
            "rule": str(rule),
        }:
            return Removal(position, part, text, rule)
    raise RecordError(N_("'removed' holds {row}"), row=_shown(row))


def _chapter_of(row: object) -> Chapter:
    match row:
        case {"title": str(title), "offset": int(offset)}:
            return Chapter(title, offset)
    raise RecordError(N_("'chapters' holds {row}"), row=_shown(row))


def _archived_at(row: object) -> ArchivedAt:
    match row:
        case {"archive": str(archive), "moment": str(moment), "truncated": bool(truncated)}:
            return ArchivedAt(archive, moment, truncated)
    raise RecordError(N_("'capture' is {value}"), value=_shown(row))


def _quality_of(row: Mapping[str, Any]) -> Quality:
    values = {name: row[name] for name in _FIELDS[Quality] if name in row}
    for name, value in values.items():
        is_right = {*map(type, value)} <= {str} if type(value) is list else type(value) in _NUMBER
        if not is_right or (type(value) is list) is not (name == "marks"):
            raise RecordError(N_("{name} is {value}"), name=repr(name), value=_shown(value))
    return Quality(**values)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_SHOWN = 60
"""Characters of a wrong value that a message shows."""


def split_paragraphs(text: str) -> list[str]:
    """The paragraphs of a text in which one blank line separates them; an empty text has none."""
    return text.split("\n\n") if text else []


def join_paragraphs(paragraphs: list[str]) -> str:
    """The inverse of `split_paragraphs`."""
    return "\n\n".join(paragraphs)


def article_id(canonical_url: str) -> str:
    """The 16 hex digits that name the article at a canonical address."""
    return sha256(canonical_url.encode()).hexdigest()[:16]


def chapter_id(work: str, number: int) -> str:
    """The id of a book's chapter, counted from 1, where chapters are lines of their own."""
    return f"{work}-{number:04}"


def work_of(id: str) -> str:
    """The id of the article or book that a line is of: that of a chapter is its book's."""
    return id.partition("-")[0]
