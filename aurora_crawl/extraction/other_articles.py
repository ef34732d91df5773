"""Other articles on an article's page: those that an endless page appends, or shows beside its own."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree

from aurora_crawl.extraction.element_index import CONTAINERS, Census
from aurora_crawl.extraction.titles import says_the_same
from aurora_crawl.extraction.tree import raw_text_of, text_of
from aurora_crawl.text.unicode import letters_of

_MOST_HEADINGS = 5_000
_LEAST_TEXT = 200
_MOST_TIMES = 5
"""How much longer than the page's own article another one may be: what is longer still is the article."""
_MOST_IN_FRONT = 200
_FEWEST_WORDS = 3
_TIME = re.compile(r"\d{1,2}\s?[h:]\s?\d{0,2}")
_ARTICLE_WORDS = re.compile(
    r"(?:^|[\s_-])(?:article|artigo|post|hentry|materia|noticia|story|entry|news|single)(?:$|[\s_-])", re.IGNORECASE
)
_TOP_LEVEL = ("h1", "h2")
_HOLDERS = (
    "articleBody",
    *(name for name in CONTAINERS if re.search("entry|post|article|story|gh-content|single", name)),
)


def other_articles(headings: list[etree._Element], census: Census, title: str | None) -> list[etree._Element]:
    """The outermost elements that hold another article than the one of this title; empty where the page does not tell. `headings` are the page's `h1`, in order.

    An article is another one if its first-class heading says another title, while the page's own heading has a text beside
    it; or if its container stands under a heading of its own, and another container of the same name stands under the
    page's. Entries of a live blog, whose headings are times or of a lower class, are parts of one article.
    """
    if not title:
        return []
    found = _by_headings(headings[:_MOST_HEADINGS], title)
    found.extend(one for one in _by_containers(census, title) if one not in found)
    chosen = set(found)
    return [one for one in found if not any(ancestor in chosen for ancestor in one.iterancestors())]


def _by_headings(headings: list[etree._Element], title: str) -> list[etree._Element]:
    if len(headings) < 2:
        return []
    own = _own(headings, title)
    if own is None:
        return []
    above = set(own.iterancestors())
    around = _scopes(headings)[headings.index(own)]
    text = _text_of(around)
    if text < _LEAST_TEXT:
        return []
    found = []
    for heading in headings:
        if heading is own or _same(text_of(heading), title):
            continue
        widest = heading
        for ancestor in heading.iterancestors():
            if ancestor in above:
                break
            widest = ancestor
        is_article = (
            widest.tag == "article"
            or _ARTICLE_WORDS.search(widest.get("class") or "")
            or widest.get("itemscope") is not None
        )
        if is_article:
            found.append(widest)
    return found


def _by_containers(census: Census, title: str) -> list[etree._Element]:
    for name in _HOLDERS:
        holders = census.itemprops.get("articlebody", []) if name == "articleBody" else census.named.get(name, [])
        if not 1 < len(holders) <= _MOST_HEADINGS:
            continue
        chosen = set(holders)
        holders = [one for one in holders if not any(ancestor in chosen for ancestor in one.iterancestors())]
        if len(holders) < 2:
            continue
        scopes = _scopes(holders)
        texts = [_text_of(one) for one in holders]
        told = [_headings_before(scope, holder) for scope, holder in zip(scopes, holders, strict=True)]
        is_own = [not headings or any(_same(one, title) for one in headings) for headings in told]
        own = max((text for text, one in zip(texts, is_own, strict=True) if one), default=0)
        if own < _LEAST_TEXT or not is_own[texts.index(own)]:
            continue
        return [
            scope
            for scope, one, text in zip(scopes, is_own, texts, strict=True)
            if not one and _LEAST_TEXT <= text <= _MOST_TIMES * own
        ]
    return []


def _own(headings: list[etree._Element], title: str) -> etree._Element | None:
    """The heading that says the title: word for word, else in other words."""
    texts = [text_of(heading) for heading in headings]
    exact = next(
        (one for one, text in zip(headings, texts, strict=True) if letters_of(text) == letters_of(title)), None
    )
    if exact is not None:
        return exact
    return next((one for one, text in zip(headings, texts, strict=True) if says_the_same(text, title)), None)


def _scopes(elements: list[etree._Element]) -> list[etree._Element]:
    """For each element the outermost one around it that holds none of the others."""
    holding = Counter(ancestor for element in elements for ancestor in element.iterancestors())
    scopes = []
    for element in elements:
        widest = element
        for ancestor in element.iterancestors():
            if holding[ancestor] > 1:
                break
            widest = ancestor
        scopes.append(widest)
    return scopes


def _headings_before(scope: etree._Element, holder: etree._Element) -> list[str]:
    """The headings of high class in front of a container, inside its scope; none where one is the time of an entry."""
    texts = []
    for one in scope.iter(*_TOP_LEVEL, str(holder.tag)):
        if one is holder:
            break
        if one.tag in _TOP_LEVEL:
            texts.append(text_of(one))
    texts = [text for text in texts if len(text.split()) >= _FEWEST_WORDS]
    return [] if any(_TIME.match(text) for text in texts) else texts


def _text_of(scope: etree._Element) -> int:
    return sum(len(raw_text_of(one)) for one in scope.iter("p"))


def _text_in_front(scope: etree._Element, heading: etree._Element) -> int:
    """How much text a scope holds before its heading: that of a chapter has a chapter before it."""
    length = 0
    for one in scope.iter("h1", "h2", "p"):
        if one is heading:
            break
        length += len(raw_text_of(one))
    return length


def _same(text: str, title: str) -> bool:
    return letters_of(text) == letters_of(title) or says_the_same(text, title)
