"""The archive: what servers answered, as WARC 1.1 (ISO 28500), and how it is read again, ours or anybody's.

`DATA_DIR/warc/SITE/SITE-000001.warc.gz`, beside it `….json` with how many records it holds: a WARC file that is cut short ends
without an error in every reader, and between two records only the count tells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from http.client import responses
from pathlib import Path
from typing import Any, BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from aurora_crawl.errors import WrongCommand
from aurora_crawl.files import write_whole
from aurora_crawl.messages import Message
from aurora_crawl.storage.member_block import block_of, hidden_behind
from aurora_crawl.storage.members import (
    CHUNK,
    Damage,
    EndsWithin,
    Member,
    NotMembers,
    members,
)
from aurora_crawl.storage.record_head import RecordHead

SUFFIX = ".warc.gz"
MOST_BODY = 64 << 20
"""Bytes of an answer, as packed as it came; longer ones are passed over. The largest that a crawl keeps are sitemaps of 50 MB."""
MOST_HEADERS = 400
"""Lines of an answer's head; what has more is no answer of a server."""
_WEB = ("http://", "https://", "HTTP://", "HTTPS://")
_GZIP_BEGIN = b"\x1f\x8b"
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/[\d.]+\s+(\d{3})\b")
_CHUNK = re.compile(rb"\s*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_NOT_KEPT = {"transfer-encoding", "content-length", "connection"}


class ArchiveError(WrongCommand):
    """A file cannot be read as an archive; the message says why."""


class BrokenRecord(Exception):  # noqa: N818
    """A record is garbled."""


class CutShort(Exception):  # noqa: N818 - it names what happened to the file
    """The archive's file ends within a record."""

    def __init__(self, path: Path) -> None:
        super().__init__(Message("{path} ends within a record", path=path))


@dataclass(slots=True, frozen=True)
class Capture:
    """One answer: `headers` are pairs as the server sent them, `body` is as packed as it came."""

    url: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    date: datetime
    truncated: bool = False
    """Whether the archive kept only a part of it, as its record says."""
    archive: str = ""
    """Which archive of the web it comes from; empty for what a crawl of ours recorded."""


def archives_of(data_dir: Path, site: str) -> list[Path]:
    """The archive's files of a site, in their order."""
    return sorted((data_dir / "warc" / site).glob(f"*{SUFFIX}"))


def noted(path: Path) -> dict[str, Any]:
    """What stands beside an archive's file: `records` and `site_url`; empty for files from elsewhere."""
    try:
        found = json.loads(_note_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_note(path: Path, note: Mapping[str, object]) -> None:
    """Put what is noted of an archive's file beside it."""
    write_whole(_note_path(path), json.dumps(dict(note)) + "\n")


def record_of(capture: Capture) -> Any:
    """An answer as a record of a WARC file."""
    record = WarcRecord()
    record.init_headers(WarcRecordType.response)
    record.headers["WARC-Target-URI"] = capture.url
    record.headers["WARC-Date"] = capture.date.strftime("%Y-%m-%dT%H:%M:%SZ")
    record.headers["Content-Type"] = "application/http; msgtype=response"
    if capture.truncated:
        record.headers["WARC-Truncated"] = "length"
    record.set_bytes_content(_message(capture))
    return record


@dataclass(slots=True)
class Count:
    """How many answers a file was found to hold, and what of it could not be read."""

    records: int = 0
    damage: list[Damage] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """How many records are damaged, or stood where nothing can be read."""
        return len(self.damage)


def captures(
    path: Path, wanted: Callable[[str], bool] = lambda url: True, count: Count | None = None
) -> Iterator[Capture]:
    """The answers in an archive's file, plain or packed with gzip or zstd, their bodies as packed as they came.

    Of addresses that are not `wanted` nothing is read; `count` counts them too, and keeps what is damaged: in a file whose records
    are packed one by one that costs the record that it hit. Raises CutShort, after the last whole answer, where the file
    ends within one, and OSError for what is no archive.
    """
    count = count or Count()
    with path.open("rb") as file:
        start = 0
        if file.read(2) == _GZIP_BEGIN:
            file.seek(0)
            try:
                is_wanted = _wanted(wanted)
                for member in members(iter(partial(file.read, CHUNK), b""), is_wanted, count.damage.append):
                    yield from _of_member(member, is_wanted, count)
                return
            except EndsWithin as error:
                raise CutShort(path) from error
            except NotMembers as error:
                start = error.offset
        file.seek(start)
        yield from _one_by_one(path, file, wanted, count)


def capture_at(packed: bytes) -> Capture | None:
    """The answer in the member of a WARC file that these bytes are; None where they hold none, or are damaged."""
    for member in members([packed], lambda head: is_answer(head), lambda damage: None):
        return capture_of(member)
    return None


def capture_of(member: Member) -> Capture | None:
    """The answer in a wanted member; None where it holds none, or a larger one than is read. Raises BrokenRecord where it is garbled."""
    block = block_of(member, MOST_BODY)
    head = member.head
    if block is None and head.length > MOST_BODY:
        return None
    if block is None:
        raise BrokenRecord
    if head.type == "resource":
        return Capture(head.url, 200, [("Content-Type", head.content_type)], block, _moment(head), bool(head.truncated))
    capture = capture_in(head.url, block, head.moment)
    return replace(capture, truncated=bool(head.truncated)) if capture is not None else None


def is_answer(head: RecordHead) -> bool:
    """Whether a record is a server's answer, or a page whose head was not kept."""
    return head.url.startswith(_WEB) and (
        head.type == "response" or (head.type == "resource" and "html" in head.content_type)
    )


def _moment(head: RecordHead) -> datetime:
    return head.moment or datetime.now(UTC)


def _wanted(wanted: Callable[[str], bool]) -> Callable[[RecordHead], bool]:
    return lambda head: is_answer(head) and wanted(head.url)


def _of_member(member: Member, wanted: Callable[[RecordHead], bool], count: Count) -> Iterator[Capture]:
    if member.head.type == "response":
        count.records += 1
    if member.packed is None:
        return
    try:
        capture = capture_of(member)
    except BrokenRecord:
        count.records -= member.head.type == "response"
        count.damage.append(Damage(member.offset, "garbled"))
        return
    if capture is not None:
        yield capture
    for hidden in hidden_behind(member, wanted, count.damage.append):
        yield from _of_member(hidden, wanted, count)


def _one_by_one(path: Path, file: BinaryIO, wanted: Callable[[str], bool], count: Count) -> Iterator[Capture]:
    """The answers in a file that is not packed record by record. Raises CutShort and OSError."""
    records = ArchiveIterator(
        file,
        record_types=WarcRecordType.response | WarcRecordType.resource,
        parse_http=False,
        max_content_length=MOST_BODY,
    )
    try:
        for record in records:
            url = str(record.headers.get("WARC-Target-URI") or "").strip("<>")
            length, content = record.content_length, record.reader.read() if url and wanted(url) else None
            if not url or (content is not None and len(content) < length):
                raise CutShort(path)
            truncated = bool(record.headers.get("WARC-Truncated"))
            if record.record_type == WarcRecordType.resource:
                kind = str(record.headers.get("Content-Type") or "")
                if content is not None and "html" in kind:
                    date = record.record_date or datetime.now(UTC)
                    yield Capture(url, 200, [("Content-Type", kind)], content, date, truncated)
                continue
            count.records += 1
            capture = capture_in(url, content, record.record_date) if content is not None else None
            if capture is not None:
                yield replace(capture, truncated=truncated)
    except OSError as error:
        # FastWARC's words for packed data that ends too early.
        if "incomplete" in str(error) or "unexpected end" in str(error).lower():
            raise CutShort(path) from error
        raise


def capture_in(url: str, content: bytes, date: datetime | None) -> Capture | None:
    """The answer in a record's block; None for what is no answer of HTTP.

    Lines may end in a line feed alone. A body in chunks comes in one piece.
    """
    status = _STATUS.match(content)
    if status is None:
        return None
    end = _HEAD_END.search(content)
    head, body = (content[: end.start()], content[end.end() :]) if end else (content, b"")
    headers = _headers(head)
    if headers is None:
        return None
    if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        body = _in_one_piece(body)
    return Capture(url, int(status[1]), headers, body, date or datetime.now(UTC))


def _headers(head: bytes) -> list[tuple[str, str]] | None:
    """The pairs of an answer's head, folded lines in one; None for too many."""
    lines = head.splitlines()[1:]
    if len(lines) > MOST_HEADERS:
        return None
    found: list[tuple[str, str]] = []
    for line in lines:
        text = line.decode("latin-1")
        if text[:1] in (" ", "\t") and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {text.strip()}")
            continue
        name, colon, value = text.partition(":")
        if colon and name.strip():
            found.append((name.strip(), value.strip()))
    return found


def _in_one_piece(body: bytes) -> bytes:
    """A body without its transfer coding; archives of other programs keep it, or keep only the header that tells of it.

    Of a body that is cut within its chunks, or garbled, what stands before that.
    """
    out, place = bytearray(), 0
    while (size := _CHUNK.match(body, place)) is not None:
        length = int(size[1], 16)
        out += body[size.end() : size.end() + length]
        place = size.end() + length
        if not length or place >= len(body):
            break
    return bytes(out) if place else body


def _message(capture: Capture) -> bytes:
    lines = [f"HTTP/1.1 {capture.status} {responses.get(capture.status, '')}".rstrip()]
    lines += [f"{name}: {value}" for name, value in capture.headers if name.lower() not in _NOT_KEPT]
    lines.append(f"Content-Length: {len(capture.body)}")
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + capture.body


def _note_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")
