"""HTML text to an lxml tree, bounded against hostile input, and never an exception on garbage."""

from __future__ import annotations

import re
from itertools import islice
from typing import cast

from lxml import etree

MAX_CHARACTERS = 5_000_000
"""Longer pages are cut here: the longest real article pages are below 3 MB, and a tree costs some ten times its text."""

MAX_DEPTH = 120
"""How deep a walk follows nested elements; page builders nest some 40 deep. What lies deeper is read flat."""


_LONG = 8_000
"""Characters from which a tag may have thousands of attributes, for which libxml2 takes a time that grows with the square
of their number."""
_LONG_TAG = re.compile(rb"<[a-zA-Z][^\s<>/]{0,100}(?=\s)[^<>]{%d,}" % _LONG)
_ATTRIBUTE = re.compile(rb"""(?<!\s)\s+[^\s=<>"']+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?""")
_MOST_ATTRIBUTES = 200
"""Of an element; the rest of a longer list is cut. Real ones have some 40."""
MOST_TAGS = 200_000
"""Of a page; the rest is cut. Each costs .5 kB; a book of 1,500 pages in one file has some 60,000."""
_SHORTEST_TAG = len("<b>")
_PIECE = 4_096
"""Characters that are encoded at a time."""
_LARGE = 1_000_000
_LONGEST_NAMES = 2_000
"""Letters of an element's classes, id or style that are looked at on a large page; the longest real ones have some 600."""
_LONG_NAMES = etree.XPath(
    f"/descendant::*[string-length(@class) > {_LONGEST_NAMES} or string-length(@id) > {_LONGEST_NAMES} "
    f"or string-length(@style) > {_LONGEST_NAMES}]"
)


def parse(html: str) -> etree._Element:
    """The root element of a page or of a fragment; an empty `html` element where there is nothing to read.

    Comments and processing instructions are left out. Broken markup is mended as libxml2 mends it.
    """
    return parse_encoded(encoded(html))


def encoded(html: str) -> bytes:
    """A page, or the beginning of a very long one, as UTF-8: looked through in half the time of letters."""
    # Piece by piece, most of which are plain ASCII: encoding a text with one letter beyond Latin-1 takes half as long again.
    starts = range(0, min(len(html), MAX_CHARACTERS), _PIECE)
    return b"".join([html[start : min(start + _PIECE, MAX_CHARACTERS)].encode("utf-8", "replace") for start in starts])


def parse_encoded(html: bytes) -> etree._Element:
    """What `parse` describes, of a page in UTF-8."""
    data = _with_fewer_tags(html.replace(b"\x00", b" "))
    if _has_long_tag(data):
        data = _LONG_TAG.sub(_with_fewer_attributes, data)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, recover=True, collect_ids=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return etree.Element("html")
    for late in list(root.itersiblings()):
        # libxml2 starts another root for what follows `</html>`
        root.append(late)
    if len(data) > _LARGE:
        for element in cast("list[etree._Element]", _LONG_NAMES(root)):
            for name in ("class", "id", "style"):
                if len(element.get(name, "")) > _LONGEST_NAMES:
                    element.set(name, element.get(name, "")[:_LONGEST_NAMES])
    return root


def _with_fewer_tags(html: bytes) -> bytes:
    """The beginning of a page that has more tags than any that a person reads."""
    if len(html) < MOST_TAGS * _SHORTEST_TAG or html.count(b"<") <= MOST_TAGS:
        return html
    return html[: next(islice(re.finditer(b"<", html), MOST_TAGS, None)).start()]


def _has_long_tag(html: bytes) -> bool:
    """Whether the pattern can match at all: a long tag covers a whole half of its length, counted from the beginning, and
    the last sign before that half opens a tag, where those before a long script close one.

    So a few letters of each are looked at, where the pattern would take a sixth of the time that parsing takes.
    """
    half = _LONG // 2
    for at in range(0, len(html), half):
        if html.find(b"<", at, at + half) < 0 and html.find(b">", at, at + half) < 0:
            opened = html.rfind(b"<", 0, at)
            if opened >= 0 and html[opened + 1 : opened + 2].isalpha() and html.find(b">", opened, at) < 0:
                return True
    return False


def _with_fewer_attributes(tag: re.Match[bytes]) -> bytes:
    """A long tag with its first attributes; as it is where it has no more."""
    attributes = list(islice(_ATTRIBUTE.finditer(tag[0]), _MOST_ATTRIBUTES + 1))
    return tag[0][: attributes[-1].start()] if len(attributes) > _MOST_ATTRIBUTES else tag[0]


def title_in_head(root: etree._Element) -> etree._Element | None:
    """The `title` that a page's head holds."""
    return next((title for head in root.iterchildren("head") for title in head.iterchildren("title")), None)


def parse_fragment(html: str) -> etree._Element:
    """The root of a tree that holds a fragment, whatever it starts with."""
    return parse(f"<html><body>{html}</body></html>")


def descendants(root: etree._Element, tag: str) -> list[etree._Element]:
    """The elements of a name inside another one, in their order."""
    return list(root.iterdescendants(tag))


def raw_text_of(element: etree._Element) -> str:
    """All text inside an element, as it stands in the markup."""
    if not len(element):
        # Most have no children, and need no serialiser.
        return element.text or ""
    return etree.tostring(element, method="text", encoding="unicode", with_tail=False)


def text_of(element: etree._Element) -> str:
    """An element's text in one line."""
    return " ".join(raw_text_of(element).split())
