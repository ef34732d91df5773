"""A title, written as HTML, as plain text."""

from __future__ import annotations

import html as entities
import re

from aurora_crawl.text.unicode import without_invisible

_TAG = re.compile(r"<!--.{0,5000}?-->|</?[a-z][^<>]*>", re.IGNORECASE | re.DOTALL)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_INLINE_TAG = re.compile(r"</?(?:i|em|b|strong|u|s|small|sup|sub|span|br|q|cite)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d?);", re.IGNORECASE)


def text_of_title(html: str) -> str:
    """A title as one line of plain text: tags out, entities resolved, also those that were escaped twice."""
    if "<" not in html and "&" not in html:
        return " ".join(without_invisible(html).split())
    text = entities.unescape(_TAG.sub("", _BREAK_TAG.sub(" ", html)))
    if _ENTITY.search(text):
        text = entities.unescape(text)
    return " ".join(without_invisible(_INLINE_TAG.sub("", text)).split())
