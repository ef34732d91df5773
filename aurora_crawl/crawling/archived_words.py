"""What archived robots.txt and tdmrep.json files say against machine learning: of each host the latest word counts, for all captures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlsplit

from aurora_crawl.extraction.answer import readable_body
from aurora_crawl.extraction.optout import (
    MOST_ROBOTS,
    ROBOTS,
    TDMREP,
    reservation_signals,
    reservations_in,
    robots_rules,
    robots_signals,
)
from aurora_crawl.storage.archive import Capture

MOST_BYTES = 1 << 20
_NONE = {404, 410}
"""Answers that say that there is no such file, and so no rule."""


@dataclass(slots=True, frozen=True)
class ArchivedWord:
    """A host's file of rules, as it was captured: nothing in it where there was none then."""

    host: str
    path: str
    moment: str
    body: bytes


def is_word(url: str) -> bool:
    """Whether an address is that of a host's file of rules."""
    return url.endswith((ROBOTS, TDMREP)) and _place(url) is not None


def word_in(capture: Capture) -> ArchivedWord | None:
    """The rules in an answer; None where it holds none, or was not the file: errors of the server, redirects, pages."""
    place = _place(capture.url) if is_word(capture.url) else None
    if place is None or capture.status not in (200, *_NONE):
        return None
    body = readable_body(capture.headers, capture.body, MOST_BYTES)[:MOST_ROBOTS] if capture.status == 200 else b""
    if body.lstrip()[:1] == b"<":
        return None
    return ArchivedWord(*place, capture.date.astimezone(UTC).isoformat(timespec="seconds"), body)


class HostWords:
    """The latest word of each host."""

    def __init__(self) -> None:
        self._words: dict[tuple[str, str], ArchivedWord] = {}
        self._says: dict[tuple[str, str], Callable[[str], list[str]]] = {}

    def hear(self, word: ArchivedWord) -> None:
        """Take a word in; the order is of no account."""
        key = word.host, word.path
        known = self._words.get(key)
        if known is None or (known.moment, known.body) < (word.moment, word.body):
            self._words[key] = word
            self._says.pop(key, None)

    def of(self, url: str) -> list[str]:
        """What the host of an address says of it."""
        host = _host(url)
        return [
            signal for path in (ROBOTS, TDMREP) if (host, path) in self._words for signal in self._of(host, path)(url)
        ]

    def _of(self, host: str, path: str) -> Callable[[str], list[str]]:
        key = host, path
        if key not in self._says:
            body = self._words[key].body
            if path == ROBOTS:
                allowed = robots_rules(body)
                self._says[key] = lambda url: robots_signals(allowed, url)
            else:
                rules = reservations_in(body)
                self._says[key] = lambda url: reservation_signals(rules, url)
        return self._says[key]


def _place(url: str) -> tuple[str, str] | None:
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    return (_host(url), path) if path in (ROBOTS, TDMREP) else None


def _host(url: str) -> str:
    """The host of an address without `www.`, with its port where it has one."""
    try:
        return (
            urlsplit(url)
            .netloc.rpartition("@")[2]
            .lower()
            .removeprefix("www.")
            .removesuffix(":443")
            .removesuffix(":80")
        )
    except ValueError:
        return ""
