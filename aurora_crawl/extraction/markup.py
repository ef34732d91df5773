"""What the tags of HTML are to a reader: a piece of running text, a block of its own, a box beside it, nothing to read."""

from __future__ import annotations

import re

from lxml import etree

UNSEEN_TAGS = frozenset(
    "script style noscript template iframe frame frameset object embed applet param svg canvas map area audio video source "
    "track picture img input select option optgroup textarea datalist progress meter head title meta link base".split()
)
"""Elements that show no text of an article, or whose text no reader sees."""

BOX_TAGS = frozenset("form nav aside footer dialog menu figcaption rp rt button output".split())
"""Elements with text of the page's, not of the article's. A `footer` inside a quotation names its author and stays."""

READINGS = frozenset({"rp", "rt"})
"""How a word is read, small above it: no gap opens where they are left out."""

SKIPPED_TAGS = UNSEEN_TAGS | BOX_TAGS

INLINE_TAGS = frozenset(
    "a abbr acronym b bdi bdo big blink cite code data del dfn em font i ins kbd label mark nobr q rb rtc ruby s samp small "
    "span strike strong sub sup time tt u var wbr".split()
)
"""Elements that stand in a line of running text."""

BLOCK_TAGS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figure footer form h1 h2 h3 "
    "h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary table tbody td tfoot th thead tr "
    "ul".split()
)
"""Elements that begin a paragraph of their own."""

BLOCK_UNSEEN_TAGS = frozenset("iframe video audio object frame frameset".split())
"""Of those without text: what stands between paragraphs, and ends one."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

TEXT_OF_AMP = frozenset("amp-accordion amp-fit-text amp-layout amp-live-list amp-selector amp-list".split())
"""Components of AMP that hold text; the others are pictures, players, forms and advertising."""

_SHOWN_AS_BLOCK = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)", re.IGNORECASE)


def is_inline(element: etree._Element) -> bool:
    """Whether an element stands in a line of text, unless its own style makes it a block."""
    return element.tag in INLINE_TAGS and not is_shown_as_block(element)


def is_shown_as_block(element: etree._Element) -> bool:
    """Whether an element's own style makes it a block."""
    style = element.get("style")
    return style is not None and _SHOWN_AS_BLOCK.search(style) is not None


def flat_text(element: etree._Element) -> str:
    """All text inside an element in one line, scripts and styles left out; words of two blocks never melt together."""
    if element.tag in UNSEEN_TAGS:
        return ""
    pieces = [element.text or ""]
    # The elements that are not closed yet; not by recursion, since elements may be nested to any depth.
    within = [(element, element.iterchildren())]
    while within:
        holder, children = within[-1]
        for child in children:
            tag = child.tag
            if tag not in INLINE_TAGS:
                pieces.append(" ")
            if tag not in UNSEEN_TAGS:
                if child.text:
                    pieces.append(child.text)
                if len(child):
                    within.append((child, child.iterchildren()))
                    break
            _close(child, pieces)
        else:
            within.pop()
            if within:
                _close(holder, pieces)
    return " ".join("".join(pieces).split())


def _close(element: etree._Element, pieces: list[str]) -> None:
    if element.tag not in INLINE_TAGS:
        pieces.append(" ")
    if element.tail:
        pieces.append(element.tail)
