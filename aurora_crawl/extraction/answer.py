"""A raw answer made readable: its packing undone, its letters right; for middlewares and archives alike."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

MOST_PAGE = 10 << 20
"""Bytes of an archived page, unpacked; longer ones are passed over, as the crawl refuses them."""

_STEP = 1 << 18
"""Bytes unpacked at a time: most pages in one or two steps, a bomb found out early."""
_MOST_MEMBERS = 1000
"""Members of one gzip body; each costs a start, however little is in it."""
_GZIP = b"\x1f\x8b"
_WESTERN = "cp1252"
_WESTERN_SETS = {"iso8859-1", "cp1252", "iso8859-15", "ascii"}
"""Python's names of the sets that a page in Windows-1252 may honestly declare."""
_OTHER_LATIN = frozenset(
    "cp1250 cp1254 cp1257 iso8859-2 iso8859-3 iso8859-4 iso8859-9 iso8859-10 iso8859-13 iso8859-14 iso8859-16".split()
)
"""Latin sets without ã or õ, or with them where the western one has them: on a Portuguese page they are declared by mistake."""
_NOT_OF_PAGES = frozenset("idna punycode unicode-escape raw-unicode-escape utf-7 undefined".split())
"""What Python reads as text and no browser does: forms of other letters in ASCII."""
_WIDE = re.compile(r"utf-?_?(?:16|32)", re.IGNORECASE)
_HEAD = 1000
"""Bytes of a page in which letters of two bytes show zeros: its marks of HTML have them."""
_EVERY_BYTE = bytes(range(256))
_BEYOND_ASCII = re.compile("[\x80-\ufffc\U00010000-\U0010ffff]")
_LEADS = b"\xc2\xc3"


class BrokenBody(Exception):  # noqa: N818 - it names what is wrong with the answer
    """The packed answer is cut short or garbled."""


class TooLarge(Exception):  # noqa: N818
    """The unpacked answer exceeds the bound."""


def codings_in(lines: Iterable[str]) -> list[str]:
    """The content codings that the lines of a `Content-Encoding` name, in the order in which they were applied."""
    named = [coding.strip().lower() for line in lines for coding in line.split(",")]
    return [coding for coding in named if coding not in ("", "identity")]


def unpacked(body: bytes, coding: str, most: int) -> bytes:
    """A body without its content coding. Raises BrokenBody and TooLarge."""
    match coding:
        case "gzip" | "x-gzip":
            return _inflated(body, 31, most)
        case "deflate":
            # Meant is zlib's format; some servers send the bare one.
            is_zlib = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
            return _inflated(body, 15 if is_zlib else -15, most)
    raise BrokenBody(f"packed in a way that was not asked for ({coding})")


def archived_body(headers: Sequence[tuple[str, str]], body: bytes, most: int) -> bytes:
    """An archived answer's body without its content codings. Raises BrokenBody and TooLarge.

    Some archives keep the header of a packing that they undid.
    """
    for coding in reversed(codings_in(value for name, value in headers if name.lower() == "content-encoding")):
        if coding not in ("gzip", "x-gzip") or body.startswith(_GZIP):
            body = unpacked(body, coding, most)
    if len(body) > most:
        raise TooLarge
    return body


def readable_body(headers: Sequence[tuple[str, str]], body: bytes, most: int = 256 << 20) -> bytes:
    """The same, and nothing where the body cannot be unpacked or is larger than `most`."""
    with suppress(BrokenBody, TooLarge):
        return archived_body(headers, body, most)
    return b""


def archived_page(headers: Sequence[tuple[str, str]], body: bytes, most: int = MOST_PAGE) -> str | None:
    """The text of an archived HTML page; None for what is none, is packed in a way that cannot be undone, or is too long."""
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    if kind.strip() and "html" not in kind.lower():
        return None
    try:
        body = archived_body(headers, body, most)
    except (BrokenBody, TooLarge):
        return None
    return page_text(body, kind)


