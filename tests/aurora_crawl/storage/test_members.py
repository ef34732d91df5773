"""The scan of members: the same records as a reader that unpacks all of them, and damage that costs the record that it hit."""

import gzip
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from aurora_crawl.demo.warc_files import WRITERS, answer, prose, record
from aurora_crawl.storage import members as scanning
from aurora_crawl.storage.archive import Count, CutShort, captures
from aurora_crawl.storage.member_block import block_of
from aurora_crawl.storage.members import Damage, Member, NotMembers, members

Pack = Callable[[bytes], bytes]


def url_of(number: int) -> str:
    return f"https://exemplo.invalid/{number}/"


def records(count: int = 40) -> list[bytes]:
    """Pages, pages that servers packed, a WARC file as an answer, an empty answer, and records that are no answers."""
    chance = random.Random(3)
    inner = b"".join(zlib.compress(record(url_of(900 + n), answer(prose(n))), 6, 31) for n in range(3))
    out = [record("", b"software: x\r\n", kind="warcinfo", content_type="application/warc-fields")]
    for number in range(count):
        match number % 8:
            case 0:
                block = answer(gzip.compress(prose(number) + chance.randbytes(900)), "Content-Encoding: gzip")
            case 1:
                block = answer(inner + chance.randbytes(2000), "Content-Type: application/gzip")
            case 2:
                block = answer(b"")
            case 3:
                block = answer(chance.randbytes(70_000))
            case _:
                block = answer(prose(number))
        out.append(record(url_of(number), block))
        if number % 8 == 5:
            out.append(record(url_of(number), b"GET / HTTP/1.1\r\n\r\n", kind="request"))
    return out


def by_fastwarc(data: bytes) -> list[tuple[int, str, bytes]]:
    every = ArchiveIterator(BytesIO(data), record_types=WarcRecordType.response, parse_http=False)
    return [(one.stream_pos, str(one.headers["WARC-Target-URI"]), one.reader.read()) for one in every]


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def scanned(data: bytes, size: int = 1 << 20) -> tuple[list[Member], list[Damage]]:
    damage: list[Damage] = []
    every = members(in_pieces(data, size), lambda head: True, damage.append)
    return list(every), damage


def answers_in(found: list[Member]) -> list[tuple[int, str, bytes | None]]:
    return [(one.offset, one.head.url, block_of(one, 1 << 26)) for one in found if one.head.type == "response"]


@pytest.mark.parametrize("size", [1 << 20, 70_001, 8191])
@pytest.mark.parametrize("writer", WRITERS)
def test_the_same_records_as_fastwarc(writer: str, size: int) -> None:
    data = b"".join(map(WRITERS[writer], records()))
    found, damage = scanned(data, size)
    assert damage == []
    assert answers_in(found) == by_fastwarc(data)
    assert sum(one.length for one in found) == len(data)
    assert [b"".join(data[m.offset : m.offset + m.length] for m in found)] == [data]


def test_files_with_members_of_several_writers_and_records_without_a_line_end(tmp_path: Path) -> None:
    packs = list(WRITERS.values())
    data = b"".join(packs[n % 5](one.removesuffix(b"\r\n\r\n")) for n, one in enumerate(records()))
    found, damage = scanned(data)
    assert (len(found), damage) == (len(records()), [])


def test_nothing_that_is_not_wanted_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"".join(map(WRITERS["zlib"], records(200)))
    settled: list[int] = []
    real = scanning._Scan._unpacked_at
    monkeypatch.setattr(scanning._Scan, "_unpacked_at", lambda *given: settled.append(1) or real(*given))
    found = list(members([data], lambda head: head.url == url_of(7), lambda damage: None))
    assert [one.head.url for one in found if one.packed is not None] == [url_of(7)]
    # Those in which another archive stands, whose beginnings look like records.
    assert len(settled) <= 200 // 8


HIT = 20
"""The record that an accident hits."""


def _flip(at: float) -> Callable[[list[bytes]], None]:
    def harm(packed: list[bytes]) -> None:
        one = bytearray(packed[HIT])
        one[int(len(one) * at)] ^= 0x5A
        packed[HIT] = bytes(one)

    return harm


def _replaced(change: Callable[[bytes], bytes]) -> Callable[[list[bytes]], None]:
    def harm(packed: list[bytes]) -> None:
        packed[HIT] = change(packed[HIT])

    return harm


def _relabelled(length: int) -> Callable[[list[bytes]], None]:
    def harm(packed: list[bytes]) -> None:
        plain = zlib.decompress(packed[HIT], 31)
        told = plain.split(b"Content-Length: ")[1].split(b"\r\n")[0]
        wrong = str(max(0, int(told) + length)).encode()
        packed[HIT] = zlib.compress(plain.replace(b"Content-Length: " + told, b"Content-Length: " + wrong, 1), 6, 31)

    return harm


