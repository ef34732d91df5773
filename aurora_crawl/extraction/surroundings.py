"""Where on a page something stands, seen from the article's heading: in the article, beside it, or in another part."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from itertools import islice, pairwise

from lxml import etree

from aurora_crawl.extraction.line_text import is_unseen
from aurora_crawl.extraction.tree import raw_text_of

_LEAST_PARAGRAPH = 40
_OTHER_TAGS = frozenset({"nav", "aside", "form", "noscript", "dialog", "template", "blockquote", "figure"})
_PARTED = str.maketrans("-_", "  ")
_OTHER_WORDS = frozenset(
    "comment comments commentlist comentario comentarios comentários disqus resposta respostas reply replies related relatedposts relacionada relacionadas "
    "relacionado relacionados popular populares trending ticker plantao sidebar latest ultimas ultima recent recentes recomendadas "
    "recomendados recommended recommendations teaser teasers card cards newsletter breadcrumb breadcrumbs menu navbar clock relogio "
    "hoje today weather previsao cookie cookies publicidade advert advertisement advertising playlist agenda evento eventos event events tweet "
    "copyright caption legenda next prev previous proxima proximo anterior pagination twitter instagram slide slides slider splide swiper carousel owl".split()
)
"""Words in classes and ids of what stands in comments, lists, the margin, navigation, quotations, or tells today's day."""
_OTHER_PAIRS = frozenset(
    {
        ("leia", "tambem"),
        ("leia", "mais"),
        ("veja", "tambem"),
        ("veja", "mais"),
        ("saiba", "mais"),
        ("mais", "lidas"),
        ("mais", "lidos"),
        ("mais", "vistas"),
        ("mais", "vistos"),
        ("mais", "noticias"),
        ("most", "read"),
        ("barra", "lateral"),
        ("current", "date"),
        ("data", "atual"),
        ("edicao", "impressa"),
        ("nav", "links"),
        ("site", "date"),
        ("page", "date"),
    }
)


class Place(IntEnum):
    """Where an element stands; the lower, the surer it speaks of the article."""

    AFTER = 0
    """In the article, behind its heading."""
    BEFORE = 1
    """In the article, in front of its heading, as a kicker's date is."""
    BESIDE = 2
    """On the page, but not in what is plainly the article."""
    ELSEWHERE = 3
    """In comments, lists of other articles, the margin, navigation, a quotation, or where the page shows today's day."""


class Surroundings:
    """A page seen from the heading of its article; without a heading, from the first `article` or `main`."""

    def __init__(self, tree: etree._Element, heading: etree._Element | None) -> None:
        self.heading = heading
        self.root = _root(tree, heading)
        self._outside = set(self.root.iterancestors())
        self._path = {self.root, *self._outside}
        if heading is not None:
            self._path.update((heading, *heading.iterancestors()))
        self._is_bounded = self.root.tag in ("article", "main")
        self._others: dict[etree._Element, bool] = {}
        # Each element above the heading, and which of its children leads to it.
        self._way: dict[etree._Element, etree._Element] = {}
        if heading is not None:
            way = [heading, *heading.iterancestors()]
            self._way = dict(zip(way[1:], way, strict=False)) | {heading: heading}

    def place(self, element: etree._Element) -> Place:
        """Where an element stands."""
        bar = ""
        step: etree._Element | None = element
        while step is not None and step not in self._path:
            if self._is_other(step):
                return Place.ELSEWHERE
            if step.tag in ("header", "footer"):
                bar = str(step.tag)
            step = step.getparent()
        is_inside = step is not None and step not in self._outside
        is_after = self._comes_after(element)
        if bar and not (is_inside and self._is_bounded):
            return Place.BESIDE if is_after else Place.ELSEWHERE
        if not is_inside:
            return Place.BESIDE if is_after else Place.ELSEWHERE
        if is_after:
            return Place.AFTER
        return Place.BESIDE if self.root.tag == "body" else Place.BEFORE

    def _is_other(self, element: etree._Element) -> bool:
        known = self._others.get(element)
        if known is None:
            classes = f"{element.get('class') or ''} {element.get('id') or ''}"
            known = (
                element.tag in _OTHER_TAGS
                or element.tag == "article"
                or (len(classes) > 1 and _is_other_class(classes))
                or (element.tag != "meta" and is_unseen(element))
            )
            self._others[element] = known
        return known

    def _comes_after(self, element: etree._Element) -> bool:
        """Whether an element comes after the heading, or stands in it; without a heading, all do."""
        if self.heading is None:
            return True
        step: etree._Element | None = element
        below: etree._Element | None = None
        while step is not None and step not in self._way:
            step, below = step.getparent(), step
        if step is None or step is self.heading:
            return True
        if below is None:
            return False
        return step.index(below) > step.index(self._way[step])


def _root(tree: etree._Element, heading: etree._Element | None) -> etree._Element:
    """What holds the article: the `article` or `main` around its heading, else the smallest element with running text around it."""
    if heading is None:
        for tag in ("main", "article"):
            found = list(islice(tree.iter(tag), 2))
            if len(found) == 1:
                return found[0]
        return tree
    ancestors = list(heading.iterancestors())
    for tag in ("article", "main"):
        for one in ancestors:
            if one.tag == tag:
                return one
    for one in ancestors:
        if any(len(raw_text_of(paragraph).strip()) >= _LEAST_PARAGRAPH for paragraph in islice(one.iter("p"), 20)):
            return one
    return tree


@lru_cache(maxsize=20_000)
def _is_other_class(classes: str) -> bool:
    words = classes.lower().translate(_PARTED).split()
    if not _OTHER_WORDS.isdisjoint(words) or not _OTHER_PAIRS.isdisjoint(pairwise(words)):
        return True
    # Elementor names every element a widget.
    return ("widget" in words or "widgets" in words) and "elementor" not in words
