"""WARC files as several programs write them, and as accidents leave them."""

import gzip
import itertools
import random
import struct
import zlib
from collections.abc import Callable

_WRITTEN = itertools.count()
NOISE = random.Random(7)
WORDS = [f"palavra{number}" for number in range(400)]


def prose(number: int, words: int = 300) -> bytes:
    chance = random.Random(number)
    return f"<html lang='pt-BR'><p>{number} {' '.join(chance.choices(WORDS, k=words))}</p></html>".encode()


def answer(body: bytes, *headers: str, status: int = 200) -> bytes:
    lines = [f"HTTP/1.1 {status} OK", "Content-Type: text/html; charset=utf-8", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(
    url: str,
    block: bytes,
    *,
    kind: str = "response",
    date: str = "2024-05-01T12:00:00Z",
    length: int | None = None,
    extra: tuple[str, ...] = (),
    content_type: str = "application/http; msgtype=response",
) -> bytes:
    lines = [
        "WARC/1.0",
        f"WARC-Record-ID: <urn:uuid:{NOISE.randbytes(16).hex()}>",
        f"Content-Length: {len(block) if length is None else length}",
        f"WARC-Date: {date}",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        f"Content-Type: {content_type}",
        *extra,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def _framed(head: bytes) -> Callable[[bytes], bytes]:
    def pack(plain: bytes) -> bytes:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(plain) + packer.flush()
        return head + packed + struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)

    return pack


def _by_heritrix(plain: bytes) -> bytes:
    packed = _framed(b"")(plain)
    extra = b"sl" + struct.pack("<HII", 8, len(packed) + 24, len(plain))
    return b"\x1f\x8b\x08\x04" + bytes(4) + b"\0\x03" + struct.pack("<H", len(extra)) + extra + packed


def _by_python(plain: bytes) -> bytes:
    """Some hundreds of records a second: the moment stands in each."""
    return gzip.compress(plain, mtime=1_700_000_000 + next(_WRITTEN) // 500)


WRITERS: dict[str, Callable[[bytes], bytes]] = {
    "zlib": lambda plain: zlib.compress(plain, 6, 31),
    "warcio": _framed(b"\x1f\x8b\x08\0\0\0\0\0\x02\x03"),
    "java": _framed(b"\x1f\x8b\x08\0\0\0\0\0\0\xff"),
    "python": _by_python,
    "heritrix": _by_heritrix,
}
