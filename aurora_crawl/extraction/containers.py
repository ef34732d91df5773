"""Finds the element that holds the article on a page of an unknown site: the containers of common systems, checked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import cast

from lxml import etree

from aurora_crawl.extraction.boilerplate_elements import is_clutter
from aurora_crawl.extraction.element_index import CONTAINERS, Census, take_census
from aurora_crawl.extraction.markup import SKIPPED_TAGS
from aurora_crawl.extraction.tree import descendants, raw_text_of
from aurora_crawl.text.unicode import letters_of

LEAST_TEXT = 250
"""Characters of running text that a container must hold: below, it is a teaser."""

LEAST_SHARE = 0.75
"""The share of the page's running text that a container must hold; otherwise the article has other parts elsewhere."""

LEAST_SHOWN = 0.5
"""The share of a declared body that the page's paragraphs must show; otherwise it declares something else."""

_LONG_TEXTS = etree.XPath("/descendant::body/descendant::text()[string-length() >= 40]")
_MOST_BESIDE_NOTE = 3
_NEARLY_ALL = 0.95
_LEAST_PARAGRAPH = 40
_MOST_LINKED = 0.6
_OUTSIDE_TAGS = SKIPPED_TAGS | {"figure"}
_PRIORITY = ("articleBody", *CONTAINERS)


@dataclass(frozen=True, slots=True)
class Found:
    """The elements that hold the article, in order, the name by which they were found, and their share of the text.

    `length` is how many characters of running text they hold, as they stand in the markup, where that was counted.
    """

    elements: list[etree._Element]
    name: str
    share: float
    length: int = 0


def recognised(tree: etree._Element, census: Census | None = None) -> Found | None:
    """The article's container, or None where no known one holds most of the page's running text.

    Running text: paragraphs of some length, not mostly links, outside navigation, sidebars, footers, forms and boxes.
    """
    census = census or take_census(tree)
    named = {"articleBody": census.itemprops.get("articlebody", []), **census.named}
    names = [name for name in _PRIORITY if named.get(name)]
    if not names:
        return None
    weights = _weights(tree)
    total = weights.get(tree, 0)
    if total < LEAST_TEXT:
        return None
    for name in names:
        elements = named[name]
        best = max(elements, key=lambda element: weights.get(element, 0))
        if weights.get(best, 0) >= max(LEAST_TEXT, LEAST_SHARE * total):
            return Found([best], name, weights[best] / total, weights[best])
    for name in names:
        parts = _without_nested([element for element in named[name] if weights.get(element, 0)])
        share = sum(weights[element] for element in parts) / total
        if len(parts) > 1 and share >= LEAST_SHARE:
            return Found(parts, name, share)
    return None


def short_note(tree: etree._Element, census: Census, title: str | None) -> Found | None:
    """The container of a short note: a known one in the same part of the page as the title, and all the text of that part.

    Where another part of the page holds several times its text, it is a teaser.
    """
    named = {"articleBody": census.itemprops.get("articlebody", []), **census.named}
    heading = next(
        (one for one in descendants(tree, "h1") if title and letters_of(raw_text_of(one)) == letters_of(title)), None
    )
    if heading is None:
        return None
    weights = _weights(tree)
    parts = {ancestor for ancestor in heading.iterancestors() if ancestor.tag not in {"body", "html"}}
    for name in _PRIORITY:
        for element in named.get(name, ()):
            weight = weights.get(element, 0)
            part = next((ancestor for ancestor in element.iterancestors() if ancestor in parts), None)
            if part is None or not _LEAST_PARAGRAPH <= weight < LEAST_TEXT or weight < LEAST_SHARE * weights[part]:
                continue
            if weights[tree] - weights[part] <= _MOST_BESIDE_NOTE * max(weight, LEAST_TEXT / 2):
                return Found([element], name, weight / weights[tree])
    return None


def declared(tree: etree._Element, body: str) -> Found | None:
    """The smallest element that shows most of what the page declares as its article's body (JSON-LD), or None."""
    bare_body = letters_of(body)
    shown: dict[etree._Element, int] = defaultdict(int)
    total = 0
    for paragraph in tree.iter("p", "li", "h2", "h3"):
        text = letters_of(raw_text_of(paragraph))
        if len(text) >= _LEAST_PARAGRAPH and text in bare_body:
            total += len(text)
            for ancestor in paragraph.iterancestors():
                shown[ancestor] += len(text)
    if total < LEAST_TEXT or total < LEAST_SHOWN * len(bare_body):
        return None
    holding = [element for element, length in shown.items() if length >= _NEARLY_ALL * total]
    smallest = max(holding, key=lambda element: sum(1 for _ in element.iterancestors()))
    return Found([smallest], "articleBody of JSON-LD", 1.0)


def shows_text(tree: etree._Element) -> bool:
    """Whether a page shows as much running text as an article has, in paragraphs or in anything else."""
    if _weights(tree).get(tree, 0) >= LEAST_TEXT:
        return True
    is_outside: dict[etree._Element, bool] = {}
    length = 0
    for text in cast("list[etree._ElementUnicodeResult]", _LONG_TEXTS(tree)):
        holder = text.getparent()
        if holder is not None and not _outside(holder, is_outside):
            length += len(text)
            if length >= LEAST_TEXT:
                return True
    return False


def _weights(tree: etree._Element) -> dict[etree._Element, int]:
    """How many characters of running text each element holds."""
    lengths: dict[etree._Element, int] = defaultdict(int)
    for paragraph in tree.iter("p"):
        if (length := _length(paragraph)) and (parent := paragraph.getparent()) is not None:
            lengths[parent] += length
    weights: dict[etree._Element, int] = defaultdict(int)
    is_outside: dict[etree._Element, bool] = {}
    for parent, length in lengths.items():
        # Paragraphs stand side by side: the way up is walked once for all of them.
        if not _outside(parent, is_outside):
            weights[parent] += length
            for ancestor in parent.iterancestors():
                weights[ancestor] += length
    return weights


def _length(paragraph: etree._Element) -> int:
    """The length of a paragraph's text, 0 where most of it is linked."""
    if not len(paragraph):
        length = len((paragraph.text or "").strip())
        return length if length >= _LEAST_PARAGRAPH else 0
    length = len(raw_text_of(paragraph).strip())
    if length < _LEAST_PARAGRAPH:
        return 0
    linked = sum(len(raw_text_of(link)) for link in paragraph.iter("a"))
    return 0 if linked > _MOST_LINKED * length else length


def _outside(element: etree._Element, known: dict[etree._Element, bool]) -> bool:
    """Whether an element or one that it stands in is outside the article by its tag, class or state."""
    path = []
    step: etree._Element | None = element
    while step is not None and step not in known:
        path.append(step)
        step = step.getparent()
    outside = known[step] if step is not None else False
    for one in reversed(path):
        outside = outside or one.tag in _OUTSIDE_TAGS or is_clutter(one)
        known[one] = outside
    return outside


def _without_nested(elements: list[etree._Element]) -> list[etree._Element]:
    chosen = set(elements)
    return [element for element in elements if not any(ancestor in chosen for ancestor in element.iterancestors())]
