"""The members of a WARC file that is packed record by record, found by their first bytes; what is not wanted stays packed.

A gzip member begins with three known bytes and ends with the length of what it holds. So the head of each record, some
hundred bytes, is unpacked and told; where the record ends is told by the next member's beginning, and proved by the length before
it. Only where the two disagree is a whole record unpacked: it is damaged, or holds another archive, or names a wrong length.
Damage costs the record that it hit: the scan goes on at the next member.
"""

from __future__ import annotations

import ctypes
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from fastwarc.stream_io import GzipReader

from aurora_crawl.messages import Message

CHUNK = 1 << 18
"""Bytes of a file that are read at a time."""
MOST_MEMBER = 80 << 20
"""Bytes of a packed record that are held while its end is looked for; the largest answers that a crawl keeps have 64 MB."""
MOST_HEAD = 32 << 10
"""Bytes of a record's head."""

_MAGIC = b"\x1f\x8b\x08"
_LEARNED = 8
"""Bytes with which all members of a file begin, for most writers: no name, no moment. Longer ones are found sooner."""
_ENOUGH = 8
"""So many members in a row that begin with the same bytes: the next ones are looked for by them."""
_PEEK = 384
"""Packed bytes that are unpacked for a record's head: heads have 300 to 700 plain ones."""
_HEAD_OUT = 1024
_MORE = 16 << 10
"""Packed bytes that no head fills."""
_SHORTEST = 18
"""Bytes of a gzip member: frame and trailer."""
_GZIP = 31
_STEP = 1 << 18
_ENDS = (4, 2, 0)
"""Bytes behind a record: two line ends, by the standard; some programs write one or none."""
_SLACK = 64 << 10
_BEHIND = 32
"""Bytes behind a record that tell whether another one stands in the same member."""


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


class NotMembers(Exception):  # noqa: N818 - it names what the file is not
    """The file is no WARC file of gzip members, a record each; from `offset` on another reader must read it."""

    def __init__(self, offset: int) -> None:
        super().__init__(Message("not packed record by record from byte {offset} on", offset=offset))
        self.offset = offset


class EndsWithin(Exception):  # noqa: N818
    """The file ends within the record that begins at `offset`."""

    def __init__(self, offset: int) -> None:
        super().__init__(Message("ends within the record at byte {offset}", offset=offset))
        self.offset = offset


@dataclass(slots=True, frozen=True)
class Damage:
    """What could not be read: from which byte of the file on, and why."""

    offset: int
    reason: str
    is_record: bool = True
    """Whether a record's head could be read there."""


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


@dataclass(slots=True, frozen=True)
class Member:
    """A record: where it stands in the file, its head, and all of it, packed, where it is wanted."""

    offset: int
    length: int
    head: RecordHead
    packed: bytes | None = None


Wanted = Callable[[RecordHead], bool]
Tell = Callable[[Damage], None]


