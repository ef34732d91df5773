"""Which records of a bulk archive are wanted: of named outlets, or in the language."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Collection

from aurora_crawl.addresses import host_of
from aurora_crawl.extraction.answer import archived_page
from aurora_crawl.extraction.optout import ROBOTS, TDMREP
from aurora_crawl.storage.archive import BrokenRecord, capture_of, is_answer
from aurora_crawl.storage.members import Member
from aurora_crawl.storage.record_head import RecordHead
from aurora_crawl.text.language import detect_mostly

LOOKS = 4
"""Pages of a host that are read for their language; when none of them is in it, of its others only those are read that say that they are, or
whose address does."""
LOOKS_UNTOLD = 32
"""So many where pages say no language: an international outlet may have one in ten in it."""
_LANG = re.compile(r"<html\b[^<>]{0,600}?\blang\s{0,9}=\s{0,9}[\"']?([A-Za-z]{2,3})\b", re.IGNORECASE)
_TELLS = re.compile(
    rb"<html\b[^<>]{0,600}?\blang\s{0,9}=\s{0,9}[\"']?([A-Za-z]{2,3})(?![A-Za-z])"
    rb"|[\"']og:locale[\"'][^<>]{0,60}?content\s{0,9}=\s{0,9}[\"']?([A-Za-z]{2,3})(?![A-Za-z])",
    re.IGNORECASE,
)
_SECTION = re.compile(r"//pt\.|[/.](?:pt(?:[-_](?:br|pt))?|portugu[eê]se?s?|brasil|brazil)(?=[/.]|$)", re.IGNORECASE)
"""Addresses of what international outlets have in Portuguese."""
_HIDDEN = re.compile(r"<(script|style|noscript|head)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<[^<>]*>")
_BEGIN = 4000
_BEGIN_BYTES = 6144
"""Of a record: its own head, that of the answer, and the page's first 4 KB."""
_MOST_TEXT = 200_000
_SHORTEST, _ENOUGH = 60, 30


class Wanted:
    """Says of records whether they are kept. `outlets` are hosts, their subdomains included; none: every page in Portuguese."""

    def __init__(self, outlets: Collection[str]) -> None:
        self._outlets = frozenset(outlets)
        self._known: dict[str, bool] = {}
        self._looks: dict[str, int] = defaultdict(int)
        self._hits: set[str] = set()

    def may_be(self, head: RecordHead) -> bool:
        """Whether a record is worth holding."""
        return is_answer(head) and (not self._outlets or self.of_outlet(head.url))

    def of_outlet(self, url: str) -> bool:
        """Whether an address is an outlet's."""
        host = host_of(url)
        known = self._known.get(host)
        if known is None:
            parts = host.split(".")
            known = self._known[host] = any(".".join(parts[n:]) in self._outlets for n in range(len(parts)))
        return known

    def keeps(self, member: Member) -> bool:
        """Whether a record that is held is kept."""
        if self._outlets:
            return True
        if member.head.url.endswith((ROBOTS, TDMREP)):
            # What a host says of its texts, which may come before these or after.
            return True
        host = host_of(member.head.url)
        if host not in self._hits and self._looks[host] >= LOOKS and not self._is_worth_reading(member, host):
            return False
        is_in = _is_portuguese(member)
        self._looks[host] += 1
        if is_in:
            self._hits.add(host)
        return is_in

    def _is_worth_reading(self, member: Member, host: str) -> bool:
        """Whether a page may be in the language though others of its host are not; the first of its bytes are unpacked for it."""
        told = _told_language(member)
        if told is None and self._looks[host] < LOOKS_UNTOLD:
            return True
        return told == "pt" or _SECTION.search(member.head.url) is not None


def _told_language(member: Member) -> str | None:
    """The language that a page says it is in, as far as its first bytes tell."""
    try:
        begin = zlib.decompressobj(31).decompress(member.packed or b"", _BEGIN_BYTES)
    except zlib.error:
        return None
    told = _TELLS.search(begin)
    return (told[1] or told[2]).decode("ascii").lower() if told else None


def _is_portuguese(member: Member) -> bool:
    """Whether a page says so, or its text is."""
    try:
        capture = capture_of(member)
    except BrokenRecord:
        return False
    html = archived_page(capture.headers, capture.body) if capture is not None and capture.status == 200 else None
    if html is None:
        return False
    told = _LANG.search(html[:_BEGIN])
    if told is not None and told[1].lower() == "pt":
        return True
    text = _TAGS.sub("\n", _HIDDEN.sub(" ", html[:_MOST_TEXT]))
    lines = [line.strip() for line in text.splitlines() if len(line.strip()) >= _SHORTEST][:_ENOUGH]
    return bool(lines) and detect_mostly(lines, "pt").language == "pt"
