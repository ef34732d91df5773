"""XML from strangers: the whole elements in a file of markup, whatever stands around them.

Sitemaps and feeds are read by this alone. They come with warnings of PHP before them, with undeclared prefixes, bare
ampersands, entities of HTML, byte order marks, or cut in the middle; a parser of XML refuses each of these files, or
drops what it does not understand. Here a file is a row of tags, and what counts is each element that begins and ends. No
entity is looked up but those of HTML, nothing is loaded, and the time is linear in the file's length.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator
from functools import lru_cache
from html.entities import html5

from aurora_crawl.extraction.answer import declared_encoding, right_letters
from aurora_crawl.messages import Message
from aurora_crawl.text.unicode import without_surrogates

MAX_BYTES = 50 << 20
"""What a sitemap may weigh unpacked, by the protocol of sitemaps.org."""
MOST_DEPTH = 60
"""Elements within elements; what is deeper belongs to the innermost of them."""
MOST_PARTS = 5000
"""Elements within one that was asked for; further ones are left out, their text is kept."""

_GZIP = b"\x1f\x8b"
_MOST_MEMBERS = 10_000
_STEP = 1 << 18
_HEAD = 2000
_TAG = re.compile(
    rb"<(?:!(--|\[CDATA\[)|(\?)|(/?)([A-Za-z_][^\s<>/=!?\"']*)"
    rb"([^<>\"']*(?:(?:\"[^\"<]*\"|'[^'<]*')[^<>\"']*)*)>)"
)
_CLOSES = {b"--": b"-->", b"[CDATA[": b"]]>", b"?": b"?>"}
_ATTRIBUTE = re.compile(r"(?<![^\s=\"'/])([^\s=\"'/]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
_DECLARED = re.compile(rb"<\?xml\b[^<>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})", re.IGNORECASE)
_ROOTS = {"urlset", "sitemapindex", "rss", "feed", "rdf", "channel", "html"}


class NotXml(ValueError):  # noqa: N818 - it names what was met
    """The bytes are no file of markup; the message says what they are."""


class Element:
    """An element: its name in small letters without the prefix, the prefix, attributes as written, and its content."""

    __slots__ = ("_attributes", "content", "name", "prefix")

    def __init__(self, name: str, prefix: str, attributes: str) -> None:
        self.name = name
        self.prefix = prefix
        self._attributes = attributes
        self.content: list[str | Element] = []

    @property
    def text(self) -> str:
        """The text in it, also that of elements in it, with spaces folded."""
        if len(self.content) == 1 and isinstance(self.content[0], str):
            return " ".join(self.content[0].split())
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> Iterator[str]:
        for one in self.content:
            if isinstance(one, str):
                yield one
            else:
                yield from one._pieces()

    def get(self, attribute: str) -> str:
        """An attribute's value, whatever its prefix; empty for none."""
        for name, double, single in _ATTRIBUTE.findall(self._attributes):
            if name.rpartition(":")[2].lower() == attribute:
                return _resolved(double or single).strip()
        return ""

    def children(self, *names: str) -> list[Element]:
        """The elements directly in it that have one of the names, in the order of the names.

        `media:title` is no title: of one name, those with the element's own prefix come alone where there are any.
        """
        found = []
        for name in names:
            named = [one for one in self.content if isinstance(one, Element) and one.name == name]
            found += [one for one in named if one.prefix == self.prefix] or named
        return found

    def child_text(self, *names: str) -> str | None:
        """The text of the first of its `children` that has some; None for none."""
        return next((text for child in self.children(*names) if (text := child.text)), None)