def moment_of(date: str) -> datetime | None:
    """A WARC-Date as a moment in UTC; None for what is none."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def members(chunks: Iterable[bytes], wanted: Wanted, tell: Tell, *, start: int = 0) -> Iterator[Member]:
    """The members of a file that comes in pieces, in their order; `start` is where in the file its first byte stands.

    Memory holds one record and one piece. Raises NotMembers where the file is packed in another way, and EndsWithin, after the
    last whole record, where it ends within one.
    """
    scan = _Scan(wanted, tell, start)
    for chunk in chunks:
        scan.take(chunk)
        yield from scan.found(is_end=False)
    yield from scan.found(is_end=True)


def unpacked_member(packed: bytes, most: int) -> tuple[bytes, int] | None:
    """What a gzip member holds, and how many bytes stand behind it; None where it is garbled, cut, or holds more than `most`."""
    told = int.from_bytes(packed[-4:], "little")
    if told <= most and (whole := _quickly(packed, told)) is not None:
        return whole, 0
    unpacker = zlib.decompressobj(_GZIP)
    try:
        out = unpacker.decompress(packed, most)
    except zlib.error:
        return None
    return (out, len(unpacker.unused_data)) if unpacker.eof else None


def block_of(member: Member, most: int) -> bytes | None:
    """The block of a wanted record; None where it is garbled or larger than `most`.

    It is what stands in the member, whatever length the head tells.
    """
    found = unpacked_member(member.packed or b"", most + MOST_HEAD)
    return _block(member.head, found[0]) if found is not None else None


def hidden_behind(member: Member, wanted: Wanted, tell: Tell) -> list[Member]:
    """Records behind a wanted one that were taken for a part of it: the first bytes of one are damaged, and both are of one length."""
    found = unpacked_member(member.packed or b"", MOST_MEMBER)
    rest = found[1] if found is not None else 0
    if not rest:
        return []
    start = member.offset + member.length - rest
    try:
        return list(members([(member.packed or b"")[-rest:]], wanted, tell, start=start))
    except (NotMembers, EndsWithin):
        tell(Damage(start, Message("{count} bytes that are no record", count=rest)))
        return []


def _block(head: RecordHead, plain: bytes) -> bytes:
    block = plain[head.size :]
    for end in _ENDS:
        if len(block) == head.length + end:
            return block[: head.length]
    return block.removesuffix(b"\r\n\r\n")


def _quickly(packed: bytes, told: int) -> bytes | None:
    """What a sound member holds, by FastWARC's unpacking, which takes .6 of zlib's time; None for any other."""
    try:
        out = GzipReader(BytesIO(packed)).read(told + 1)
    except OSError:
        return None
    return bytes(out) if len(out) == told else None


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


@dataclass(slots=True)
class _Open:
    """The record whose end is looked for: where it begins in the buffer, and whether it is wanted."""

    place: int
    head: RecordHead
    wanted: bool
    tried: int = 0
    """Bytes of it that were there when unpacking it did not reach its end."""


@dataclass(slots=True)
class _Scan:
    wanted: Wanted
    tell: Tell
    base: int
    """Where the buffer's first byte stands in the file."""
    buffer: bytes = b""
    place: int = 0
    """Up to where in the buffer members' beginnings were looked for."""
    current: _Open | None = None
    loose: int = 0
    """Where what belongs to no record begins: right behind the last one that ended; -1 behind damage, which is told."""
    is_first: bool = True
    beginning: bytes = _MAGIC
    """With which the last members began."""
    agreeing: int = 0
    """So many records one behind the other began so, and ended where the next one began."""

    def take(self, chunk: bytes) -> None:
        """Add what comes next, and let go of what is done."""
        keep = self.current.place if self.current is not None else self.place
        if self.current is None and self.loose >= 0:
            if self.place - self.loose > MOST_MEMBER:
                # No record for so long.
                self._say_loose(self.place)
            keep = min(keep, self.loose)
        self.buffer = self.buffer[keep:] + chunk
        self.base += keep
        self.place -= keep
        self.loose = self.loose - keep if self.loose >= 0 else -1
        if self.current is not None:
            self.current.place -= keep

    def found(self, *, is_end: bool) -> Iterator[Member]:
        """The records that end in what is there."""
        buffer = self.buffer
        find = _finder(buffer)
        while True:
            start = find(self.beginning if self.agreeing >= _ENOUGH else _MAGIC, self.place)
            if start < 0:
                self.place = max(self.place, len(buffer) - _LEARNED + 1)
                if self.current is not None and not is_end and self._is_overdue(self.current):
                    member, more = self._settled(len(buffer), is_end=False)
                    if member is not None:
                        yield member
                    if not more:
                        continue
                break
            if not is_end and len(buffer) - start < _MORE:
                self.place = start
                break
            head = self._head_at(start)
            if head is None:
                self.place = start + 1
                continue
            if self.current is not None:
                if not self._ends_at(self.current, start):
                    member, more = self._settled(start, is_end=is_end)
                    if member is not None:
                        yield member
                    if more:
                        self.place = start
                        break
                    # What was found may stand within the record, or behind others.
                    continue
                begun = buffer.startswith(self.beginning, self.current.place) and len(self.beginning) == _LEARNED
                self.agreeing = self.agreeing + 1 if begun else 0
                self.beginning = buffer[start : start + _LEARNED]
                yield self._closed(start)
            self._say_loose(start)
            self.current = _Open(start, head, self.wanted(head))
            self.place = start + _SHORTEST
            self.is_first = False
        if is_end:
            yield from self._last()

    def _head_at(self, start: int) -> RecordHead | None:
        """The head of the record in the member that begins there; None for other members, and for what is none."""
        buffer = self.buffer
        if len(buffer) - start < _SHORTEST or buffer[start + 3] & 0xE0 or 13 < buffer[start + 9] < 255:
            return None
        unpacker = zlib.decompressobj(_GZIP)
        try:
            plain = unpacker.decompress(buffer[start : start + _PEEK], _HEAD_OUT)
            if not plain.startswith(b"WARC/") and (plain or unpacker.eof):
                return None
            head = head_of(plain)
            step = start + _PEEK
            while head is None and not unpacker.eof and len(plain) < MOST_HEAD and step < len(buffer) + _PEEK:
                plain += unpacker.decompress(unpacker.unconsumed_tail + buffer[step : step + _PEEK], MOST_HEAD)
                step += _PEEK
                if plain and not b"WARC/".startswith(plain[:5]) and not plain.startswith(b"WARC/"):
                    return None
                head = head_of(plain)
        except zlib.error:
            return None
        return head

    def _ends_at(self, current: _Open, end: int) -> bool:
        """Whether the length before a place is that of the record: then the record ends there."""
        if end - current.place < _SHORTEST or current.head.length < 0:
            return False
        told = int.from_bytes(self.buffer[end - 4 : end], "little")
        return (told - current.head.size - current.head.length) % (1 << 32) in _ENDS

    def _closed(self, end: int) -> Member:
        """The record, which ends there."""
        current = self.current
        assert current is not None
        place = current.place
        packed = self.buffer[place:end] if current.wanted else None
        self.current, self.loose, self.place = None, end, end
        return Member(self.base + place, end - place, current.head, packed)

    def _is_overdue(self, current: _Open) -> bool:
        """Whether more bytes are there than the record can have."""
        most = max(current.head.length, 0) + current.head.size
        there = len(self.buffer) - current.place
        return there > most + most // 256 + _SLACK and there >= 2 * current.tried

    def _settled(self, end: int, *, is_end: bool) -> tuple[Member | None, bool]:
        """Unpack the record to find its end. The record, if it is whole; and whether more bytes are needed to tell.

        `end`: where another record seems to begin, or the end of what is there.
        """
        current = self.current
        assert current is not None
        there = len(self.buffer) - current.place
        if there < 2 * current.tried and not is_end:
            return None, True
        stops, error, is_several = self._unpacked_at(current)
        if is_several:
            raise NotMembers(self.base + current.place)
        self.agreeing = 0
        if stops is not None:
            return self._closed(stops), False
        if error is None and not is_end and there < MOST_MEMBER:
            current.tried = there
            return None, True
        if error is None and is_end and end == len(self.buffer):
            return None, False
        self.tell(Damage(self.base + current.place, error or "it has no end"))
        # What comes next is no loose matter: it may be of the damaged record.
        self.current, self.loose, self.place = None, -1, current.place + _SHORTEST
        return None, False

    def _unpacked_at(self, current: _Open) -> tuple[int | None, str | None, bool]:
        """Where the record's member ends, if it does; what is wrong, if anything; whether another record stands in it."""
        unpacker = zlib.decompressobj(_GZIP)
        place, size, tail, behind = current.place, 0, b"", b""
        promised = current.head.size + max(current.head.length, 0)
        try:
            while not unpacker.eof and (place < len(self.buffer) or tail):
                data = tail or self.buffer[place : place + _STEP]
                if not tail:
                    place += len(data)
                plain = unpacker.decompress(data, 4 * _STEP)
                tail = unpacker.unconsumed_tail
                if len(behind) < _BEHIND and size + len(plain) > promised:
                    behind += plain[max(promised - size, 0) :][:_BEHIND]
                    if current.head.length >= 0 and behind.lstrip(b"\r\n").startswith(b"WARC/"):
                        return None, None, True
                size += len(plain)
                if size > 4 * MOST_MEMBER:
                    return None, "too large", False
        except zlib.error as error:
            return None, f"garbled ({error})", False
        if not unpacker.eof:
            return None, None, False
        return place - len(unpacker.unused_data), None, False

    def _say_loose(self, end: int) -> None:
        """Tell of bytes between two records that belong to none; of zeros and empty members nothing is said."""
        if self.loose < 0:
            self.loose = end
        elif self.loose < end:
            between = self.buffer[self.loose : end]
            if between.strip(b"\0") and not _is_empty(between):
                self.tell(
                    Damage(
                        self.base + self.loose,
                        Message("{count} bytes that are no record", count=len(between)),
                        is_record=False,
                    )
                )
            self.loose = end

    def _last(self) -> Iterator[Member]:
        """The last record, at the end of the file."""
        buffer, current = self.buffer, self.current
        if current is not None:
            if self._ends_at(current, len(buffer)):
                yield self._closed(len(buffer))
            else:
                member, _ = self._settled(len(buffer), is_end=True)
                if member is not None:
                    yield member
                    # Others may stand behind it.
                    yield from self.found(is_end=True)
                    return
                if self.current is not None:
                    raise EndsWithin(self.base + self.current.place)
                if member is None:
                    yield from self.found(is_end=True)
                    return
        if self.is_first and (self.base or buffer):
            raise NotMembers(self.base)
        rest = buffer[self.loose :] if self.loose >= 0 else b""
        if rest.strip(b"\0") and not _is_empty(rest):
            if rest.startswith(_MAGIC[: len(rest)]):
                raise EndsWithin(self.base + self.loose)
            self.tell(
                Damage(
                    self.base + self.loose,
                    Message("{count} bytes that are no record", count=len(rest)),
                    is_record=False,
                )
            )
        self.loose = len(buffer)


