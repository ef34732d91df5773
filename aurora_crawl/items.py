"""The one record that travels from spider to shard."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Any, Literal

SCHEMA_VERSION = 1
"""Version of the record's shape, written on every line; `storage/article.schema.json` describes it."""


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
    part: Literal["whole", "head", "tail", "inside"]
    text: str
    rule: str

    @property
    def is_by_reading(self) -> bool:
        """Whether reading the page cut it: no rule of cleaning can bring it back."""
        return self.rule.startswith(READING_RULES)


@dataclass(slots=True)
class Quality:
    """Marks and numbers that say how good a text is; null where nothing was measured.

    `marks` names each threshold that the text does not reach. Fractions lie between 0 and 1.
    """

    marks: list[str] = field(default_factory=list)
    language_score: float | None = None
    duplicate_lines: float | None = None
    punctuated_lines: float | None = None
    newlines: float | None = None
    word_length: float | None = None
    nonalphabetic_words: float | None = None
    stop_words: int | None = None


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
    kind: Literal["article", "book"] = "article"
    route: str = ""
    crawled_at: str = ""
    revision: int = 0
    words: int = 0
    schema: int = SCHEMA_VERSION

    @property
    def paragraphs(self) -> list[str]:
        """The text's paragraphs, in order."""
        return split_paragraphs(self.text)


_FIELDS = {record: tuple(one.name for one in fields(record)) for record in (Article, Quality, Removal)}


def as_record(article: Article) -> dict[str, Any]:
    """An article as a line of a shard holds it: plain dictionaries, in the order of the fields.

    It shares the article's lists. `dataclasses.asdict` gives the same and copies everything, at ten times the cost.
    """
    record = _plain(article)
    record["removed"] = [_plain(removal) for removal in article.removed]
    record["quality"] = _plain(article.quality)
    return record


def _plain(record: Article | Quality | Removal) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _FIELDS[type(record)]}


def split_paragraphs(text: str) -> list[str]:
    """The paragraphs of a text in which one blank line separates them; an empty text has none."""
    return text.split("\n\n") if text else []


def join_paragraphs(paragraphs: list[str]) -> str:
    """The inverse of `split_paragraphs`."""
    return "\n\n".join(paragraphs)


def article_id(canonical_url: str) -> str:
    """The 16 hex digits that name the article at a canonical address."""
    return sha256(canonical_url.encode()).hexdigest()[:16]
