"""Bytes in the wrong encoding, and in two."""

import pytest

from aurora_crawl.extraction.answer import right_letters

WORDS = "A associação não abrirá às segundas, só à noite: é o que diz a direção. "


def text(body: bytes, declared: str) -> str:
    encoding, whole = right_letters(body, declared)
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
    assert right_letters(body, "utf-8")[1] is body
    for text_of, declared in ((WORDS, "iso-8859-1"), (WORDS, "utf-16")):
        assert right_letters(text_of.encode(declared), declared)[0] == declared
    assert right_letters(b"plain", "iso-8859-1")[0] == "iso-8859-1"
