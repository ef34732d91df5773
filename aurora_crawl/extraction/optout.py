"""What an answer says against machine learning: in its headers, its page, a robots.txt, a tdmrep.json; for crawls and archives alike."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from protego import Protego

from aurora_crawl.addresses import path_of

AI_CRAWLERS = (
    "GPTBot",
    "CCBot",
    "Google-Extended",
    "ClaudeBot",
    "anthropic-ai",
    "Applebot-Extended",
    "meta-externalagent",
    "Bytespider",
    "Amazonbot",
    "cohere-ai",
    "cohere-training-data-crawler",
    "AI2Bot",
    "Diffbot",
    "omgili",
)
"""Robots that collect training data, by the names that their operators publish for robots.txt."""

TDMREP = "/.well-known/tdmrep.json"
ROBOTS = "/robots.txt"
HEAD_LETTERS = 200_000
"""Of a page, in which its signals are looked for."""
MOST_STARS = 4
"""Of one rule of robots.txt. The parser makes a regular expression of it, whose time grows with the address's length to this power."""
MOST_ROBOTS = 500 << 10
"""Bytes of a robots.txt that are read, as RFC 9309 (2.5) asks."""

_WORDS = ("noai", "noimageai")
_META = re.compile(r"<meta\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""(?<![a-z-])([a-z-]{1,40})\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE
)
_MOST_RULES_BYTES, _MOST_RULES = 1 << 20, 5000
"""Of a tdmrep.json, each held against every article's address."""

Allowed = Callable[[str, str], bool]
"""Whether robots.txt allows an address to a robot."""


@dataclass(slots=True, frozen=True)
class Reservation:
    """A rule of a tdmrep.json: which paths it is of, and whether their texts are kept back from mining."""

    location: str
    is_reserved: bool


def header_signals(headers: Iterable[tuple[str, str]]) -> list[str]:
    """The signals in an answer's headers."""
    found = []
    for name, line in headers:
        if name.lower() == "x-robots-tag":
            # A line may be meant for one robot: `GPTBot: noai`.
            words = {word.strip().lower() for word in re.split(r"[,:]", line)}
            found += [f"X-Robots-Tag: {word}" for word in _WORDS if word in words]
        elif name.lower() == "tdm-reservation" and line.strip() == "1":
            found.append("tdm-reservation header")
    return list(dict.fromkeys(found))


def meta_signals(html: str) -> list[str]:
    """The signals in a page's meta elements."""
    found = []
    for tag in _META.findall(html):
        values = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag)}
        name, content = values.get("name", "").lower(), values.get("content", "").lower()
        if name == "tdm-reservation" and content.strip() == "1":
            found.append("tdm-reservation meta")
        elif content and (name == "robots" or name.endswith("bot") or name == "aurora-br"):
            words = {word.strip() for word in content.split(",")}
            found += [f"meta robots: {word}" for word in _WORDS if word in words]
    return found


def robots_signals(allowed: Allowed, url: str) -> list[str]:
    """The robots that collect training data and may not fetch an address."""
    return [f"robots.txt: {name}" for name in AI_CRAWLERS if not allowed(url, name)]


def robots_rules(body: bytes) -> Allowed:
    """Whether a robots.txt allows an address to a robot."""
    rules = Protego.parse(bounded_robots(body).decode("utf-8", "replace"))
    return lambda url, name: bool(rules.can_fetch(url, name))


def bounded_robots(body: bytes) -> bytes:
    """The rules that a parser is given: without empty lines, and no more than it can hold against any address in time."""
    lines = (line for line in body[:MOST_ROBOTS].splitlines() if line.strip())
    return b"\n".join(bounded for line in lines if (bounded := _with_few_stars(line)))


def reservations_in(body: bytes) -> list[Reservation]:
    """The rules in a tdmrep.json; none in what is none."""
    try:
        rows = json.loads(body[:_MOST_RULES_BYTES])
    except (ValueError, RecursionError):
        return []
    rows = rows[:_MOST_RULES] if isinstance(rows, list) else [rows]
    return [
        Reservation(row["location"], row.get("tdm-reservation") == 1)
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("location"), str)
    ]


def reservation_signals(rules: Iterable[Reservation], url: str) -> list[str]:
    """What a tdmrep.json says of an address of its host: by the longest location that covers it."""
    path = path_of(url) or "/"
    fitting = [rule for rule in rules if covers(rule.location, path)]
    longest = max(fitting, key=lambda rule: len(rule.location), default=None)
    return ["tdmrep.json"] if longest is not None and longest.is_reserved else []


def _with_few_stars(line: bytes) -> bytes:
    """A rule that a parser can hold against any address in time: one with more stars forbids more, or allows nothing."""
    pieces = line.split(b"*", MOST_STARS + 1)
    if len(pieces) <= MOST_STARS + 1 or line.lstrip().startswith(b"#"):
        return line
    return b"" if line.lstrip().lower().startswith(b"allow") else b"*".join(pieces[:-1])


def covers(location: str, path: str) -> bool:
    """Whether a location of tdmrep.json covers a path: `*` is anything, `$` the end, as in robots.txt."""
    wanted, is_whole = location.removesuffix("$"), location.endswith("$")
    first, *others = wanted.split("*")
    if not path.startswith(first):
        return False
    # Each piece at its first place: no other choice leaves more room for the next.
    place = len(first)
    for piece in others:
        found = path.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return not is_whole or (path.endswith(others[-1]) if others else place == len(path))
