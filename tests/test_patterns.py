"""Every compiled pattern of both packages takes linear time on long hostile inputs: none can hang a crawl or a training."""

import ast
import importlib
import pkgutil
import re
import signal
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

import pytest

import aurora_crawl
import train

LENGTH = 10_000
"""Letters of an input. A pattern of linear time takes a thousandth of a second, one of quadratic time some seconds."""
MOST_SECONDS = 0.3
"""Of this process alone, for one pattern and one input."""
USUAL = (
    "a",
    "A",
    "1",
    " ",
    "\n",
    "a ",
    "1 ",
    ". ",
    "é",
    "Ab ",
    "<",
    "<a ",
    'a="',
    "&amp;",
    "[a",
    "{",
    "- ",
    "/a",
    "a@",
    "1.",
    "  a",
    '"a",',
    "a=1;",
)
"""Pieces of what pages, feeds and configurations are made of."""
MOST_LITERALS = 10
METHODS = {"match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split"}


class Slow(Exception):  # noqa: N818 - what a pattern was
    """The pattern took longer than it may."""


def found_in(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """The patterns in a module's constant, also where records or collections hold them."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth > 3 or isinstance(value, type | str | bytes):
        return
    elif isinstance(value, dict):
        yield from found_in([*value, *value.values()], depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from found_in(one, depth + 1)
    elif is_dataclass(value):
        yield from found_in([getattr(value, field.name, None) for field in fields(value)], depth + 1)


@cache
def patterns() -> dict[str, re.Pattern[Any]]:
    """Every pattern that a module holds when it is imported, by module and name."""
    every: dict[tuple[Any, int], tuple[str, re.Pattern[Any]]] = {}
    for package in (aurora_crawl, train):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if info.name.endswith("__main__"):
                continue
            module = importlib.import_module(info.name)
            for name, value in list(vars(module).items()):
                held = (
                    [value, *vars(value).values()]
                    if isinstance(value, type) and value.__module__ == info.name
                    else [value]
                )
                for pattern in found_in(held):
                    every.setdefault((pattern.pattern, pattern.flags), (f"{info.name}.{name}", pattern))
    return {f"{name} {pattern.pattern!r}": pattern for name, pattern in every.values()}


def literals(parsed: Any, here: list[str]) -> None:
    """The letters and words that stand in a pattern: what is written by who knows it."""
    word = ""
    for code, value in parsed:
        if code is codes.LITERAL:
            word += chr(value)
            continue
        here.append(word)
        word = ""
        match code:
            case codes.IN:
                here += [chr(one) for kind, one in value if kind is codes.LITERAL][:4]
            case codes.BRANCH:
                for branch in value[1]:
                    literals(branch, here)
            case codes.SUBPATTERN | codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
                literals(value[-1], here)
            case codes.ATOMIC_GROUP:
                literals(value, here)
            case codes.ASSERT | codes.ASSERT_NOT:
                literals(value[1], here)
    here.append(word)


def inputs(pattern: re.Pattern[Any]) -> Iterator[Any]:
    """One piece over and over, of those that pages hold and of those that the pattern looks for."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    own: list[str] = []
    literals(
        parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags), own
    )
    words = [one for one in dict.fromkeys(own) if one]
    spread = words[:: max(1, len(words) // MOST_LITERALS)]
    for piece in dict.fromkeys([*USUAL, *spread, *(f"{one}a" for one in spread), *(f"{one} " for one in spread)]):
        line = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
        yield line if isinstance(pattern.pattern, str) else line.encode("latin-1", "replace")


@cache
def uses() -> dict[str, set[str]]:
    """By name, which of their methods the packages call of patterns: `PATTERN.fullmatch`, `rule.pattern.search`."""
    found: dict[str, set[str]] = defaultdict(set)
    for package in (aurora_crawl, train):
        for path in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in METHODS:
                    base = node.value
                    name = (
                        base.id if isinstance(base, ast.Name) else base.attr if isinstance(base, ast.Attribute) else ""
                    )
                    found[name].add(node.attr)
    return found


def is_searched(name: str) -> bool:
    """Whether a pattern of a module is looked for anywhere in a text, and not only held against all of it, or its beginning."""
    return not uses()[name.split(" ")[0].rpartition(".")[2]] <= {"match", "fullmatch"}


def too_slow(number: int, frame: FrameType | None) -> None:
    raise Slow


def test_no_pattern_takes_more_than_linear_time() -> None:
    uses()
    slow, before = [], signal.signal(signal.SIGVTALRM, too_slow)
    try:
        for name, pattern in patterns().items():
            for line in inputs(pattern):
                signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
                try:
                    for _ in pattern.finditer(line) if is_searched(name) else ():
                        pass
                    pattern.match(line)
                    pattern.fullmatch(line)
                except Slow:
                    slow.append(f"{name} on {line[:20]!r}…")
                    break
                finally:
                    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.signal(signal.SIGVTALRM, before)
    assert len(patterns()) > 250
    if slow:
        pytest.fail("\n".join(slow))