class Markup:
    """A file of markup, unpacked; `remark` says what is missing of it, `roots` which outer elements were met."""

    def __init__(self, body: bytes) -> None:
        data, self.remark = _unzipped(body)
        self.roots: set[str] = set()
        self._data = _in_utf8(data)

    @property
    def text(self) -> str:
        """The whole file as text."""
        return self._data.decode("utf-8", "replace")

    def elements(self, names: Collection[str], leaves: Collection[str] = ()) -> Iterator[Element]:
        """The outermost elements of these local names, each whole, in their order.

        Of `leaves`, which stand outside of all others, the attributes alone. An element that is not closed ends where the
        next of its name begins, or what stands around it ends; one in which the file ends is left out. Raises NotXml.
        """
        found = False
        for one in self._outermost(names, leaves):
            found = True
            yield one
        if not found and not self.roots - {"html"}:
            raise NotXml("it is an HTML page" if "html" in self.roots else "it is not XML")

    def _outermost(self, names: Collection[str], leaves: Collection[str]) -> Iterator[Element]:
        data, search = self._data, _TAG.search
        stack: list[Element] = []
        place = parts = 0
        absent: set[bytes] = set()
        while (tag := search(data, place)) is not None:
            if stack and tag.start() > place:
                stack[-1].content.append(_text(data[place : tag.start()]))
            place = tag.end()
            mark, question, closing, full, attributes = tag.groups()
            if full is None:
                close = _CLOSES[mark or question]
                end = -1 if close in absent else data.find(close, place)
                if end < 0:
                    absent.add(close)
                    if mark:
                        return
                    continue
                if stack and mark == b"[CDATA[":
                    stack[-1].content.append(without_surrogates(data[place:end].decode("utf-8", "replace")))
                place = end + len(close)
                continue
            prefix, name = _name(full)
            if closing:
                depth = next((n for n in range(len(stack) - 1, -1, -1) if stack[n].name == name), None)
                if depth is None and stack and name in _ROOTS:
                    depth = 0
                if depth is not None:
                    done = stack[0]
                    del stack[depth:]
                    if not stack:
                        yield done
                continue
            if stack and name == stack[0].name:
                yield stack[0]
                stack = []
            if not stack and name not in names:
                if name in leaves:
                    yield Element(name, prefix, attributes.decode("utf-8", "replace"))
                elif name in _ROOTS:
                    self.roots.add(name)
                continue
            element = Element(name, prefix, attributes.decode("utf-8", "replace"))
            parts = parts + 1 if stack else 0
            if stack and parts <= MOST_PARTS:
                stack[-1].content.append(element)
            if attributes.endswith(b"/"):
                if not stack:
                    yield element
            elif not stack or (parts <= MOST_PARTS and len(stack) < MOST_DEPTH):
                stack.append(element)


@lru_cache(maxsize=1024)
def _name(full: bytes) -> tuple[str, str]:
    prefix, _, name = full.decode("utf-8", "replace").lower().rpartition(":")
    return prefix, name


def _text(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return _resolved(text) if "&" in text else text


def _resolved(text: str) -> str:
    """The text with the entities of XML and HTML as letters; an ampersand that begins none stays."""
    return without_surrogates(_ENTITY.sub(_letter, text))


def _letter(entity: re.Match[str]) -> str:
    decimal, hexadecimal, name = entity.groups()
    if name:
        return html5.get(f"{name};", entity[0])
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code in (9, 10, 13) or 32 <= code < 0x110000 else ""


def _in_utf8(data: bytes) -> bytes:
    """The bytes in UTF-8, without the marks and blanks that stand before the markup."""
    for mark, encoding in (
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
        (b"<\0", "utf-16-le"),
        (b"\0<", "utf-16-be"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace").encode("utf-8", "replace")
    named = _DECLARED.search(data[:_HEAD])
    declared = declared_encoding(f"text/xml; charset={named[1].decode('ascii')}", b"") if named else None
    encoding, data = right_letters(data, declared)
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "ascii"):
        return data
    return data.decode(encoding, "replace").encode("utf-8", "replace")


def _unzipped(body: bytes) -> tuple[bytes, str | None]:
    """The bytes unpacked as far as they are whole, and what is missing. Raises NotXml where nothing is whole."""
    if not body.startswith(_GZIP):
        return body, None
    out = bytearray()
    missing: str | None = None
    for _ in range(_MOST_MEMBERS):
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            while body and not unpacker.eof and len(out) <= MAX_BYTES:
                out += unpacker.decompress(body, _STEP)
                body = unpacker.unconsumed_tail
        except zlib.error as error:
            missing = Message("it is broken gzip ({why})", why=error)
        if len(out) > MAX_BYTES:
            missing = Message("it is larger than {limit} MB unpacked", limit=MAX_BYTES >> 20)
        elif not unpacker.eof:
            missing = missing or Message("it is gzip that was cut short")
        body = unpacker.unused_data
        # What stands after the last member is no part of the file.
        if missing or not body.startswith(_GZIP):
            break
    if missing and not out:
        raise NotXml(missing)
    del out[MAX_BYTES:]
    return bytes(out), missing
