"""The stories of the invented newspaper "O Farol do Vale", and what a perfect cleaner would leave of each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

from lxml import html

from aurora_crawl.errors import AuroraError
from aurora_crawl.messages import N_, Message

NAME = "O Farol do Vale"
SITE = "ofaroldovale"
LOCAL_TIME = timezone(timedelta(hours=-3))
"""The newspaper's own time; WordPress shows dates in it, without saying so."""

ARTICLES = Path(__file__).with_name("articles")
NOT_TEXT = ("figure", "iframe", "script", "style", "form", "aside")

_HEADER_KEYS = ("Title", "Slug", "Author", "Published", "Section", "Tags", "Language")
_OPTIONAL_KEYS = ("Modified",)
_CAPTION = re.compile(r"\[caption\b.*?\[/caption\]", re.DOTALL)
_LINE = "\u2028"
"""Stands for a line break while runs of spaces become one; no story holds it."""


class BrokenStoryError(AuroraError):
    """A file of a story does not have the form that `read_story` describes."""


@dataclass(frozen=True, slots=True)
class Story:
    """One story as its author wrote it: `body` is clean HTML, `published` and `modified` know their offset."""

    title: str
    slug: str
    authors: tuple[str, ...]
    published: datetime
    section: str
    body: str
    tags: tuple[str, ...] = ()
    language: str = "pt"
    modified: datetime | None = None

    @property
    def byline(self) -> str:
        """The authors as the newspaper signs them, "Ana e Bia": WordPress knows one author a post."""
        if len(self.authors) < 2:
            return "".join(self.authors)
        return ", ".join(self.authors[:-1]) + " e " + self.authors[-1]

    @property
    def path(self) -> str:
        """The path of the story's page, `/2024/05/17/slug/`."""
        return f"/{self.published.astimezone(LOCAL_TIME):%Y/%m/%d}/{self.slug}/"


def read_story(path: Path) -> Story:
    """Read one story: lines "Key: value", a blank line, the body as HTML.

    Keys: Title, Slug, Author (several separated by ";"), Published (ISO 8601; local time where it has no offset), Section,
    Tags (separated by ";"), Language, and, if wanted, Modified.

    Raises BrokenStoryError, naming the file, when a key is missing, unknown or unreadable, or the body is empty.
    """
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    fields: dict[str, str] = {}
    for line in head.splitlines():
        key, separator, value = line.partition(":")
        if not separator or key not in (*_HEADER_KEYS, *_OPTIONAL_KEYS):
            raise BrokenStoryError(
                N_("{path}: the line '{line}' is not one of {known}"),
                path=path,
                line=line,
                known=", ".join(_HEADER_KEYS),
            )
        fields[key] = value.strip()
    missing = [key for key in _HEADER_KEYS if key not in fields]
    if missing or not body.strip():
        raise BrokenStoryError(
            N_("{path}: {what} is missing"), path=path, what=", ".join(missing) or Message(N_("the body"))
        )
    try:
        published = _moment(fields["Published"])
        modified = _moment(fields["Modified"]) if "Modified" in fields else None
    except ValueError as error:
        raise BrokenStoryError("{path}: {why}", path=path, why=error) from error
    return Story(
        title=fields["Title"],
        slug=fields["Slug"],
        authors=_parts(fields["Author"]),
        published=published,
        section=fields["Section"],
        body=body.strip(),
        tags=_parts(fields["Tags"]),
        language=fields["Language"],
        modified=modified,
    )


def read_newspaper(folder: Path = ARTICLES) -> list[Story]:
    """All stories of a folder, oldest first.

    Raises BrokenStoryError when a file is broken, two stories have one slug, or there is no story at all.
    """
    stories = [read_story(path) for path in sorted(folder.glob("*.html"))]
    if not stories:
        raise BrokenStoryError(N_("{folder}: no story (*.html) is here"), folder=folder)
    slugs = [story.slug for story in stories]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise BrokenStoryError(N_("{folder}: two stories have the slug '{slug}'"), folder=folder, slug=slug)
    return sorted(stories, key=lambda story: (story.published.astimezone(UTC), story.slug))


def expected_paragraphs(story: Story) -> list[str]:
    """The paragraphs that a perfect cleaner leaves of a story, however it was served.

    Paragraphs, headings and quotes count, a list as one paragraph of lines "- item" or "1. item", a table as lines with
    " | ", a line break as a line feed; pictures with their captions, and embeds, are not the text.
    """
    root = html.fragment_fromstring(_CAPTION.sub("", story.body), create_parent="div")
    for element in root.xpath("|".join(f".//{tag}" for tag in NOT_TEXT)):
        element.drop_tree()
    for line_break in root.iter("br"):
        line_break.tail = _LINE + (line_break.tail or "").lstrip()
    return [text for block in root for text in _block_paragraphs(block) if text]


def slugify(text: str) -> str:
    """A name as WordPress writes it in addresses: `Saúde & Ciência` becomes `saude-ciencia`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _block_paragraphs(block: html.HtmlElement) -> Iterator[str]:
    match block.tag:
        case "ul" | "ol":
            marks = (f"{number}. " if block.tag == "ol" else "- " for number in count(1))
            yield "\n".join(mark + _plain(item) for mark, item in zip(marks, block.findall("li"), strict=False))
        case "table":
            yield "\n".join(" | ".join(_plain(cell) for cell in row) for row in block.iter("tr"))
        case "blockquote" | "div" if len(block) and block[0].tag in ("p", "ul", "ol"):
            for inner in block:
                yield from _block_paragraphs(inner)
        case _:
            yield _plain(block)


def _plain(element: html.HtmlElement) -> str:
    lines = (" ".join(line.split()) for line in element.text_content().split(_LINE))
    return "\n".join(lines).strip()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_TIME)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
