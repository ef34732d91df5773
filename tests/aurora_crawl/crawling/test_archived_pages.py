"""Archived pages from files that nobody vouches for."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from aurora_crawl.crawling.discovery import archived_pages
from aurora_crawl.extraction.answer import MOST_PAGE
from aurora_crawl.storage.archive import ArchiveError


def record(url: str, body: bytes, *, status: str = "200 OK", coding: str = "", kind: str = "text/html") -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{f'Content-Encoding: {coding}' if coding else 'X-A: b'}\r\n\r\n"
    )
    block = head.encode() + body
    warc = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(warc.encode() + block + b"\r\n\r\n")


def pages(path: Path, *records: bytes) -> dict[str, str]:
    path.write_bytes(b"".join(records))
    return dict(archived_pages(path, lambda url: True))


def test_pages_come_with_their_text_whatever_their_coding(tmp_path: Path) -> None:
    got = pages(
        tmp_path / "a.warc.gz",
        record("http://a/", "<p>não</p>".encode("latin-1"), kind="text/html; charset=iso-8859-1"),
        record("http://b/", gzip.compress("<p>pão</p>".encode()), coding="gzip", kind="text/html; charset=utf-8"),
    )
    assert got == {"http://a/": "<p>não</p>", "http://b/": "<p>pão</p>"}


def test_what_is_no_page_is_passed_over(tmp_path: Path) -> None:
    got = pages(
        tmp_path / "a.warc.gz",
        record("http://gone/", b"x", status="404 Not Found"),
        record("http://picture/", b"x", kind="image/png"),
        record("http://bomb/", gzip.compress(b" " * (MOST_PAGE + 9)), coding="gzip"),
        record("http://long/", b" " * (MOST_PAGE + 9)),
        record("http://strange/", b"x", coding="br"),
        record("http://good/", b"x"),
    )
    assert got == {"http://good/": "x"}


def test_a_file_that_was_cut_gives_what_stands_before_the_cut(tmp_path: Path) -> None:
    whole = record("http://a/", b"x")
    assert "http://a/" in pages(tmp_path / "a.warc.gz", whole, record("http://b/", os.urandom(5000))[:-900])


@pytest.mark.parametrize(
    "data", [os.urandom(3000), gzip.compress(b"hello" * 500, mtime=0), b"WARC/1.1\r\nX: " + b"a" * 1_000_000]
)
def test_what_is_no_archive_is_named(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ArchiveError, match=r"x\.warc\.gz"):
        pages(tmp_path / "x.warc.gz", data)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="No such file"):
        list(archived_pages(tmp_path / "no.warc", lambda url: True))