DAMAGE: dict[str, Callable[[list[bytes]], None]] = {
    "a byte in the first bytes": _replaced(lambda one: b"\x1e" + one[1:]),
    "a byte in the head": _replaced(lambda one: one[:30] + bytes([one[30] ^ 255]) + one[31:]),
    "a byte in the middle": _flip(0.5),
    "a byte near the end": _flip(0.95),
    "a wrong checksum": _replaced(lambda one: one[:-8] + b"\0\1\2\3" + one[-4:]),
    "a wrong length behind": _replaced(lambda one: one[:-4] + struct.pack("<I", 7)),
    "bytes missing in the middle": _replaced(lambda one: one[: len(one) // 2] + one[len(one) // 2 + 100 :]),
    "bytes added in the middle": _replaced(lambda one: one[: len(one) // 2] + b"zz" * 50 + one[len(one) // 2 :]),
    "zeros over a part": _replaced(lambda one: one[:300] + bytes(len(one) - 400) + one[-100:]),
    "cut in the middle": _replaced(lambda one: one[: len(one) // 2]),
    "cut in the first bytes": _replaced(lambda one: one[:6]),
    "something between": _replaced(lambda one: one + b"\x1f\x8b\x08\0 this is no member" * 30),
    "a head that tells too much": _relabelled(500),
    "a head that tells too little": _relabelled(-100),
    "a head that tells nonsense": _relabelled(10**9),
    "noise": _replaced(lambda one: random.Random(5).randbytes(len(one))),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_in_the_middle_costs_at_most_the_record_that_it_hit_and_is_told(kind: str, tmp_path: Path) -> None:
    plain = [record(url_of(n), answer(prose(n))) for n in range(60)]
    packed = [zlib.compress(one, 6, 31) for one in plain]
    before = sum(map(len, packed[:HIT]))
    DAMAGE[kind](packed)
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"".join(packed))
    count = Count()
    found = {one.url: one.body for one in captures(path, count=count)}
    missing = {url_of(n) for n in range(60)} - found.keys()
    assert missing <= {url_of(HIT)}
    assert all(found[url_of(n)] == prose(n) for n in range(60) if url_of(n) in found and n != HIT)
    if "tells" in kind or kind == "something between":
        assert found[url_of(HIT)] == prose(HIT), "only a length is wrong"
    if missing:
        assert [one.offset for one in count.damage] == [before]
    assert count.records == 60 - len(missing)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_damaged_beginning_between_records_of_one_length_hides_no_other(at: int, tmp_path: Path) -> None:
    packed = [zlib.compress(record(url_of(n), answer(b"%d " % n + b"a" * 5000)), 6, 31) for n in range(10, 40)]
    packed[HIT] = packed[HIT][:at] + b"\xee" + packed[HIT][at + 1 :]
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"".join(packed))
    count = Count()
    found = [one.url for one in captures(path, count=count)]
    assert found == [url_of(n) for n in range(10, 40) if n != 10 + HIT]
    assert [one.offset for one in count.damage] == [sum(map(len, packed[:HIT]))]
    mixed = [
        WRITERS["python" if n % 3 else "zlib"](zlib.decompress(one, 31)) for n, one in enumerate(packed) if n != HIT
    ]
    path.write_bytes(b"".join(mixed))
    assert [one.url for one in captures(path)] == found


def test_damage_is_found_without_being_wanted_where_it_hides_a_beginning() -> None:
    packed = [zlib.compress(record(url_of(n), answer(prose(n))), 6, 31) for n in range(30)]
    DAMAGE["a byte in the first bytes"](packed)
    damage: list[Damage] = []
    found = list(members([b"".join(packed)], lambda head: False, damage.append))
    assert len(found) == 29
    assert [one.offset for one in damage] == [sum(map(len, packed[:HIT]))]


@pytest.mark.parametrize("cut", [5, 40, 400])
def test_a_file_that_ends_within_a_record_says_so_after_the_last_whole_one(cut: int, tmp_path: Path) -> None:
    data = b"".join(zlib.compress(record(url_of(n), answer(prose(n))), 6, 31) for n in range(9))
    path = tmp_path / "x.warc.gz"
    path.write_bytes(data[:-cut])
    every = captures(path)
    assert [next(every).url for _ in range(8)] == [url_of(n) for n in range(8)]
    with pytest.raises(CutShort):
        next(every)


def test_zeros_and_empty_members_between_and_behind_are_no_damage() -> None:
    one = zlib.compress(record(url_of(1), answer(prose(1))), 6, 31)
    found, damage = scanned(one + bytes(512) + one + gzip.compress(b"") * 3000 + one + bytes(4096))
    assert (len(found), damage) == (3, [])


@pytest.mark.parametrize("count", [2, 3000])
def test_many_records_in_one_member_are_left_to_another_reader(count: int, tmp_path: Path) -> None:
    lone = zlib.compress(record(url_of(0), answer(prose(0))), 6, 31)
    several = gzip.compress(b"".join(record(url_of(n), answer(prose(n, 60))) for n in range(1, count)))
    data = lone + several if count > 2 else gzip.compress(b"".join(record(url_of(n), answer(prose(n))) for n in (0, 1)))
    with pytest.raises(NotMembers):
        scanned(data)
    path = tmp_path / "x.warc.gz"
    path.write_bytes(data)
    assert [one.url for one in captures(path)] == [url_of(n) for n in range(count)]


def test_records_without_http_heads_and_records_that_an_archive_cut(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    page = record(url_of(1), prose(1), kind="resource", content_type="text/html")
    cut = record(url_of(2), answer(prose(2)), extra=("WARC-Truncated: length",))
    dns = record("dns:exemplo.invalid", b"127.0.0.1", kind="resource", content_type="text/dns")
    path.write_bytes(b"".join(zlib.compress(one, 6, 31) for one in (page, cut, dns)))
    first, second = captures(path)
    assert (first.url, first.status, first.body, first.truncated) == (url_of(1), 200, prose(1), False)
    assert (second.url, second.body, second.truncated) == (url_of(2), prose(2), True)
