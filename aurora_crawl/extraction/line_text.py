"""What a reader sees of a heading, a byline or a label: its visible text in lines, in which nothing melts or leaks."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from aurora_crawl.text.unicode import without_invisible

LONGEST = 1_000
"""Characters that are read of an element: headings and labels are shorter."""

_DEEPEST = 12
_UNSEEN_TAGS = frozenset(
    "script style template noscript svg math iframe object video audio canvas select option button input head title meta link".split()
)
_INLINE_TAGS = frozenset(
    "b i em strong u s mark sup sub abbr cite q code kbd var samp font wbr bdi bdo tt big del ins dfn ruby acronym".split()
)
"""Tags that part no words. Between others a blank is seen: spans beside each other are mostly laid out apart."""
_BLOCK_TAGS = frozenset(
    "address article aside blockquote dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p "
    "pre section small table tbody td th thead tr ul br".split()
)
_UNSEEN_IN_CLASS = (
    "screen-reader",
    "sr-only",
    "sronly",
    "visually",
    "assistive",
    "offscreen",
    "off-screen",
    "a11y-hid",
    "aural",
)
_UNSEEN_CLASSES = frozenset(
    "hidden d-none hide oculto is-hidden material-icons material-icons-outlined material-symbols-outlined material-symbols-rounded dashicons".split()
)
_SHOWN_AGAIN = re.compile(r"(?:^|\s)(?:(?:sm|md|lg|xl|2xl):\S|d-(?:sm|md|lg|xl)-\S)")
_UNSEEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table)", re.IGNORECASE)


def line_of(element: etree._Element, without: re.Pattern[str] | None = None) -> str:
    """The visible text in one line; `without` leaves out the elements inside whose class it finds."""
    if not len(element):
        return " ".join(without_invisible((element.text or "")[:LONGEST]).split())
    return " ".join(lines_of(element, without))


def lines_of(element: etree._Element, without: re.Pattern[str] | None = None) -> list[str]:
    """The visible text in the lines in which it stands: blocks and breaks part it, links side by side do too."""
    parts: list[str] = []
    _collect(element, parts, without, 0)
    lines = without_invisible("".join(parts)[: 2 * LONGEST]).split("\n")
    return [text for line in lines if (text := " ".join(line.split()))]


def is_unseen(element: etree._Element) -> bool:
    """Whether an element is hidden from readers by its tag, class, style or state."""
    tag = element.tag
    if tag in _UNSEEN_TAGS:
        return True
    if not element.keys():
        return False
    if element.get("hidden", "until-found") != "until-found":
        return True
    style = element.get("style")
    if style and _UNSEEN_STYLE.search(style):
        return True
    classes = element.get("class")
    return bool(classes) and _is_unseen_class(classes or "")


@lru_cache(maxsize=10_000)
def _is_unseen_class(classes: str) -> bool:
    # Names in a set and parts in a text are found in a twentieth of a pattern's time, which each page's classes would pay.
    lower = classes.lower()
    if any([part in lower for part in _UNSEEN_IN_CLASS]):  # noqa: C419
        return True
    return not _UNSEEN_CLASSES.isdisjoint(lower.split()) and not _SHOWN_AGAIN.search(lower)


def _collect(element: etree._Element, parts: list[str], without: re.Pattern[str] | None, depth: int) -> None:
    if depth > _DEEPEST or len(parts) > LONGEST:
        return
    _add(parts, element.text)
    last: etree._Element | None = None
    for child in element:
        tag = child.tag
        classes = child.get("class") or ""
        if not is_unseen(child) and not (without and classes and without.search(classes.lower())):
            break_before = _break(child, last)
            if break_before:
                parts.append(break_before)
            _collect(child, parts, without, depth + 1)
            if break_before == "\n" and (tag != "a" or last is None):
                parts.append("\n" if tag != "a" else "")
        elif tag not in _INLINE_TAGS:
            parts.append(" ")
        tail = child.tail
        _add(parts, tail)
        last = None if tail and tail.strip() else child


def _break(child: etree._Element, last: etree._Element | None) -> str:
    """What parts an element from what stands before it: a line's end, a blank, or nothing."""
    tag = child.tag
    if tag in _BLOCK_TAGS or _BLOCK_STYLE.search(child.get("style") or ""):
        return "\n"
    if last is None or tag in _INLINE_TAGS or last.tag in _INLINE_TAGS:
        return ""
    if tag == "a" and last.tag == "a":
        return "\n"
    # The letters of an animated heading, and a drop cap, stand in elements of their own.
    return "" if _is_letter(child) or _is_letter(last) else " "


def _is_letter(element: etree._Element) -> bool:
    return not len(element) and len((element.text or "").strip()) <= 1


def _add(parts: list[str], text: str | None) -> None:
    if text:
        parts.append(text.replace("\n", " ")[:LONGEST])