def _finder(data: bytes) -> Callable[[bytes, int], int]:
    """Finds bytes in `data`, from a place on: by the C library where it has a quicker way, in half of Python's time."""
    if _memmem is None:
        return data.find
    memmem, end = _memmem, len(data)
    address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0

    # The address holds as long as the bytes do, so they are kept with it.
    def find(wanted: bytes, place: int, _held: bytes = data) -> int:
        at = memmem(address + place, max(end - place, 0), wanted, len(wanted))
        return at - address if at else -1

    return find


def _memmem_of_c() -> Callable[[int, int, bytes, int], int | None] | None:
    try:
        memmem = ctypes.CDLL(None).memmem
    except (OSError, AttributeError, TypeError):
        return None
    memmem.restype = ctypes.c_void_p
    memmem.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    found: Callable[[int, int, bytes, int], int | None] = memmem
    return found


_memmem = _memmem_of_c()


def _is_empty(between: bytes) -> bool:
    """Whether bytes are gzip members that hold nothing, and zeros."""
    place = 0
    while place < len(between):
        if not between[place]:
            place += 1
            continue
        unpacker, piece = zlib.decompressobj(_GZIP), between[place : place + 64]
        try:
            if unpacker.decompress(piece, 1) or not unpacker.eof:
                return False
        except zlib.error:
            return False
        place += len(piece) - len(unpacker.unused_data)
    return True
