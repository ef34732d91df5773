"""XML from strangers: sitemaps and feeds as elements, unzipped where needed, bounded in size and without entities."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

MAX_BYTES = 50 << 20
"""What a sitemap may weigh unpacked, by the protocol of sitemaps.org."""
_GZIP = b"\x1f\x8b"


class NotXml(ValueError):  # noqa: N818 - it names what was met
    """The bytes are no XML document of a bearable size; the message says which of the two."""


def elements(body: bytes, names: set[str]) -> Iterator[etree._Element]:
    """The outermost elements of these local names, each whole, in their order; one is emptied when the next is asked for.

    Broken markup is mended where libxml2 can. Raises NotXml.
    """
    data = _unzipped(body)
    if not data.lstrip()[:1] == b"<" and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise NotXml("it is not XML")
    if b"<html" in data[:1000].lower():
        raise NotXml("it is an HTML page")
    parsed = etree.iterparse(
        BytesIO(data), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        for _, node in parsed:
            if local_name(node) in names and not any(local_name(outer) in names for outer in node.iterancestors()):
                yield node
                node.clear()
    except etree.XMLSyntaxError as error:
        raise NotXml(f"it is broken XML ({error.msg})") from error


def local_name(node: etree._Element) -> str:
    """An element's name without its namespace."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def child_text(node: etree._Element, *names: str) -> str | None:
    """The text of the first descendant with one of these local names, in the order of the names; null for none."""
    for name in names:
        for child in node.iterdescendants():
            if local_name(child) == name:
                text = " ".join("".join(str(piece) for piece in child.itertext()).split())
                if text:
                    return text
    return None


def _unzipped(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        data = unpacker.decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise NotXml(f"it is broken gzip ({error})") from error
    if unpacker.unconsumed_tail:
        raise NotXml(f"it is larger than {MAX_BYTES >> 20} MB unpacked")
    if not unpacker.eof:
        raise NotXml("it is gzip that was cut short")
    return data
