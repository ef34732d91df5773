"""Dates as Brazilian sites write them, to ISO 8601.

Written here rather than asked of a general parser, because a guess is worse than nothing: a general parser swaps day
and month where that makes a date, and takes today's year where none stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

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
            "janeiro jan enero january",
            "fevereiro fev febrero feb february",
            "março marco mar marzo march",
            "abril abr apr april",
            "maio mai mayo may",
            "junho jun junio june",
            "julho jul julio july",
            "agosto ago aug august",
            "setembro set septiembre setiembre sep sept september",
            "outubro out octubre oct october",
            "novembro nov noviembre november",
            "dezembro dez diciembre dic dec december",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_OFFSET = r"(?P<offset>Z\b|(?:UTC|GMT)?\s?[+\-−]\s?\d{1,2}(?::?\d{2})?(?!\d)|UTC\b|GMT\b|BRT\b|BRST\b)"
_CLOCK = (
    r"(?P<hour>[01]?\d|2[0-4])\s?(?:[h:]\s?(?P<minute>[0-5]\d)(?:\s?(?:[:m]|min)\s?(?P<second>[0-5]\d))?(?:[.,]\d{1,9})?|h(?!\w))"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?"
)
_TIME = (
    rf"(?:[\sT,]*(?:[-–—|•·/@(]|às|ás|as|à|at|a las|\b)?[\s,]*{_CLOCK}(?:\s?(?:min|h|hs)\b)?(?:\s?\(?{_OFFSET}\)?)?)?"
)
_SEPARATOR = r"\s{0,2}(?P<separator>[/.-])\s{0,2}"

_ISO = re.compile(
    rf"(?<!\d)(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?!\d){_TIME}", re.IGNORECASE
)
_COMPACT = re.compile(
    rf"(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}})(?:T?(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<second>\d{{2}})?\s?{_OFFSET}?)?"
)
_NUMBERS = re.compile(
    rf"(?<![\d/.,-])(?P<day>\d{{1,2}}){_SEPARATOR}(?P<month>\d{{1,2}})\s{{0,2}}(?P=separator)\s{{0,2}}(?P<year>\d{{4}}|\d{{2}})(?![\d/]){_TIME}",
    re.IGNORECASE,
)
_DAY_MONTH = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:º|°|ª|er|st|nd|rd|th)?(?:\s+(?:de\s+|of\s+)?|\s?[/.-]\s?)(?P<month>{_MONTH})\.?"
    rf"(?:\s*,?\s*(?:del?\s+)?|\s?[/.-]\s?)(?P<year>\d{{4}})(?!\d){_TIME}",
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

_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?[+-](?!00:?00)\d\d:?\d\d")
_LENGTH_OF_DAY = len("2020-01-01")
_SAME_INSTANT = timedelta(minutes=1)


def parse_date(text: str) -> str | None:
    """The first date in a short text as ISO 8601, or None where there is none that is certain.

    With a time: "2022-02-09T11:33:47-03:00", the offset being America/Sao_Paulo's of that day where none stands.
    Otherwise a bare day, "2022-02-09", or, where no day stands, a bare year, "1917". In numbers the day comes first; a
    date like 09/25/2023 is none, and day and month are never swapped.
    """
    text = " ".join(text[:_LONGEST].split())
    if compact := _COMPACT.fullmatch(text):
        return _iso(compact, 0)
    if (first := _ISO.match(text)) and (found := _iso(first, 0)):
        # Most pages write it like this, and no other pattern's match can stand before it.
        return found
    matches = [match for pattern in (_ISO, _NUMBERS, _DAY_MONTH, _MONTH_DAY) if (match := pattern.search(text))]
    for match in sorted(matches, key=re.Match.start):
        if found := _iso(match, _MONTHS.get(match["month"].lower(), 0)):
            return found
    if matches:
        return None
    year = _MONTH_YEAR.search(text) or _YEAR.fullmatch(text)
    return year["year"] if year and _is_year(int(year["year"])) else None


def first_date(texts: Iterable[str]) -> str | None:
    """The first date that has a day; where it is in UTC, the same instant in local time if another source has it."""
    sources = iter(texts)
    found = next((iso for text in sources if text and (iso := parse_date(text)) and len(iso) >= _LENGTH_OF_DAY), None)
    if not found or not found.endswith("+00:00"):
        return found
    instant = datetime.fromisoformat(found)
    for text in sources:
        local = parse_date(text) if _WITH_OFFSET.fullmatch(text) else None
        if local and abs(datetime.fromisoformat(local) - instant) < _SAME_INSTANT:
            return local
    return found


def _iso(match: re.Match[str], month: int) -> str | None:
    groups = match.groupdict()
    year = _full_year(groups["year"])
    try:
        day = date(year, month or int(groups["month"]), int(groups["day"]))
    except ValueError:
        return None
    if not _is_year(year):
        return None
    if not groups.get("hour"):
        return day.isoformat()
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
