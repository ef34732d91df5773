"""Titles as pages tell them: without the site's name, and whether two of them are the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TITLE_SEPARATOR = re.compile(r"\s+[|–—\-·•»:>/]\s+|\s*\|\s*")
_WORD = re.compile(r"\w+")
_SAME_WORDS = 0.5


def without_site_name(title: str, names: Iterable[str]) -> str:
    """A page's title without the name of the site at its end or beginning, where that is known or evident.

    >>> without_site_name("Greve continua - Jornal da Serra", ["Jornal da Serra"])
    'Greve continua'
    """
    parts = _TITLE_SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    known = {_bare(name) for name in names}
    if _bare(parts[-1]) in known:
        return title[: title.rindex(parts[-1])].rstrip(" |–—-·•»:>/")
    if _bare(parts[0]) in known:
        return title[len(parts[0]) :].lstrip(" |–—-·•»:>/")
    if "|" in title and len(parts[0]) > len(parts[-1]):
        return title[: title.rindex("|")].rstrip(" |–—-·•»:>/")
    return title


def says_the_same(heading: str, declared: str) -> bool:
    """Whether a heading is a declared title, in part or in other words: at least half of the words."""
    words, others = set(_WORD.findall(heading.lower())), set(_WORD.findall(declared.lower()))
    common = len(words & others)
    begins = declared.lower().startswith(heading.lower())
    return common >= _SAME_WORDS * max(len(words), 1) and (begins or common >= _SAME_WORDS * len(others))


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
