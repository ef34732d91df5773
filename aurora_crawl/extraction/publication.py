"""When an article was published and last changed, as its page tells it in declarations, marks and words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from lxml import etree

from aurora_crawl.extraction.dates import SAO_PAULO, DateInText, dates_in, parse_date
from aurora_crawl.extraction.line_text import line_of

LENGTH_OF_DAY = len("2020-01-01")
LONGEST_LABEL = 120
"""Characters of a line that tells a date; longer ones are text."""

_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-](0[1-9]|1[0-2])[/-](0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_NO_DAYS = ("1969-12-31", "1970-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1601-01-01")
"""What machines write where there is no date: the zero of Unix (also seen from the west), of spreadsheets, of Windows."""
_TIMESTAMP = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d+)?")
_MILLISECONDS = 13
_CHANGED = re.compile(r"atuali[sz]|modifi|alterad|editad|revist|updat|changed|edited|corrigid", re.IGNORECASE)
_PUBLISHED = re.compile(r"publi[cs]|postad|posted|criad|no ar|escrito", re.IGNORECASE)
_TOLERANCE = timedelta(days=2)
"""Clocks differ, and it is tomorrow in the east."""
_FURTHEST = timedelta(days=366)
_WRITTEN = date(2026, 1, 1)
"""No clock is earlier, whatever the machine believes."""
_SAME_INSTANT = timedelta(minutes=1)
_LONGEST_LABEL_BEFORE = 40


def day_in_address(url: str) -> str | None:
    """The day in a path such as /2023/09/12/greve/, if it is one."""
    match = _URL_DAY.search(url or "")
    return parse_date("-".join(match.groups())) if match else None


def is_day(iso: str) -> bool:
    """Whether a date has a day, and is none that machines write where there is none."""
    return len(iso) >= LENGTH_OF_DAY and not iso.startswith(_NO_DAYS)


def moment_of(text: str) -> str | None:
    """A date that a machine wrote: as text, or as seconds or milliseconds since 1970; None for a machine's zero."""
    text = text.strip()
    if _TIMESTAMP.fullmatch(text):
        whole = text.partition(".")[0]
        seconds = int(whole) / (1000 if len(whole) == _MILLISECONDS else 1)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0).isoformat()
    found = parse_date(text)
    return found if found and is_day(found) else None


def first_moment(declared: Iterable[str], others: Iterable[str] = (), stamps: Iterable[str] = ()) -> str | None:
    """The first date of what is declared and of other sources; one in UTC as local time, if another says it so.

    That other is a later declaration or one of the page's `stamps`, wherever they stand: the same minute is no chance.

    A day in the future counts only where no source has another, and up to a year: an event's, a typing error's, or
    this machine's clock is wrong.
    """
    rest = iter(declared)
    latest = max(datetime.now(UTC).date(), _WRITTEN)
    future = None
    for iso in chain(rest, others):
        if _day(iso) <= latest + _TOLERANCE:
            return _in_local_time(iso, chain(rest, stamps))
        future = future or iso
    return future if future and _day(future) <= latest + _FURTHEST else None


def _in_local_time(iso: str, others: Iterator[str]) -> str:
    if not iso.endswith("+00:00"):
        return iso
    instant = datetime.fromisoformat(iso)
    for other in others:
        if len(other) > LENGTH_OF_DAY and not other.endswith("+00:00"):
            local = datetime.fromisoformat(other)
            # A date before 1914 has no zone.
            if local.tzinfo is not None and abs(local - instant) < _SAME_INSTANT:
                return other
    return iso


def as_local(iso: str | None, language: str) -> str | None:
    """A time in UTC on a Portuguese page as Brazilian time, so that its day is the day that readers saw."""
    if iso and iso.endswith("+00:00") and language.lower().startswith("pt"):
        return datetime.fromisoformat(iso).astimezone(SAO_PAULO).isoformat()
    return iso


def _day(iso: str) -> date:
    return date.fromisoformat(iso[:LENGTH_OF_DAY])


class Told:
    """The dates that one element tells, apart: of publishing, of changing."""

    __slots__ = ("changed", "published")

    def __init__(self, element: etree._Element) -> None:
        self.published: list[str] = []
        self.changed: list[str] = []
        for stamp in (element.get("datetime"), element.get("content"), element.get("data-datetime")):
            if stamp and (iso := moment_of(stamp)):
                (self.changed if _is_change(_label_of(element)) else self.published).append(iso)
                return
        line = line_of(element)
        if len(line) > LONGEST_LABEL:
            return
        found = dates_in(line)
        if not found and (title := element.get("title")):
            found = dates_in(title)
        self.published, self.changed = told_in(found, _label_of(element))


def told_in(found: Iterable[DateInText], label: str = "") -> tuple[list[str], list[str]]:
    """Dates of a text by what its words say of each, and of the first by `label` where they say nothing: published, changed."""
    published: list[str] = []
    marked: list[str] = []
    changed: list[str] = []
    for number, one in enumerate(found):
        if len(one.iso) < LENGTH_OF_DAY:
            continue
        said = (
            one.label
            if number or _PUBLISHED.search(one.label) or _CHANGED.search(one.label)
            else f"{label} {one.label}"
        )
        if _is_change(said):
            changed.append(one.iso)
        else:
            (marked if _PUBLISHED.search(said) else published).append(one.iso)
    return [*marked, *published], changed


def says_published(text: str) -> bool:
    """Whether words or classes speak of publishing."""
    return _PUBLISHED.search(text) is not None


def _is_change(label: str) -> bool:
    """Whether a label speaks of changing and not of publishing."""
    return _CHANGED.search(label) is not None and not _PUBLISHED.search(label)


def _label_of(element: etree._Element) -> str:
    """What is said of an element's date outside it: its classes, and the words in front of it on its line."""
    before = element.getprevious()
    parent = element.getparent()
    text = (before.tail if before is not None else parent.text if parent is not None else "") or ""
    if before is not None and not text.strip(" :-–|\n\t"):
        text = line_of(before)
    return f"{element.get('class') or ''} {element.get('itemprop') or ''} {text[-_LONGEST_LABEL_BEFORE:]}"