def page_text(body: bytes, content_type: str = "") -> str:
    """A page in the letters that it is written in."""
    encoding, body = right_letters(body, declared_encoding(content_type, body))
    return body.decode(encoding, "replace").removeprefix("\ufeff")


def declared_encoding(content_type: str, body: bytes) -> str | None:
    """The encoding that an HTML page's mark, header or `meta` names, in Python's spelling; None where none does.

    What pages are not written in (`hex`, `zlib`, `idna`) counts as none, and so do letters of two bytes and more on a page of single ones.
    """
    marked = read_bom(body)[0]
    for name in (marked, http_content_type_encoding(content_type), html_body_declared_encoding(body)):
        if name and is_of_text(name) and (name == marked or not _WIDE.match(name) or b"\0" in body[:_HEAD]):
            return name
    return None


def right_letters(body: bytes, declared: str | None) -> tuple[str, bytes]:
    """The encoding that a body is in, as far as its bytes tell, and the body; else the declared encoding.

    Pages say UTF-8 and are Windows-1252, or the reverse, or say nothing and are one of the two. A page of UTF-8 in which
    some bytes are Windows-1252 (a quotation, a database that was moved) comes back as UTF-8 throughout.
    """
    name = _python_name(declared)
    if body.isascii() or (name not in ("utf-8", "") and name not in _WESTERN_SETS | _OTHER_LATIN):
        return declared or "utf-8", body
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
        # A few broken letters in a page of good ones; a page in another encoding has no good ones.
        if text.count("\ufffd") <= len(_BEYOND_ASCII.findall(text)):
            return "utf-8", utf8_text(body).encode("utf-8")
        return (declared if declared and name in _WESTERN_SETS else _WESTERN), body
    return "utf-8", body


def utf8_text(body: bytes) -> str:
    """UTF-8 as text; bytes that are none are read as Windows-1252, those of a letter that was cut as U+FFFD."""
    return body.decode("utf-8", "aurora-western")


def _western(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: the bytes that are no UTF-8 in Windows-1252."""
    assert isinstance(error, UnicodeDecodeError)
    start, whole = error.start, error.object
    if whole[start] in _LEADS:
        # Half of a letter of UTF-8, or the Ã of "NÃO": the latter stands between capitals.
        around = whole[max(start - 1, 0) : start] + whole[start + 1 : start + 2]
        if not any(byte in range(ord("A"), ord("Z") + 1) for byte in around):
            return "\ufffd", start + 1
    return whole[start : start + 1].decode(_WESTERN, "replace"), start + 1


codecs.register_error("aurora-western", _western)


def _python_name(encoding: str | None) -> str:
    """Python's own name of an encoding; "" for none, and for one that it does not know."""
    try:
        return codecs.lookup(encoding).name if encoding else ""
    except LookupError:
        return ""


def is_of_text(name: str) -> bool:
    """Whether a name is that of an encoding that pages are written in: one that reads any bytes as letters, and as those alone."""
    try:
        return codecs.lookup(name).name.replace("_", "-") not in _NOT_OF_PAGES and isinstance(
            _EVERY_BYTE.decode(name, "replace"), str
        )
    except (LookupError, ValueError, TypeError, AttributeError, OSError, zlib.error):
        return False


def _inflated(body: bytes, wbits: int, most: int) -> bytes:
    out = bytearray()
    for _ in range(_MOST_MEMBERS):
        unpacker = zlib.decompressobj(wbits)
        try:
            while not unpacker.eof and body:
                out += unpacker.decompress(body, _STEP)
                if len(out) > most:
                    raise TooLarge
                body = unpacker.unconsumed_tail
        except zlib.error as error:
            raise BrokenBody(f"garbled ({error})") from error
        if not unpacker.eof:
            raise BrokenBody("cut short")
        # A gzip file may have several members; anything else after the end is no part of the page.
        body = unpacker.unused_data
        if not body:
            return bytes(out)
    raise TooLarge
