"""Raw answers made readable: letters and packing."""

from __future__ import annotations

import gzip
import zlib

import pytest

from aurora_crawl.extraction.answer import (
    BrokenBody,
    TooLarge,
    archived_page,
    declared_encoding,
    readable_body,
    right_letters,
    unpacked,
    utf8_text,
)

TEXT = "<p>O preço da praça não é só o pão: AÇÃO já.</p>"


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode(), "cp1252"),
        (TEXT.encode(), None),
        (TEXT.encode("cp1252"), "utf-8"),
        (TEXT.encode("cp1252"), "iso8859-1"),
        (TEXT.encode("cp1252"), None),
        (TEXT.encode().replace("só".encode(), "só".encode("cp1252")), "utf-8"),
        (TEXT.encode().replace("só".encode(), "só".encode("cp1252")), "iso8859-1"),
        (TEXT.encode().replace("AÇÃO".encode(), "AÇÃO".encode("cp1252")), None),
        (TEXT.encode("utf-16"), "utf-16"),
    ],
)
def test_letters_are_right_whatever_is_declared(body: bytes, declared: str | None) -> None:
    encoding, mended = right_letters(body, declared)
    assert mended.decode(encoding) == TEXT


def test_half_a_letter_is_no_other_letter() -> None:
    assert utf8_text("praça não".encode()[:-2]) == "praça n\ufffd"


@pytest.mark.parametrize("name", ["hex", "zlib", "rot13", "x-none"])
def test_what_is_no_encoding_of_text_is_not_declared(name: str) -> None:
    assert declared_encoding(f"text/html; charset={name}", b"<p>") is None


def test_packings_are_undone_and_bounded() -> None:
    packed = gzip.compress(TEXT.encode()[:20]) + gzip.compress(TEXT.encode()[20:])
    assert unpacked(packed, "gzip", 1000) == TEXT.encode()
    assert unpacked(zlib.compress(TEXT.encode()), "deflate", 1000) == TEXT.encode()
    assert unpacked(zlib.compress(TEXT.encode())[2:-4], "deflate", 1000) == TEXT.encode()
    with pytest.raises(BrokenBody):
        unpacked(packed[:-9], "gzip", 1000)
    with pytest.raises(TooLarge):
        unpacked(gzip.compress(b" " * 5000), "gzip", 1000)
    with pytest.raises(TooLarge):
        unpacked(gzip.compress(b"") * 20_000, "gzip", 1000)


def test_archived_pages() -> None:
    kind = ("Content-Type", "Text/HTML; charset=UTF-8")
    assert archived_page([kind], TEXT.encode("cp1252")) == TEXT
    # The archive undid the packing and kept the header.
    assert archived_page([kind, ("content-encoding", "gzip")], TEXT.encode()) == TEXT
    assert archived_page([("content-type", "image/png")], b"x") is None
    assert archived_page([], TEXT.encode()) == TEXT
    assert readable_body([("Content-Encoding", "br")], b"x") == b""


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode_escape", "utf-7", "utf-16", "UTF-32LE"])
def test_what_no_page_is_written_in_is_not_declared(name: str) -> None:
    assert declared_encoding(f"text/html; charset={name}", b"<p>Uma frase") is None


def test_letters_of_two_bytes_are_declared_where_the_page_has_them() -> None:
    assert declared_encoding("text/html; charset=utf-16le", TEXT.encode("utf-16-le")) is not None
