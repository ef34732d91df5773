"""The lead: what a page sets between an article's heading and its body, and which belongs to the article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from aurora_crawl.extraction.blocks import Cutting, passages
from aurora_crawl.extraction.markup import SKIPPED_TAGS
from aurora_crawl.extraction.passages import Passage
from aurora_crawl.extraction.titles import says_the_same
from aurora_crawl.extraction.tree import raw_text_of, text_of
from aurora_crawl.text.unicode import letters_of

_DESCRIPTIONS = frozenset({"description", "og:description", "twitter:description"})
"""Names of what a page declares as its article's description."""
_LEAST = 40
_FIRST_LONGER = 60
_LONGEST_BETWEEN = 4000
_MOST_LEADS = 3
_SAME_BEGINNING = 40
_MOST_HEADINGS = 20
_NOT_OF_ARTICLE = re.compile(
    r"copyright|©|(?:all rights|tous droits|todos os direitos|alle rechte)\b|\bcommission|affiliate|\bindependently|independente?s? e editorial|"
    r"subscri(?:be|ption)|newsletter|(?:assine|inscreva-se)\b",
    re.IGNORECASE,
)
"""What stands under headings and says who owns or pays for the page."""
_WORD = re.compile(r"[^\W_]+")
_LIST_MARKS = ("- ", "1. ")
_SENTENCE_ENDS = (".", "!", "?", "…", "”", '"', "»", ":", "。")


def lead_of(
    headings: Sequence[etree._Element],
    container: etree._Element,
    title: str | None,
    body: list[Passage],
    cutting: Cutting,
    metas: Sequence[etree._Element],
) -> list[Passage]:
    """The passages between the article's heading and its container that are sentences, or say what the page declares as
    its description. Empty where the heading stands inside the container or nowhere before it.

    `headings` are the page's first-class ones and `metas` its `meta`, in their order.
    """
    heading = _heading(headings, container, title)
    if heading is None:
        return []
    between = list(_between(heading, container))
    if not between or sum(len(raw_text_of(element)) for element in between) > _LONGEST_BETWEEN:
        return []
    candidates = [
        passage
        for passage in _read(between, cutting)
        if not passage.text.startswith(_LIST_MARKS)
        and not _NOT_OF_ARTICLE.search(passage.text)
        and not (title and says_the_same(passage.text, title))
    ]
    if not candidates:
        return []
    description = next((letters_of(text) for text in _descriptions(metas) if len(text) >= _LEAST), "")
    leads = [passage for passage in candidates if _is_lead(passage.text, description)]
    longest = candidates[:1] if len(candidates[0].text) >= _FIRST_LONGER else []
    return (_new(leads, body) or _new(longest, body))[:_MOST_LEADS] if leads or longest else []


def _new(leads: list[Passage], body: list[Passage]) -> list[Passage]:
    """Those that neither the body nor a lead before them says."""
    text = "\n".join(passage.text for passage in body if not passage.rule).lower()
    found: list[Passage] = []
    for lead in leads:
        # Its longest words are most of the time not all in the body; what its letters say is looked at only where they are.
        words = sorted(_WORD.findall(lead.text.lower()), key=len, reverse=True)
        if not all(word in text for word in words) or letters_of(lead.text) not in letters_of(text):
            text += lead.text.lower()
            found.append(lead)
    return found


def _is_lead(text: str, description: str) -> bool:
    return _is_prose(text) or (bool(description) and _is_described(letters_of(text), description))


def _is_described(bare: str, description: str) -> bool:
    return bare[:_SAME_BEGINNING] == description[:_SAME_BEGINNING] or bare in description


def _read(elements: list[etree._Element], cutting: Cutting) -> Iterator[Passage]:
    for element in elements:
        if cutting.of_block(element):
            continue
        for passage in passages(element, cutting):
            if not passage.rule and not passage.doubt and len(passage.text) >= _LEAST and not passage.is_link:
                yield passage


def _heading(headings: Sequence[etree._Element], container: etree._Element, title: str | None) -> etree._Element | None:
    """The first of the headings outside the container; of those that say the title, where some do."""
    above = set(container.iterancestors())
    headings = [one for one in headings[:_MOST_HEADINGS] if not _is_inside(one, container)]
    told = [one for one in headings if title and says_the_same(text_of(one), title)]
    for heading in (told or headings)[:1]:
        if any(ancestor in above for ancestor in heading.iterancestors()):
            return heading
    return None


def _between(heading: etree._Element, container: etree._Element) -> Iterator[etree._Element]:
    """The elements between the two, outermost ones, in their order; nothing where the container stands first."""
    above = {container, *container.iterancestors()}
    step = heading
    while True:
        for following in step.itersiblings():
            if following in above:
                yield from _before(following, container, above)
                return
            if isinstance(following.tag, str) and following.tag not in SKIPPED_TAGS:
                yield following
        parent = step.getparent()
        if parent is None or parent in above:
            return
        step = parent


def _before(holder: etree._Element, container: etree._Element, above: set[etree._Element]) -> Iterator[etree._Element]:
    """What stands inside `holder` before the container."""
    while holder is not container:
        for child in holder:
            if child in above:
                holder = child
                break
            if isinstance(child.tag, str) and child.tag not in SKIPPED_TAGS:
                yield child
        else:
            return


def _is_inside(element: etree._Element, container: etree._Element) -> bool:
    return any(ancestor is container for ancestor in element.iterancestors())


def _descriptions(metas: Sequence[etree._Element]) -> Iterator[str]:
    for meta in metas:
        if meta.get("name") in _DESCRIPTIONS or meta.get("property") == "og:description":
            yield meta.get("content", "")


def _is_prose(text: str) -> bool:
    return len(text) >= _FIRST_LONGER and text.endswith(_SENTENCE_ENDS)
