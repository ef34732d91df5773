"""The names of authors in bylines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aurora_crawl.extraction.dates import parse_date
from aurora_crawl.extraction.fragment import text_of_title

LONGEST_NAME = 80
"""Characters; what is longer is no name of a person, a section or a tag."""

_BY = re.compile(
    r"^\s*(?:por|by|escrito por|texto|texto de|autor(?:a|es)?|de|da|from|publicado por|posted by)\b\s*:?\s+",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:;|\||/|,|\be\b|\band\b|&)\s+")
_NO_NAME = re.compile(r"https?://|www\.|@|^\d|[{}<>]|^(?:admin|administrator|user|root|editor)$", re.IGNORECASE)


def names_in(texts: Iterable[str]) -> list[str]:
    """The names in texts such as "Por Ana Lima e Rui Paz"; each once."""
    names: dict[str, str] = {}
    for text in texts:
        for part in _AND.split(_BY.sub("", text_of_title(text))):
            name = part.strip(" .,;:–—-|•")
            if 1 < len(name) <= LONGEST_NAME and not _NO_NAME.search(name) and parse_date(name) is None:
                names.setdefault(name.lower(), name)
    return list(names.values())
