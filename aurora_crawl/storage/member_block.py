"""What a member of a WARC file holds, unpacked."""

from __future__ import annotations

import zlib
from io import BytesIO

from fastwarc.stream_io import GzipReader

from aurora_crawl.messages import Message
from aurora_crawl.storage.members import (
    ENDS,
    GZIP,
    MOST_HEAD,
    MOST_MEMBER,
    Damage,
    EndsWithin,
    Member,
    NotMembers,
    Tell,
    Wanted,
    members,
)
from aurora_crawl.storage.record_head import RecordHead


def unpacked_member(packed: bytes, most: int) -> tuple[bytes, int] | None:
    """What a gzip member holds, and how many bytes stand behind it; None where it is garbled, cut, or holds more than `most`."""
    told = int.from_bytes(packed[-4:], "little")
    if told <= most and (whole := _quickly(packed, told)) is not None:
        return whole, 0
    unpacker = zlib.decompressobj(GZIP)
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
    for end in ENDS:
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
