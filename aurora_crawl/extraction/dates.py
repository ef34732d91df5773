"""Dates as Brazilian sites write them, to ISO 8601.

Written here rather than asked of a general parser, because a guess is worse than nothing: a general parser swaps day
and month where that makes a date, and takes today's year where none stands.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from aurora_crawl.text.unicode import without_invisible

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
"""The zone of a time without an offset."""

FIRST_YEAR, LAST_YEAR = 1500, 2100
"""Other numbers are no years of a text."""

_LONGEST = 400
_STANDARD_TIME_SINCE = 1914
"""Brazil had no common time before."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janeiro jan enero january januar",
            "fevereiro fev febrero feb february februar",
            "março marco mar marzo march märz",
            "abril abr apr april",
            "maio mai mayo may mai",
            "junho jun junio june juni",
            "julho jul julio july juli",
            "agosto ago aug august",
            "setembro set septiembre setiembre sep sept september",
            "outubro out octubre oct october oktober okt",
            "novembro nov noviembre november",
            "dezembro dez diciembre dic dec december dezember",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = (
    r"(?:(?:segunda|ter[cç]a|quarta|quinta|sexta)(?:[\s-]feira)?|s[áa]bado|domingo|seg|ter|qua|qui|sex|s[áa]b|dom)\b\.?"
)
_ORDINAL = r"(?:\.?\s?[º°ª˚ᵒo](?!\w)|er|ro|st|nd|rd|th)?"
_OFFSET = r"(?P<offset>Z\b|(?:UTC|GMT)?\s?[+\-−]\s?\d{1,2}(?::?\d{2})?(?!\d)|UTC\b|GMT\b|BRT\b|BRST\b)"
_CLOCK = (
    r"(?P<hour>[01]?\d|2[0-4])\s?(?:(?:[h:]|hs?|hrs?|horas?)\s?(?:e\s)?(?P<minute>[0-5]\d)(?!\d)(?:\s?(?:[:m]|min)\s?(?P<second>[0-5]\d))?"
    r"(?:[.,]\d{1,9})?|h(?:s|rs?|oras?)?(?!\w))(?:\s?(?P<half>[ap])\.?m\b\.?)?"
)
_TIME = (
    rf"(?:[\sT,]*(?:[(,]\s?{_WEEKDAY}\s?\)?)?[\sT,]*(?:[-–—|•·/@(]|às|ás|as|à|at|a las|\b)?[\s,]*(?:(?:hora|às|as)\b:?\s?)?"
    rf"{_CLOCK}(?:\s?(?:minutos?|min|h|hs)\b)?(?:\s?\(?{_OFFSET}\)?)?)?"
)
_TIME_BEFORE = re.compile(
    rf"(?<![\d:.,])(?<!há )(?<!ha ){_CLOCK}(?:\s?(?:minutos?|min)\b)?\s?(?:[,|•·/–—-]|de|do dia|em)?\s?(?:{_WEEKDAY},?\s?)?$",
    re.IGNORECASE,
)
_LONGEST_TIME_BEFORE = 40
_SEPARATOR = r"\s{0,2}(?P<separator>[/.-])\s{0,2}"

_ISO = re.compile(
    rf"(?<!\d)(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?!\d){_TIME}", re.IGNORECASE
)
_MOMENT = re.compile(
    r"(?:19|20)\d\d-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)", re.ASCII
)
"""How most machines write a date, which Python reads itself."""
_COMPACT = re.compile(
    rf"(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}})(?:T?(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<second>\d{{2}})?\s?{_OFFSET}?)?"
)
_NUMBERS = re.compile(
    rf"(?<![\d/.,-])(?P<day>\d{{1,2}}){_ORDINAL}{_SEPARATOR}(?P<month>\d{{1,2}})\s{{0,2}}(?P=separator)\s{{0,2}}(?P<year>\d{{4}}|\d{{2}})(?![\d/]){_TIME}",
    re.IGNORECASE,
)
_DAY_MONTH = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}}|\bprimeiro){_ORDINAL}(?:\s*,?\s*(?:de\s+|of\s+)?|\s?[/.-]\s?)(?P<month>{_MONTH})\.?"
    rf"(?:\s*,?\s*(?:del?\s+)?|\s?[/.-]\s?)(?P<year>\d{{4}})(?!\d){_TIME}",
    re.IGNORECASE,
)
_DAY_MONTH_SHORT = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}}){_ORDINAL}\s?(?P<separator>[/.-])\s?(?P<month>{_MONTH})\s?(?P=separator)\s?(?P<year>\d{{2}})(?![\dh:]){_TIME}",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?<![^\W\d_])(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:º|st|nd|rd|th)?\s*,?\s+(?P<year>\d{{4}})(?!\d){_TIME}",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(
    rf"(?<![^\W\d_])(?:{_MONTH})\.?(?:\s+(?:del?\s+)?|\s*[/,.-]\s*)(?P<year>\d{{4}})(?!\d)", re.IGNORECASE
)
_YEAR = re.compile(r"\D{0,20}(?P<year>1[5-9]\d\d|20\d\d)\D{0,3}")
_DIGIT = re.compile(r"\d")
_FORMS = (_ISO, _NUMBERS, _DAY_MONTH, _DAY_MONTH_SHORT, _MONTH_DAY)

