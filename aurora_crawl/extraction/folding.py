"""The text of a line as it is collected from the markup, to the paragraphs that a reader sees: white space folded, breaks kept."""

from __future__ import annotations

import re
from itertools import groupby

from aurora_crawl.text.unicode import has_printable_invisible, without_invisible

BREAK = "\x00n"
GAP = "\x00g"
"""Stand for a line break that shows and for something that is seen between two words, while white space of the markup is
still to be folded. No tree of lxml holds the character NUL."""

_MARK = "\x00"
_SEEN_GAP = re.compile(r"(?<!\x00g)(?:\x00g)+(?=[\w“\"'‘«(\[¿¡])")
_PRIVATE = re.compile("[\ue000-\uf8ff\ufffc\U000f0000-\U0010fffd]+")
"""Letters of icon fonts, and the mark of an object: a reader sees a picture, or an empty box."""

ADDRESS_BEGINS = ("http", "www.", "HTTP", "Http")
_ADDRESS_ALONE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def folded(text: str) -> list[str]:
    """The paragraphs in the text of a line: spaces folded, breaks as line feeds, two of them as a paragraph's end."""
    if text.isprintable() and "  " not in text and (text.isascii() or not has_printable_invisible(text)):
        # Most paragraphs are written plainly; neither a mark of ours nor any other space is printable.
        return [text.strip()]
    if _MARK not in text:
        line = " ".join(text.split())
        if line.isprintable() and (line.isascii() or not has_printable_invisible(line)):
            return [line] if line else []
    seen = without_invisible(text)
    text = _PRIVATE.sub(GAP, seen) if not seen.isascii() else seen
    if GAP in text:
        text = _SEEN_GAP.sub(" ", text).replace(GAP, "")
    if BREAK not in text:
        line = " ".join(text.split())
        return [line] if line else []
    found = []
    for is_text, group in groupby((" ".join(line.split()) for line in text.split(BREAK)), bool):
        lines = list(group) if is_text else []
        if len(lines) > 1:
            lines = [line for line in lines if not is_address(line)]
        if lines:
            found.append("\n".join(lines))
    return found


def is_address(line: str) -> bool:
    """Whether a line is nothing but an address."""
    return line.startswith(ADDRESS_BEGINS) and _ADDRESS_ALONE.fullmatch(line) is not None
