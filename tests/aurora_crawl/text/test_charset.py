"""Bytes in the wrong encoding, and in two."""

import pytest

from aurora_crawl.text.charset import readable, true_encoding

WORDS = "A associação não abrirá às segundas, só à noite: é o que diz a direção. "


def text(body: bytes, declared: str) -> str:
    whole, encoding = readable(body, declared)
    return whole.decode(encoding)


@pytest.mark.parametrize("declared", ["utf-8", "ISO-8859-1", "iso-8859-15", "windows-1252", "cp1250", "us-ascii"])
def test_utf_8_is_read_whatever_is_declared(declared: str) -> None:
    assert text(WORDS.encode(), declared) == WORDS


def test_windows_1252_that_says_utf_8_is_read() -> None:
    assert text(f"“{WORDS}”".encode("cp1252"), "utf-8") == f"“{WORDS}”"


@pytest.mark.parametrize("declared", ["windows-1250", "iso-8859-2", "windows-1254"])
def test_another_latin_set_is_the_western_one(declared: str) -> None:
    assert text(f"“{WORDS}”".encode("cp1252"), declared) == f"“{WORDS}”"


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize(("stray", "letter"), [(b"\xa0", "\u00a0"), (b"\xe9", "é"), (b"\x93", "“"), (b"\xba", "º")])
def test_one_wrong_byte_costs_no_letter(declared: str, stray: bytes, letter: str) -> None:
    assert text(WORDS.encode() + stray + b"; " + WORDS.encode(), declared) == f"{WORDS}{letter}; {WORDS}"


def test_sound_bytes_come_back_as_they_are() -> None:
    body = WORDS.encode()
    assert readable(body, "utf-8")[0] is body
    assert true_encoding(WORDS.encode("latin-1"), "iso-8859-1") == "iso-8859-1"
    assert true_encoding(b"plain", "iso-8859-1") == "iso-8859-1"
    assert true_encoding(WORDS.encode("utf-16"), "utf-16") == "utf-16"
    assert true_encoding(WORDS.encode(), "no-such-thing") == "no-such-thing"
