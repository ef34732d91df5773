"""Taking the passages of a text out of an answer that prints some of it and is wanted otherwise: a page with a teaser of it."""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING

from aurora_crawl.storage.redaction import Holding, Prints, decoded, letters, written_out

if TYPE_CHECKING:
    from aurora_crawl.storage.fingerprints import Fingerprints

_RUN = re.compile(r'[^<>"]+')
_ESCAPE_AT_END = re.compile(r"\\+$")


@dataclass(slots=True)
class _Run:
    """What stands between two of `<`, `>` and `"`: the smallest part of an answer that goes whole.

    `follows`: whether only tags stand between it and the run of text before it.
    """

    start: int
    end: int
    letters: str
    is_text: bool
    follows: bool = False
    goes: bool = False


def without_passages(body: bytes, prints: Prints | Fingerprints) -> bytes | None:
    """The answer without what it prints of the texts: what stands between tags, in attributes and in strings of JSON.

    Null where that cannot be done: the text is written in yet another way, or JSON would be none any more.
    """
    text, encoding = decoded(body)
    errors = "surrogateescape" if encoding == "utf-8" else "replace"
    runs = list(_runs(text))
    for run in runs:
        run.goes = prints.held_by(text[run.start : run.end].encode("utf-8", "surrogateescape")) is not Holding.NOTHING
    shown = [run for run in runs if run.is_text and run.letters]
    _mark_passages(shown, prints)
    pieces, place = [], 0
    for run in runs:
        if run.goes:
            # The end of a string of JSON that stands in another stays escaped.
            escape = _ESCAPE_AT_END.search(text, run.start, run.end)
            pieces += [text[place : run.start], escape[0] if escape else ""]
            place = run.end
    left = "".join([*pieces, text[place:]]).encode(encoding, errors)
    if prints.held_by(left) is not Holding.NOTHING or (_is_json(body) and not _is_json(left)):
        return None
    return left


def _runs(text: str) -> Iterator[_Run]:
    in_tag, follows, place = False, False, 0
    for found in _RUN.finditer(text):
        between = text[place : found.start()]
        if "<" in between:
            in_tag = between.rfind("<") > between.rfind(">") and found[0][0].isascii() and not found[0][0].isspace()
        elif ">" in between:
            in_tag = False
        if '"' in between and not in_tag:
            follows = False
        yield _Run(found.start(), found.end(), letters(unescape(unescape(written_out(found[0])))), not in_tag, follows)
        follows = follows if in_tag else True
        place = found.end()


def _mark_passages(shown: list[_Run], prints: Prints | Fingerprints) -> None:
    """Mark runs that print a text together: a sentence with a word in bold is three, of which none may tell by itself."""
    plain, starts = "".join(run.letters for run in shown), []
    place = 0
    for run in shown:
        starts.append(place)
        place += len(run.letters)
    for begin, end in prints.places_in(plain):
        for run in shown[bisect_right(starts, begin) - 1 : bisect_left(starts, end)]:
            run.goes = True
    # What is left of the sentence before and behind.
    for before, run in pairwise(shown):
        run.goes |= before.goes and run.follows and prints.has_letters(run.letters)
    for behind, run in pairwise(reversed(shown)):
        run.goes |= behind.goes and behind.follows and prints.has_letters(run.letters)


def _is_json(body: bytes) -> bool:
    with suppress(ValueError, RecursionError):
        json.loads(body)
        return True
    return False
