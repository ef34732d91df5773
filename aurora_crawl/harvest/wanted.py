"""Which records of a bulk archive are wanted: of named outlets, or in the language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection

from aurora_crawl.addresses import host_of
from aurora_crawl.extraction.answer import archived_page
from aurora_crawl.storage.archive import BrokenRecord, capture_of, is_answer
from aurora_crawl.storage.members import Member, RecordHead
from aurora_crawl.text.language import detect_mostly

LOOKS = 4
"""Pages of a host that are read for their language; when none of them is in it, and none says that it is, its others are passed over."""
_LANG = re.compile(r"<html\b[^<>]{0,600}?\blang\s{0,9}=\s{0,9}[\"']?([A-Za-z]{2,3})\b", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style|noscript|head)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<[^<>]*>")
_BEGIN = 4000
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
        host = host_of(member.head.url)
        if self._looks[host] >= LOOKS and host not in self._hits:
            return False
        is_in = _is_portuguese(member)
        self._looks[host] += 1
        if is_in:
            self._hits.add(host)
        return is_in


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
