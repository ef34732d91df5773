"""Marks of footnotes in running text: a number must not melt into the word before it; CO₂'s and m²'s digits must."""

from __future__ import annotations

import re

from lxml import etree

from aurora_crawl.extraction.tree import text_of

_MARK = re.compile(r"\d{1,4}|[ivxlc]{1,6}|[a-z]|[*†‡§]{1,3}")
_DIGITS = re.compile(r"\d{1,3}")
_WORD_BEFORE = re.compile(r"(?:[^\W\d_]{4}|[.,;:!?)”’\"»])$")
_UNITS = ("metros", "metro", "quilômetros", "quilômetro", "centímetros", "milímetros")
_NOTE_CLASS = re.compile(
    r"(?:foot|end|side)-?note|note-?ref|(?:^|[\s_-])(?:ftn|edn|fn|nota|rodape|citation|reference)", re.IGNORECASE
)
_LONGEST_MARK = 12


def leads_to_place(link: etree._Element) -> bool:
    """Whether a link may lead to a place on its own page, as those of notes do: others need no closer look."""
    href = link.get("href", "")
    return "#" in href or href.startswith("javascript:")


def footnote_mark(element: etree._Element, before: str) -> str:
    """`[1]` for a `sup` or a link that is a note's mark, empty for anything else; `before` is the text in front of it.

    A link is a mark if it leads to a place on the page, or is of a note's class; raised digits without a link are one
    after a word or a sentence's end, and never after a unit, a formula or a number.
    """
    if element.tag == "a" and not _is_link_of_note(element):
        return ""
    mark = text_of(element) if len(element) else (element.text or "").strip()
    if not mark or len(mark) > _LONGEST_MARK:
        return ""
    bare = mark.strip("[]() ").rstrip(".")
    if not bare or not _MARK.fullmatch(bare.lower()):
        return ""
    if element.tag == "a":
        # A link that is only a letter or a number is a mark where it is raised, in brackets or of a note's class.
        is_raised = element.find(".//sup") is not None or mark != bare or _is_of_note(element)
        return f"[{bare}]" if is_raised or bare.isdigit() else ""
    if _is_of_note(element) or any(_is_link_of_note(link) for link in element.iter("a")):
        return f"[{bare}]"
    tail = before.rstrip("\u200b").lower()
    if _DIGITS.fullmatch(bare) and _WORD_BEFORE.search(tail) and not tail.endswith(_UNITS):
        return f"[{bare}]"
    return ""


def is_way_back(link: etree._Element) -> bool:
    """Whether a link is only a sign that leads to a place on the page: back to a note's mark, or to a heading itself."""
    if not (link.get("href") or "").startswith("#"):
        return False
    text = text_of(link)
    return bool(text) and len(text) <= _LONGEST_MARK and not any(map(str.isalnum, text))


def _is_link_of_note(link: etree._Element) -> bool:
    href = link.get("href") or ""
    if href.startswith("#"):
        return len(href) > 1
    return (href.startswith("javascript:") or "#" in href) and (_is_of_note(link) or "ftn" in href or "note" in href)


def _is_of_note(element: etree._Element) -> bool:
    step: etree._Element | None = element
    for _ in range(2):
        if step is None:
            return False
        names = f"{step.get('class', '')} {step.get('id', '')} {step.get('role', '')}"
        if len(names) > 2 and _NOTE_CLASS.search(names):
            return True
        step = step.getparent()
    return False
