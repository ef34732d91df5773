"""The members of a WARC file that is packed record by record, found by their first bytes; what is not wanted stays packed.

A gzip member begins with three known bytes and ends with the length of what it holds. So the head of each record, some
hundred bytes, is unpacked and told; where the record ends is told by the next member's beginning, and proved by the length before
it. Only where the two disagree is a whole record unpacked: it is damaged, or holds another archive, or names a wrong length.
Damage costs the record that it hit: the scan goes on at the next member.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from aurora_crawl.messages import Message
from aurora_crawl.storage.byte_search import finder
from aurora_crawl.storage.record_head import RecordHead, head_of

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
GZIP = 31
_STEP = 1 << 18
ENDS = (4, 2, 0)
"""Bytes behind a record: two line ends, by the standard; some programs write one or none."""
_SLACK = 64 << 10
_BEHIND = 32
"""Bytes behind a record that tell whether another one stands in the same member."""


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
class Member:
    """A record: where it stands in the file, its head, and all of it, packed, where it is wanted."""

    offset: int
    length: int
    head: RecordHead
    packed: bytes | None = None


Wanted = Callable[[RecordHead], bool]
Tell = Callable[[Damage], None]


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
        find = finder(buffer)
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
        unpacker = zlib.decompressobj(GZIP)
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
        return (told - current.head.size - current.head.length) % (1 << 32) in ENDS

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
        unpacker = zlib.decompressobj(GZIP)
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


def _is_empty(between: bytes) -> bool:
    """Whether bytes are gzip members that hold nothing, and zeros."""
    place = 0
    while place < len(between):
        if not between[place]:
            place += 1
            continue
        unpacker, piece = zlib.decompressobj(GZIP), between[place : place + 64]
        try:
            if unpacker.decompress(piece, 1) or not unpacker.eof:
                return False
        except zlib.error:
            return False
        place += len(piece) - len(unpacker.unused_data)
    return True
