"""A title without the name of its site: which names are known, what parts them from the title, and what is a section's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from aurora_crawl.text.unicode import letters_of

_SEPARATORS = "|–—-·•»:>/"
_EDGES = " |–—-·•:"
_SEPARATOR_AT_END = re.compile(r"(?<!\s)(?:\s*[|–—·•:/-]+|\s+[»>]+)\s*$")
"""A "»" without a blank before it closes a quotation."""
_PIPE = re.compile(r"\s*\|\s*")
SEPARATED = re.compile(r"(?<!\s)(?:\s+(?:[|–—·•»:>/]|-{1,3})\s+|\s*\|\s*)")
LEAST_HEAD = 3
_MOST_SECTION = 3
"""Words of a title that something after it is cut from, and of a section's name."""

_MEDIUM = re.compile(
    r"(?:o |a )?(?:jornal|folha|gazeta|di[aá]rio|correio|tribuna|portal|revista|r[aá]dio|tv|blog|ag[eê]ncia|not[ií]cias|news)\b"
    r"|\S+\.(?:com|net|org|info|jor)(?:\.br)?$",
    re.IGNORECASE,
)

bare = lru_cache(maxsize=1_000)(letters_of)
"""Remembered: the same few titles are compared with each other."""


def without_site_name(title: str, names: Iterable[str]) -> str:
    """A page's title without the name of the site at its end or beginning, where that is known or evident.

    After a name that was cut, a short last part is a section's. Empty where the title is the name.

    >>> without_site_name("Greve continua - Jornal da Serra", ["Jornal da Serra"])
    'Greve continua'
    >>> without_site_name("Feira volta ao largo | Cultura | Folha do Vale", [])
    'Feira volta ao largo'
    """
    known = {name if name.isalnum() and name.islower() else bare(name) for name in names} - {""}
    if bare(title) in known:
        return ""
    title = title.strip(_EDGES)
    title, found = _without_known(title, known)
    parts = SEPARATED.split(title)
    while len(parts) > 1 and not bare(parts[-1]):
        # a name in stars or arrows
        title, parts = _without_last(title, parts), parts[:-1]
    if (
        len(parts) > 1
        and not found
        and _MEDIUM.match(parts[-1])
        and len(parts[-1].split()) <= 2 * _MOST_SECTION
        and len(parts[0].split()) > 1
    ):
        title, found = _without_last(title, parts), True
        parts = parts[:-1]
    piped = _PIPE.split(title)
    while len(piped) > 1 and len(piped[0]) > len(piped[-1]):
        title, piped = title[: title.rindex("|")].rstrip(_EDGES), piped[:-1]
    parts = SEPARATED.split(title)
    if found and len(parts) > 1 and _is_section(parts):
        title = _without_last(title, parts)
    return title


def _without_known(title: str, known: set[str]) -> tuple[str, bool]:
    """The title without known names at its ends, and whether there was one."""
    found = False
    for _ in range(3):
        before = title
        whole = bare(title)
        for name in known:
            if whole.endswith(name) and whole != name:
                cut = _last_letters(title, len(name))
                head = title[:cut].rstrip()
                bare_head = _SEPARATOR_AT_END.sub("", head)
                is_stuck = head == title[:cut] and head[-1:].islower() and title[cut].isupper()
                if bare_head and (bare_head != head or is_stuck):
                    title = bare_head
                    break
            if whole.startswith(name) and whole != name:
                cut = _first_letters(title, len(name))
                rest = title[cut:].lstrip()
                if rest[:1] and rest[0] in _SEPARATORS:
                    title = rest.lstrip(_SEPARATORS + " ")
                    break
        if title == before:
            break
        found = True
    return title, found


def _last_letters(text: str, count: int) -> int:
    """Where the last so many letters and digits of a text begin."""
    position = len(text)
    while count and position:
        position -= 1
        count -= text[position].isalnum()
    return position


def _first_letters(text: str, count: int) -> int:
    """Where the first so many letters and digits of a text end."""
    position = 0
    while count and position < len(text):
        count -= text[position].isalnum()
        position += 1
    return position


def _without_last(title: str, parts: Sequence[str]) -> str:
    return _SEPARATOR_AT_END.sub("", title[: title.rindex(parts[-1])].rstrip())


def _is_section(parts: Sequence[str]) -> bool:
    """Whether the last part of a title looks like a section's name: a few words, capital, no figures."""
    words, head = parts[-1].split(), " ".join(parts[:-1]).split()
    return (
        0 < len(words) <= _MOST_SECTION
        and len(head) >= LEAST_HEAD
        and len(head) > len(words)
        and words[0][:1].isupper()
        and not any(map(str.isdigit, parts[-1]))
        and parts[-1][-1:] not in "?!.…"
        and words[0].lower() not in ("parte", "capítulo", "diz", "dizem")
    )


def names_of_host(url: str) -> list[str]:
    """What a site may be called after its host: "jornaldaserra", "jornaldaserra.com.br"."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return []
    labels = host.split(".")
    return [host, max(labels[:-1], key=len)] if len(labels) > 1 else []
