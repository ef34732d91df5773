"""The article in a framework's data script (Next.js, Nuxt and their like): read as JSON, never executed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from aurora_crawl.extraction.plain_title import text_of_title
from aurora_crawl.extraction.tree import descendants
from aurora_crawl.text.unicode import letters_of

LEAST_TEXT = 250
"""Characters that a text in a script must have to be an article's."""

_MOST_CHARACTERS = 4_000_000
_MOST_VALUES = 60
_MOST_NODES = 300_000
_DEEPEST = 60
_DECODER = json.JSONDecoder(strict=False)
_VALUE_BEGINS = re.compile(r"(?:=|\bpush\(|\bparse\(|^)\s*(?=[\[{\"])")
_FLIGHT_ROW = re.compile(r"^[0-9a-f]{1,6}:(?=[\[{\"])", re.MULTILINE)
_TITLES = frozenset("title headline titulo name webtitle seotitle".split())
_BODIES = frozenset(
    "body content contenthtml contents articlebody text html bodyhtml texto conteudo corpo materia story blocks paragraphs "
    "elements components fulltext bodytext rendered value markup".split()
)
_BLOCK_TEXTS = ("html", "text", "content", "value", "paragraph", "texto", "conteudo", "data", "children", "body")
_BLOCK_TAG = re.compile(r"<(?:p|br|div|h[1-6]|li|blockquote)\b", re.IGNORECASE)
_SENTENCES = re.compile(r"[.!?。][\"”’]?(?:\s|$|<)")
_LEAST_SENTENCES = 3
_TITLED_WORTH = 4


@dataclass(slots=True)
class _Candidate:
    text: str
    worth: float


def text_in_data(tree: etree._Element, title: str | None) -> str:
    """The longest article's text in the page's data scripts, as HTML or plain text; empty where there is none.

    A text that stands in an object of the page's title is preferred. Scripts beyond four million characters are left aside.
    """
    search = _Search(letters_of(title or ""))
    left = _MOST_CHARACTERS
    for script in descendants(tree, "script"):
        source = script.text
        if not source or len(source) < LEAST_TEXT or "ld+json" in (script.get("type") or "").lower():
            continue
        left -= len(source)
        if left < 0:
            break
        for value in _values(source):
            search.look(value)
    best = max(search.candidates, key=lambda one: one.worth, default=None)
    return best.text if best else ""


def _values(source: str) -> Iterator[object]:
    """The JSON values of a script: what is assigned, pushed or parsed in it, and those in strings of them."""
    position = 0
    for _ in range(_MOST_VALUES):
        begin = _VALUE_BEGINS.search(source, position)
        if begin is None:
            return
        try:
            value, position = _DECODER.raw_decode(source, begin.end())
        except (ValueError, RecursionError):
            position = begin.end() + 1
            continue
        yield value
        for text in _strings_of(value):
            yield from _inner_values(text)


def _strings_of(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return (
        [one for one in value if isinstance(one, str)] if isinstance(value, list) and len(value) < _MOST_VALUES else []
    )


def _inner_values(text: str) -> Iterator[object]:
    """JSON written into a string: a whole value, or the rows of React's flight format."""
    starts = [0] if text[:1] in ("{", "[") else [row.end() for row in _FLIGHT_ROW.finditer(text)][:_MOST_VALUES]
    for start in starts:
        try:
            yield _DECODER.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue


class _Search:
    """Walks through values and collects texts that may be the article's."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.nodes = 0
        self.candidates: list[_Candidate] = []

    def look(self, value: object) -> None:
        if isinstance(value, list):
            for one in _strings_of(value):
                self.offer(one, is_titled=False, is_named=bool(_BLOCK_TAG.search(one)))
        self.walk(value, 0, is_titled=False)

    def walk(self, value: object, depth: int, *, is_titled: bool) -> None:
        self.nodes += 1
        if depth > _DEEPEST or self.nodes > _MOST_NODES:
            return
        if isinstance(value, dict):
            is_titled = is_titled or self._is_titled(value)
            for key, inner in value.items():
                is_named = str(key).lower().replace("_", "") in _BODIES
                if isinstance(inner, str):
                    self.offer(inner, is_titled=is_titled, is_named=is_named)
                elif isinstance(inner, list) and is_named and (joined := _joined_blocks(inner)):
                    self.offer(joined, is_titled=is_titled, is_named=True)
                    self.walk(inner, depth + 1, is_titled=is_titled)
                else:
                    self.walk(inner, depth + 1, is_titled=is_titled)
        elif isinstance(value, list):
            for inner in value:
                if isinstance(inner, dict | list):
                    self.walk(inner, depth + 1, is_titled=is_titled)

    def _is_titled(self, value: dict[str, object]) -> bool:
        if not self.title:
            return False
        for key, inner in value.items():
            if str(key).lower().replace("_", "") in _TITLES:
                text = inner.get("rendered") if isinstance(inner, dict) else inner
                if (
                    isinstance(text, str)
                    and len(text) < LEAST_TEXT * 2
                    and letters_of(text_of_title(text)) == self.title
                ):
                    return True
        return False

    def offer(self, text: str, *, is_titled: bool, is_named: bool) -> None:
        """Takes a text that is long enough, reads as prose, and is called a body or marked up as one."""
        if len(text) < LEAST_TEXT:
            return
        is_marked_up = bool(_BLOCK_TAG.search(text))
        if (
            not (is_named or is_marked_up)
            or text[:1] in "{["
            or len(_SENTENCES.findall(text, 0, 20_000)) < _LEAST_SENTENCES
        ):
            return
        self.candidates.append(_Candidate(text, len(text) * (_TITLED_WORTH if is_titled else 1)))


def _joined_blocks(blocks: list[object]) -> str:
    """The texts of an editor's blocks as paragraphs, where a list holds such blocks or plain paragraphs."""
    paragraphs = []
    for block in blocks:
        text = _text_of_block(block, 0)
        if text:
            paragraphs.append(text if _BLOCK_TAG.match(text) else f"<p>{text}</p>")
    return "\n".join(paragraphs) if len(paragraphs) > 1 else ""


def _text_of_block(block: object, depth: int) -> str:
    if isinstance(block, str):
        return block
    if depth > _DEEPEST // 4:
        return ""
    if isinstance(block, list):
        return "".join(_text_of_block(one, depth + 1) for one in block)
    if isinstance(block, dict):
        for key in _BLOCK_TEXTS:
            if (
                (inner := block.get(key))
                and isinstance(inner, str | list | dict)
                and (text := _text_of_block(inner, depth + 1))
            ):
                return text
    return ""
