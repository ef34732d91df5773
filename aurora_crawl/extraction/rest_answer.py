"""An answer of WordPress' REST API: the rows in it, whatever stands around them and however they are wrapped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aurora_crawl.budget import OverBudget, bounded
from aurora_crawl.extraction.answer import utf8_text
from aurora_crawl.text.unicode import without_surrogates

Row = dict[str, Any]
"""A post, an author or a term, as the API tells it; `id` is a whole number."""

MOST_STARTS = 50
"""Places at which JSON is looked for behind notices and comments."""
MOST_WRAPPINGS = 3
MOST_DEPTH = 50
"""Levels of a row; what is deeper is no part of a post."""
LARGEST_ID = 2**53
"""What every program that reads JSON keeps exactly; WordPress' ids are far smaller."""

_STARTS = re.compile(r"\[\s*\{|\{\s*\"|\[\s*\]|\{\s*\}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
_OBJECT = re.compile(rb"\{\s*\"")
_HEAD = 2000
"""Letters within which rows begin; brackets alone, however many, are none."""
_SURROGATE_MARKS = (b"\\ud", b"\\uD", b"\xed")
_BLANKS = "\ufeff \t\r\n\0"
_IS_IT = 200
"""Letters of JSON after which what breaks is the answer itself, not a bracket in a notice."""
_LISTS = ("posts", "data", "items", "results", "body", "rows")
"""What plugins call the list of posts."""
_LONGEST_NUMBER = 18
_MOST_ERROR = 100_000
"""Bytes of an answer that is an error."""


class NotRows(ValueError):  # noqa: N818 - it names what was met
    """The answer holds no list of rows; `is_cut` where it began as one and broke off or is garbled."""

    def __init__(self, reason: str, *, is_cut: bool = False) -> None:
        super().__init__(reason)
        self.is_cut = is_cut


@dataclass(slots=True, frozen=True)
class RestRows:
    """The rows of an answer in its order, each with its `id` as a number, and how many entries are no rows."""

    rows: list[Row]
    unusable: int = 0

    @property
    def size(self) -> int:
        """How many entries the server sent."""
        return len(self.rows) + self.unusable


def read_rows(body: bytes) -> RestRows:
    """The rows in an answer. Raises NotRows; also for one that takes longer to read than an answer may, of which a part may do."""
    try:
        return _rows(body)
    except OverBudget as error:
        raise NotRows(str(error), is_cut=True) from error


@bounded
def _rows(body: bytes) -> RestRows:
    entries = _entries(_json(body), MOST_WRAPPINGS)
    if entries is None:
        raise NotRows("it is JSON, and no list")
    rows: dict[int, Row] = {}
    unusable = 0
    for entry in entries:
        number = _number(entry.get("id", entry.get("ID"))) if isinstance(entry, dict) else None
        if number is None or (number in rows and rows[number].get("link") != entry.get("link")):
            unusable += 1
        else:
            rows.setdefault(number, {**entry, "id": number})
    return RestRows(list(rows.values()), unusable)


def posts_in(body: bytes) -> list[Row]:
    """The posts in an answer, each with an address; none in any other answer."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n\0")[:1] in (b"<", b"") and b'"link"' not in body:
        # A page, as most of what archives hold.
        return []
    try:
        rows = read_rows(body).rows
    except NotRows:
        return []
    return [
        row for row in rows if isinstance(row.get("link"), str) and not {"content", "title", "date"}.isdisjoint(row)
    ]


def error_code(body: bytes) -> str:
    """The `code` of an answer that is an error; empty for none."""
    try:
        answer = _json(body[:_MOST_ERROR])
    except NotRows:
        return ""
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if isinstance(code, str) and re.fullmatch(r"[\w.-]{1,80}", code) else ""


def numbers(value: object) -> list[int]:
    """The ids in a field that should be one or a list of them."""
    if isinstance(value, list):
        return [number for one in value[:1000] if not isinstance(one, list) for number in numbers(one)]
    if isinstance(value, dict):
        value = value.get("id", value.get("term_id"))
    number = _number(value)
    return [] if number is None else [number]


def _number(value: object) -> int | None:
    if (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LONGEST_NUMBER) or (
        isinstance(value, float) and value.is_integer()
    ):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < LARGEST_ID else None


def _json(body: bytes) -> Any:
    """The JSON in an answer: all of it, else what stands behind and before other text. Raises NotRows."""
    try:
        value = json.loads(body)
    except ValueError:
        value = _json_within(utf8_text(body).strip(_BLANKS))
    except RecursionError as error:
        raise NotRows("it is nested too deep", is_cut=_OBJECT.search(body, 0, _HEAD) is not None) from error
    # Three looks for a few bytes are quicker than the pattern, and most answers have none of them.
    may_have = any([mark in body for mark in _SURROGATE_MARKS])  # noqa: C419
    return _storable(value, MOST_DEPTH) if may_have and _SURROGATE.search(body) else value


def _json_within(text: str) -> Any:
    decoder = json.JSONDecoder(strict=False, parse_int=_integer)
    other: list[Any] = []
    place = 0
    for _ in range(MOST_STARTS):
        start = _STARTS.search(text, place)
        if start is None:
            break
        try:
            value, end = decoder.raw_decode(text, start.start())
        except json.JSONDecodeError as error:
            if error.pos - start.start() > _IS_IT:
                raise NotRows("it is not whole", is_cut=True) from error
            place = start.start() + 1
            continue
        except RecursionError as error:
            raise NotRows("it is nested too deep", is_cut="{" in text[:_HEAD]) from error
        rest = text[end : end + _IS_IT].lstrip(_BLANKS)
        if isinstance(value, dict) and rest[:1] in (",", "]") and rest:
            # One of a list's rows: the list itself is broken before it.
            raise NotRows("it is not whole", is_cut=True)
        if value and _entries(value, MOST_WRAPPINGS):
            return value
        if value or not rest or rest.startswith("<!--"):
            other.append(value)
        place = end
    if other:
        return other[-1]
    raise NotRows("it is not JSON", is_cut=text[:1] in ("[", "{"))


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else None


def _entries(value: Any, wrappings: int) -> list[Any] | None:
    """The list in a value: itself, an object that PHP made of a list, or wrapped in others; None for none."""
    if isinstance(value, str) and wrappings and value.lstrip(_BLANKS)[:1] in ("[", "{"):
        try:
            return _entries(_json_within(value), wrappings - 1)
        except NotRows:
            return None
    if isinstance(value, list):
        if wrappings and value and all(isinstance(one, list) for one in value):
            return [row for one in value for row in one]
        return value
    if not isinstance(value, dict):
        return None
    if not value:
        return []
    if "id" in value and not {"link", "content", "title", "name"}.isdisjoint(value):
        return [value]
    if all(key.isascii() and key.isdigit() for key in value):
        return list(value.values())
    if not wrappings or ("code" in value and "message" in value):
        return None
    if rows := [one for one in value.values() if isinstance(one, dict) and "id" in one]:
        return rows
    inner = [(key, entries) for key, one in _likeliest(value) if (entries := _entries(one, wrappings - 1)) is not None]
    filled = [entries for _, entries in inner if any(isinstance(row, dict) and "id" in row for row in entries)]
    return filled[0] if filled else next((entries for key, entries in inner if key in _LISTS and not entries), None)


def _likeliest(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((key, value[key]) for key in _LISTS if key in value)
    yield from ((key, one) for key, one in value.items() if key not in _LISTS)


def _storable(value: Any, depth: int) -> Any:
    """The value with its texts as UTF-8 can hold them."""
    if isinstance(value, str):
        return without_surrogates(value)
    if not isinstance(value, list | dict):
        return value
    if not depth:
        return None
    if isinstance(value, list):
        return [_storable(one, depth - 1) for one in value]
    return {without_surrogates(key): _storable(one, depth - 1) for key, one in value.items()}
