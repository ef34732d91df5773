"""Answers that were recorded, and archives from elsewhere: what is in them comes back, and a cut is said."""

from __future__ import annotations

import gzip
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

import pytest
from fastwarc.stream_io import ZstdWriter
from fastwarc.warc import ArchiveIterator, WarcRecordType

from aurora_crawl.storage.archive import Capture, Count, CutShort, archives_of, captures, noted, record_of
from aurora_crawl.storage.recording import SiteArchive

ROOT = Path(__file__).resolve().parents[3]
PAGE = b"<p>Chove no vale.</p>" * 500
NOISE = random.Random(1)


def answered(number: int, body: bytes = b"", coding: str = "") -> Capture:
    headers = [("Content-Type", "text/html; charset=utf-8"), ("X-Robots-Tag", "noai"), ("Set-Cookie", "a=1")]
    packed = [("Content-Encoding", coding)] if coding else []
    body = body or NOISE.randbytes(3000)
    return Capture(f"https://exemplo.invalid/{number}/", 200, headers + packed, body, datetime(2026, 3, 1, tzinfo=UTC))


def recorded(data_dir: Path, answers: list[Capture], file_bytes: int = 1 << 30) -> list[Path]:
    archive = SiteArchive(data_dir, "exemplo", "https://exemplo.invalid", file_bytes=file_bytes)
    for one in answers:
        archive.add(one)
    archive.close()
    assert (archive.failed, archive.records) == (None, len(answers))
    return archives_of(data_dir, "exemplo")


def test_answers_come_back_as_they_were(tmp_path: Path) -> None:
    answers = [answered(1, PAGE), answered(2, gzip.compress(PAGE), "gzip"), answered(3)]
    (path,) = recorded(tmp_path, answers)
    found = list(captures(path))
    assert [(one.url, one.status, one.body, one.date) for one in found] == [
        (one.url, one.status, one.body, one.date) for one in answers
    ]
    assert [dict(one.headers)["X-Robots-Tag"] for one in found] == ["noai"] * 3
    assert dict(found[1].headers)["Content-Encoding"] == "gzip"


def test_the_file_is_warc_1_1_with_digests_that_hold_and_a_member_a_record(tmp_path: Path) -> None:
    (path,) = recorded(tmp_path, [answered(n, PAGE if n % 2 else b"") for n in range(4)])
    raw = path.read_bytes()
    assert gzip.decompress(raw).count(b"WARC/1.1\r\n") == 5
    with path.open("rb") as file:
        records = list(ArchiveIterator(file, parse_http=False))
        assert [one.record_type for one in records] == [WarcRecordType.warcinfo] + [WarcRecordType.response] * 4
    for start in [one.stream_pos for one in records]:
        with path.open("rb") as file:
            file.seek(start)
            assert next(iter(ArchiveIterator(file, parse_http=False, verify_digests=start > 0))).stream_pos == start


def test_what_servers_packed_is_not_packed_again_and_the_rest_is(tmp_path: Path) -> None:
    packed, plain = gzip.compress(NOISE.randbytes(50_000)), PAGE * 20
    (path,) = recorded(tmp_path, [answered(1, packed, "gzip"), answered(2, plain)])
    assert len(packed) < path.stat().st_size < len(packed) + len(plain) // 10


def test_a_new_file_begins_by_size_and_each_says_how_many_it_holds(tmp_path: Path) -> None:
    paths = recorded(tmp_path, [answered(n) for n in range(20)], file_bytes=10_000)
    assert len(paths) > 3
    assert all(path.stat().st_size < 15_000 for path in paths)
    assert [len(list(captures(path))) for path in paths] == [noted(path)["records"] for path in paths]
    assert sum(noted(path)["records"] for path in paths) == 20
    assert len(recorded(tmp_path, [answered(99)])) == len(paths) + 1, "a later crawl adds a file"


def test_the_crawl_does_not_wait_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aurora_crawl.storage import recording

    is_ready, write = threading.Event(), recording._write
    written: list[bytes] = []

    def waits(file: IO[bytes], data: bytes) -> None:
        is_ready.wait()
        written.append(data)
        write(file, data)

    monkeypatch.setattr(recording, "_write", waits)
    archive = SiteArchive(tmp_path, "exemplo", "https://exemplo.invalid")
    for number in range(5):
        archive.add(answered(number))
    assert not written
    is_ready.set()
    archive.close()
    assert archive.records == 5


