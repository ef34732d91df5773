"""What a record of a WARC file says of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_NAMES = (
    b"warc-type",
    b"warc-target-uri",
    b"warc-date",
    b"content-length",
    b"content-type",
    b"warc-truncated",
    b"warc-payload-digest",
)
_FIELD = re.compile(rb"^(%s)[ \t]*:[ \t]*([^\r\n]*)" % b"|".join(_NAMES), re.IGNORECASE | re.MULTILINE)
_MOST_DIGITS = 16


@dataclass(slots=True, frozen=True)
class RecordHead:
    """What a record says of itself: its type, address and moment as they are written, and the bytes that it holds."""

    type: str
    url: str
    date: str
    length: int
    size: int
    """Bytes of the head itself."""
    truncated: str = ""
    content_type: str = ""
    digest: str = ""
    begin: bytes = b""
    """What was unpacked behind the head: the first bytes of the answer."""

    @property
    def moment(self) -> datetime | None:
        """The date; None for what is none."""
        return moment_of(self.date)


def moment_of(date: str) -> datetime | None:
    """A WARC-Date as a moment in UTC; None for what is none."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def head_of(plain: bytes) -> RecordHead | None:
    """The head at the beginning of a record's plain bytes; None for what is none, or does not end there."""
    if not plain.startswith((b"WARC/1.", b"WARC/0.")):
        return None
    end, line_end = plain.find(b"\r\n\r\n"), b"\r\n"
    if end < 0:
        end, line_end = plain.find(b"\n\n"), b"\n"
    if end < 0:
        return None
    size = end + 2 * len(line_end)
    told = dict.fromkeys(_NAMES, "")
    for name, value in _FIELD.findall(plain, 0, end):
        name = name.lower()
        told[name] = told[name] or value.decode("utf-8", "replace").rstrip()
    length = told[b"content-length"]
    return RecordHead(
        told[b"warc-type"].lower(),
        told[b"warc-target-uri"].strip("<>"),
        told[b"warc-date"],
        int(length) if length.isdecimal() and len(length) < _MOST_DIGITS else -1,
        size,
        told[b"warc-truncated"],
        told[b"content-type"].lower(),
        told[b"warc-payload-digest"],
        plain[size:],
    )
