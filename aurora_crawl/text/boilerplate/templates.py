"""What varies in repeated text, as slots: dates, months, numbers, names; and templates made from what a group has in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from aurora_crawl.text.boilerplate.block_file import DATE, MONTH, NAME_WORD, NUMBER, escaped

_VARYING = re.compile(
    rf"(?=[\dA-ZÀ-ÖØ-Þjfmasond])(?:(?P<date>(?<!\w)(?i:{DATE}))|(?P<month>(?<!\w)(?i:{MONTH})(?!\w))|(?P<number>(?<!\w){NUMBER})"
    rf"|(?P<name>{NAME_WORD}(?:[ /](?:(?:d[aeo]s?|e|y) )?{NAME_WORD}){{1,6}}|(?<=[a-zà-ú,] ){NAME_WORD}))"
)

_NAME_FIRST = re.compile(
    rf"(?P<marks>[^\w\s]{{0,3}}\s?){NAME_WORD}(?: (?:(?:d[aeo]s?|e|y) )?{NAME_WORD}){{1,6}}(?= [a-zà-ú(])"
)
_NAMED = "\ue002"
"""Stands for the name in texts of which a frame is made."""


@lru_cache(maxsize=200_000)
def masked(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A text's fixed pieces, and the slots between them as "kind=value"; two texts with equal pieces may be one block.

    The pieces carry their slot's kind at the end, so that a date and a name in the same place are different texts.
    """
    pieces, values, start = [], [], 0
    for match in _VARYING.finditer(text):
        kind = match.lastgroup or "name"
        pieces.append(f"{text[start : match.start()]}\0{kind}")
        values.append(match[0])
        start = match.end()
    return (*pieces, text[start:]), tuple(values)


def template_of(pieces: Sequence[str], values: Sequence[Sequence[str]]) -> str:
    """The template of texts with the same pieces: a slot only where their values differ.

    `values` holds each text's slot values.
    """
    columns = list(zip(*values, strict=True)) if values else []
    out = []
    for piece, column in zip(pieces, [*columns, None], strict=True):
        fixed, _, kind = piece.partition("\0")
        out.append(escaped(fixed))
        if column is not None:
            out.append(_slot(kind, column))
    return "".join(out)


def _slot(kind: str, values: Sequence[str]) -> str:
    """The slot for what varies; where capitals made a name of it, the words that all values begin with stay fixed."""
    if len(set(values)) == 1:
        return escaped(values[0])
    if kind != "name":
        return f"{{{kind}}}"
    rows = [value.split(" ") for value in values]
    same = 0
    while same < min(map(len, rows)) - 1 and len({row[same] for row in rows}) == 1:
        same += 1
    return " ".join([*map(escaped, rows[0][:same]), "{name}"])


def with_name_first(text: str) -> str | None:
    """A text that begins with a person's name, with a mark in its place that `frame_of` writes as `{name}`; else None."""
    match = _NAME_FIRST.match(text)
    return f"{match['marks']}{_NAMED}{text[match.end() :]}" if match else None


def frame_of(texts: Sequence[str]) -> str:
    """The words that all the texts begin and end with, and `{any}` between; empty where they share neither."""
    rows = [text.split(" ") for text in texts]
    shortest = min(map(len, rows))
    head = 0
    while head < shortest and len({row[head] for row in rows}) == 1:
        head += 1
    tail = 0
    while tail < shortest - head and len({row[-1 - tail] for row in rows}) == 1:
        tail += 1
    first = rows[0]
    beginning = " ".join(first[:head])
    if head == shortest and len({len(row) for row in rows}) == 1:
        return _written(beginning)
    end = " ".join(first[len(first) - tail :]) if tail else ""
    return " ".join(part for part in (_written(beginning), "{any}", _written(end)) if part)


def _written(words: str) -> str:
    return escaped(words).replace(_NAMED, "{name}")