def test_a_full_disk_is_kept_for_the_crawl_to_say(tmp_path: Path) -> None:
    code = f"""
import resource, signal
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from aurora_crawl.storage.recording import SiteArchive
from test_archive import answered
archive = SiteArchive(Path({str(tmp_path)!r}), "exemplo", "https://exemplo.invalid")
for number in range(200):
    archive.add(answered(number))
archive.close()
print(archive.failed.strerror, archive.records)
"""
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": path}
    )
    assert done.stdout == "File too large 5\n"
    (archive,) = archives_of(tmp_path, "exemplo")
    read = captures(archive)
    assert [next(read).url[-2:] for _ in range(5)] == ["0/", "1/", "2/", "3/", "4/"]
    with pytest.raises(CutShort):
        next(read)


def test_a_killed_crawl_leaves_whole_records(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from aurora_crawl.storage.recording import SiteArchive
from test_archive import answered
archive = SiteArchive(Path({str(tmp_path)!r}), "exemplo", "https://exemplo.invalid")
for number in range(250):
    archive.add(answered(number))
while archive.records < 230:
    pass
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    done = subprocess.run([sys.executable, "-c", code], check=False, env=os.environ | {"PYTHONPATH": path})
    assert done.returncode == -signal.SIGKILL
    (archive,) = archives_of(tmp_path, "exemplo")
    count = Count()
    found = list(whole(archive, count))
    assert len(found) == count.records >= 230
    assert noted(archive)["records"] == 200


def whole(path: Path, count: Count) -> Iterator[Capture]:
    try:
        yield from captures(path, count=count)
    except CutShort:
        return


def of_others(kind: str, answers: list[Capture]) -> bytes:
    """The answers as another program may have written them."""
    plain = BytesIO()
    out = ZstdWriter(plain) if kind == "zst" else plain
    for one in answers:
        record = BytesIO()
        record_of(one).write(record)
        out.write(gzip.compress(record.getvalue()) if kind == "gz" else record.getvalue())
    if kind == "zst":
        out.close()
    return gzip.compress(plain.getvalue()) if kind == "one gz" else plain.getvalue()


@pytest.mark.parametrize("kind", ["plain", "gz", "one gz", "zst"])
def test_archives_of_others_are_read_however_they_are_packed_and_a_cut_is_said(tmp_path: Path, kind: str) -> None:
    answers = [answered(n) for n in range(6)]
    path, data = tmp_path / "x.warc", of_others(kind, answers)
    path.write_bytes(data)
    assert [one.body for one in captures(path)] == [one.body for one in answers]
    path.write_bytes(data[: len(data) * 3 // 4])
    with pytest.raises(CutShort):
        list(captures(path))


def block(text: bytes, address: str = "https://exemplo.invalid/x/") -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <{address}>\r\nContent-Type: application/http; msgtype=response\r\n"
    return head.encode() + f"Content-Length: {len(text)}\r\n\r\n".encode() + text + b"\r\n\r\n"


def test_bodies_in_chunks_come_in_one_piece_and_a_broken_record_harms_no_other(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n"
    path = tmp_path / "x.warc"
    path.write_bytes(
        block(head + b"5\r\nChove\r\n9\r\n no vale.\r\n0\r\n\r\n")
        + block(head + b"zz no chunk at all")
        + block(b"\0\1\2 this is no answer of HTTP")
        + block(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\ntoo many headers")
        + block(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nlast")
    )
    assert [one.body for one in captures(path)] == [b"Chove no vale.", b"zz no chunk at all", b"last"]


def test_heads_with_line_feeds_alone_and_chunks_that_break_off(tmp_path: Path) -> None:
    head = b"HTTP/2 200\nTransfer-Encoding: Chunked\nX-Folded: a\n b\n\n"
    path = tmp_path / "x.warc"
    path.write_bytes(
        block(head + b"5;x=1\nChove\r\n9\r\n no vale.\r\n0\r\n\r\n") + block(head + b"5\r\nChove\r\nff\r\n no")
    )
    found = list(captures(path))
    assert [one.body for one in found] == [b"Chove no vale.", b"Chove no"]
    assert dict(found[0].headers)["X-Folded"] == "a b"


def test_only_wanted_answers_are_read_and_all_are_counted(tmp_path: Path) -> None:
    (path,) = recorded(tmp_path, [answered(n) for n in range(10)])
    count = Count()
    found = list(captures(path, lambda url: url.endswith("/7/"), count))
    assert ([one.url for one in found], count.records) == (["https://exemplo.invalid/7/"], 10)


@pytest.mark.parametrize(
    "data", [NOISE.randbytes(4000), gzip.compress(b"hello" * 500, mtime=0), b"WARC/1.1\r\nX: " + b"a" * 100_000]
)
def test_what_is_no_archive_is_an_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(data)
    with pytest.raises((OSError, CutShort)):
        list(captures(path))
