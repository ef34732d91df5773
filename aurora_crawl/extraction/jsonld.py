"""JSON-LD of a page: its objects, though the script be broken, and the plain values in them, whatever their shape."""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

LONGEST_SCRIPT = 1_000_000
"""Characters of a script that are read: an article's whole text among its data takes a tenth."""

LONGEST_MENDED = 200_000
"""Characters of a script that is mended where it is broken: string by string, at some 4 s a million."""

MOST_OBJECTS = 2_000
"""Objects of a page; lists of what else there is to read run into hundreds."""

_DEEPEST_JSON = 8
_JSON = json.JSONDecoder(strict=False)
_BETWEEN = re.compile(r"[\s;,\ufeff]*")
# Strings as they are, and, outside them, what JSON does not know. Each alternative ends somewhere: the pattern is linear.
_TOKEN = re.compile(
    r"""(?P<string>"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z))|(?P<wrapping>(?://\s*)?(?:<!\[CDATA\[|\]\]>)|<!--|-->)"""
    r"""|(?P<remark>//[^\n{\[]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)|\*/)|(?P<blank>[^\S \n\t\r]|\ufeff)""",
    re.DOTALL,
)
_BAD_ESCAPE = re.compile(r"""\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)""")
_TRAILING_COMMA = re.compile(r""""[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|,(?=\s{0,99}[}\]])""", re.DOTALL)
_IN_ADDRESS = re.compile(r"[/#:]")
_PREFIXED_KEY = re.compile(r'"(?:https?://(?:www\.)?schema\.org/|schema:)\w+"\s{0,9}:', re.IGNORECASE)
_PREFIX = re.compile(r"^(?:https?://(?:www\.)?schema\.org/|schema:)", re.IGNORECASE)


Node = dict[str, Any]
"""An object of JSON-LD: any of its properties may be there, of any type."""


def objects(scripts: Iterable[etree._Element]) -> Iterator[Node]:
    """Every JSON-LD object in a page's scripts, nested ones too, at most `MOST_OBJECTS`; what cannot be read is left aside."""
    left = MOST_OBJECTS
    for script in scripts:
        if "ld+json" not in (script.get("type") or "").lower() or not (text := script.text):
            continue
        is_prefixed = _PREFIXED_KEY.search(text, 0, LONGEST_SCRIPT) is not None
        for value in values_in(text):
            for one in _walk(value, 0):
                yield _without_prefixes(one) if is_prefixed else one
                left -= 1
                if not left:
                    return


def values_in(script: str) -> list[object]:
    """The JSON values of a script, in order.

    Read as browsers' and search engines' users write it: several values one after another, a byte order mark, CDATA and
    comments, trailing commas, escapes that JSON does not have, quotation marks as entities.
    """
    script = script[:LONGEST_SCRIPT]
    found, is_whole = _values(script)
    if is_whole or len(script) > LONGEST_MENDED:
        return found
    if "&quot;" in script and '"' not in script:
        script = entities.unescape(script)
    mended, _ = _values(_TRAILING_COMMA.sub(_without_comma, _TOKEN.sub(_mended, script)))
    return mended or found


def _values(text: str) -> tuple[list[object], bool]:
    """The values up to the first that cannot be read, and whether that was all."""
    found: list[object] = []
    position = _next_value(text, 0)
    while position < len(text):
        try:
            value, position = _JSON.raw_decode(text, position)
        except (ValueError, RecursionError):
            return found, False
        found.append(value)
        position = _next_value(text, position)
    return found, True


def _next_value(text: str, position: int) -> int:
    between = _BETWEEN.match(text, position)
    return between.end() if between else position


def _mended(match: re.Match[str]) -> str:
    if match.lastgroup != "string":
        return " "
    text = match[0]
    return _BAD_ESCAPE.sub(lambda escape: f"\\{escape[1]}" if escape[1] else "", text) if "\\" in text else text


def _without_comma(match: re.Match[str]) -> str:
    return "" if match[0] == "," else match[0]


def _walk(value: object, depth: int) -> Iterator[Node]:
    if depth > _DEEPEST_JSON:
        return
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            if isinstance(inner, dict | list):
                yield from _walk(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict | list):
                yield from _walk(inner, depth + 1)


def _without_prefixes(one: Node) -> Node:
    return {_PREFIX.sub("", key): inner for key, inner in one.items()}


def as_list(value: object) -> list[Any]:
    """The members of a list, of a `@list` or `@set`; nothing as an empty list, anything else as the only member of one."""
    if isinstance(value, dict):
        inner = value.get("@list", value.get("@set"))
        return inner if isinstance(inner, list) else [value]
    return value if isinstance(value, list) else [] if value is None else [value]


def strings(value: object) -> list[str]:
    """The strings of a value or of a list of values, whether plain or as `@value`."""
    found = (one.get("@value") if isinstance(one, dict) else one for one in as_list(value))
    return [one for one in found if isinstance(one, str)]


def types_of(one: Node) -> set[str]:
    """The names of an object's types, without the vocabulary's address."""
    return {_IN_ADDRESS.split(name.rstrip("/"))[-1] for name in strings(one.get("@type"))}


def names_of(value: object, nodes: dict[str, Node]) -> list[str]:
    """The name of a person or an organisation: a plain string, an object with a name, or a reference into `nodes`."""
    if not isinstance(value, dict):
        return [value] if isinstance(value, str) else []
    if "@value" in value:
        return strings(value)
    if not value.get("name") and isinstance(reference := value.get("@id"), str) and reference in nodes:
        value = nodes[reference]
    if names := [name for name in strings(value.get("name")) if name.strip()]:
        return names
    parts = [part for key in ("givenName", "additionalName", "familyName") for part in strings(value.get(key))[:1]]
    return [" ".join(parts)] if any(part.strip() for part in parts) else []