_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class DateInText:
    """A date in a text as ISO 8601, and what stands before it: since the date before, at most 60 characters."""

    iso: str
    label: str


def parse_date(text: str) -> str | None:
    """The first date in a short text as ISO 8601, or None where there is none that is certain.

    With a time: "2022-02-09T11:33:47-03:00", the offset being America/Sao_Paulo's of that day where none stands.
    Otherwise a bare day, "2022-02-09", or, where no day stands, a bare year, "1917". In numbers the day comes first; a
    date like 09/25/2023 is none, and day and month are never swapped.
    """
    text = _plain(text)
    if _MOMENT.fullmatch(text):
        with suppress(ValueError):
            return datetime.fromisoformat(text).isoformat()
    if compact := _COMPACT.fullmatch(text):
        return _iso(compact, 0)
    if (first := _ISO.match(text)) and (found := _iso(first, 0)):
        # Most pages write it like this, and no other pattern's match can stand before it.
        return found
    matches = _matches(text)
    for match in matches:
        if found := _iso(match, _month(match), text[: match.start()]):
            return found
    if matches:
        return None
    year = _MONTH_YEAR.search(text) or _YEAR.fullmatch(text)
    return year["year"] if year and _is_year(int(year["year"])) else None


def dates_in(text: str) -> list[DateInText]:
    """Every date with a day in a short text, in order, each with its label, as in "Publicado em 5/3/2021, atualizado em …"."""
    text = _plain(text)
    if (compact := _COMPACT.fullmatch(text)) and (iso := _iso(compact, 0)):
        return [DateInText(iso, "")]
    found, start = [], 0
    while matches := _matches(text, start):
        match = matches[0]
        before = text[start : match.start()]
        if iso := _iso(match, _month(match), before):
            found.append(DateInText(iso, before[-_LONGEST_LABEL:]))
        # A match is never empty: the search goes on behind it, and ends.
        start = match.end()
    return found


def _plain(text: str) -> str:
    text = " ".join(text[:_LONGEST].split())
    return text if text.isascii() else unicodedata.normalize("NFC", without_invisible(text))


def _matches(text: str, start: int = 0) -> list[re.Match[str]]:
    """The first match of each form, in the order of the text."""
    if _DIGIT.search(text, start) is None:
        return []
    found = [match for form in _FORMS if (match := form.search(text, start))]
    return sorted(found, key=re.Match.start)


def _month(match: re.Match[str]) -> int:
    return _MONTHS.get(match["month"].lower(), 0)


def _iso(match: re.Match[str], month: int, before: str = "") -> str | None:
    """What a match says; `before` is the text in front of it, in which the time of day may stand."""
    groups = match.groupdict()
    year = _full_year(groups["year"])
    try:
        day = date(year, month or int(groups["month"]), int(groups["day"]) if groups["day"].isdigit() else 1)
    except ValueError:
        return None
    if not _is_year(year):
        return None
    if not groups.get("hour"):
        clock = _TIME_BEFORE.search(before[-_LONGEST_TIME_BEFORE:])
        if clock is None:
            return day.isoformat()
        groups.update(clock.groupdict())
    hour, minute, second = (int(groups.get(name) or 0) for name in ("hour", "minute", "second"))
    half = (groups.get("half") or "").lower()
    hour = hour % 12 + 12 * (half == "p") if half and hour <= 12 else hour % 24
    zone = _zone(groups.get("offset"))
    if zone is SAO_PAULO and year < _STANDARD_TIME_SINCE:
        return day.isoformat()
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone).isoformat()


def _zone(offset: str | None) -> tzinfo:
    if not offset or offset.upper().startswith("BR"):
        return SAO_PAULO
    digits = re.sub(r"\D", "", offset)
    if not digits:
        return UTC
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if hours > 14 or minutes > 59:
        return SAO_PAULO
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if "-" in offset or "−" in offset else delta)


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return 2000 + year if year < 70 else 1900 + year


def _is_year(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR
