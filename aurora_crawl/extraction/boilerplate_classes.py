"""What stands around and inside an article on a page, known by the words in its classes and by its links.

Wider than `boilerplate_elements`, which knows names: words can mislead, so they are asked of blocks alone, an element goes
only if it holds a small part of the text, and some words cut nothing that reads as prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from functools import cached_property, lru_cache
from itertools import pairwise

from lxml import etree

from aurora_crawl.extraction.boilerplate_elements import (
    STATES,
    is_beside_or_hidden,
    is_clutter,
    is_clutter_name,
    is_embed,
    state_of,
)
from aurora_crawl.extraction.markup import HEADINGS
from aurora_crawl.extraction.passages import BY_CLASS, BY_DATE, BY_LINKS, BY_SITE, BY_STATE, EMBED
from aurora_crawl.extraction.tree import raw_text_of, text_of

MOST_OF_CONTAINER = 0.3
"""An element with more of the container's text than this is the article, whatever its class says."""

_WORDS = frozenset(
    "related relacionado relacionada relacionados relacionadas relateds share sharing shares sharebar compartilhe compartilhar "
    "compartilhamento social socials newsletter newsletters subscribe subscription subscriber signup promo promos promotion "
    "advert adverts advertisement advertising ad ads adsense publicidade anuncio anuncios propaganda sponsor sponsored "
    "patrocinado banner banners byline author authors autor autora autores bio biografia breadcrumb breadcrumbs migalhas "
    "comment comments comentario comentarios disqus tags taglist caption captions legenda credit credits credito "
    "creditos readmore leiamais leiatambem vejamais vejatambem saibamais maislidas recommended recommendation recommendations "
    "recomendado recomendados recomendadas trending modal popup pagination pager paginacao nav "
    "navigation navbar printer sidebar menu toolbar footer rodape rating ratings feedback likes "
    "assine assinatura doacao doe apoie boletim teaser teasers cookie cookies consent gdpr widgettitle".split()
)
"""Words in class names and ids, parted at hyphens, underlines and capitals, of what is not the article. Over 141 pages of
known truth, what stood under them was furniture at least three times as often, by characters, as it was article."""

_WORDS_OF_COMMENTS = frozenset("comment comments comentario comentarios disqus".split())
"""Words of what readers wrote, which may be longer than what they wrote about."""

_WORDS_UNLESS_PROSE = frozenset(
    "paywall restricted testimonial testimonials depoimento depoimentos podcast audioplayer player popular whatsapp telegram "
    "facebook twitter linkedin pinterest instagram reddit bluesky meta metadata print prev previous next loading "
    "placeholder".split()
)
"""Words of what is not the article, and also of what an article speaks of, or of how it is sold: under `paywall` stood
article on 64 of 73 pages, under `testimonial` on 5 of 5. They cut nothing that holds sentences."""

_WORDS_OF_DATES = frozenset("date data time dateline pubdate timestamp datetime updated published publicado".split())
"""Words of the article's own date, which stands at its edge; the dates of a chronology stand in its midst, and are text."""

_PHRASES = frozenset(
    "read more|see more|view more|learn more|load more|leia mais|veja mais|ver mais|saiba mais|leia tambem|veja tambem|"
    "more stories|more posts|more articles|more news|more from|more on|more reading|more links|mais noticias|mais vistas|"
    "article date|post date|entry date|publish date|published date|article time|post time|article info|post info|entry info|"
    "sobre autor|autor box|autor info|"
    "article tools|reading time|read time|tempo leitura|of contents|this article|jump to|sign up|"
    "widget button|icon list|social icons|image box|nav menu".split("|")
)
_SHORT_WORDS = frozenset("cta btn button buttons label eyebrow kicker price badge pill chip".split())
_LONG_PHRASES = frozenset({("call", "to", "action"), ("tempo", "de", "leitura")})
_WEAKER_WORDS = _WORDS_UNLESS_PROSE | _SHORT_WORDS | _WORDS_OF_DATES
_SEAM = re.compile(r"[\s_\-]+|(?<=[a-z])(?=[A-Z])")
_PARTED = str.maketrans("-_", "  ")
_PLAIN_LINK = ["href"]
_MOST_WORDS_OF_ID = 3
_SHORT = 120
_LIST_LINKED = 0.8
_BOX_LINKED = 0.7
_PARAGRAPH_LINKED = 0.95
_LINKED_LONGEST = 160
_LEAST_LINKED_ITEMS = 2
_NO_END_OF_LINK = (".", "”", '"', ":", ";")


_LEAST_ARTICLE = 400
"""Characters outside the readers' comments from which they are comments, however long."""
_CHAPTER = 400
"""Characters of prose from which an element of several alike is a chapter, not a box."""
_MOST_CHAPTERS = 20
"""Kinds of elements of a page that are looked at so; the others are believed to be what their class says."""
_PROSE_LONGER = 60
_SENTENCE_END = re.compile(r"[.!?…:][\"”’»)\]]*$")


class Kind(Enum):
    """What the words of an element's classes say."""

    FURNITURE = auto()
    FURNITURE_UNLESS_PROSE = auto()
    FURNITURE_IF_SHORT = auto()
    DATE = auto()
    NOTHING = auto()


def kind_of(classes: str, identifier: str) -> Kind:
    """What an element's classes and id say of it; a long id is a heading's words, and says nothing.

    What a short id says never cuts prose: it names the place on the page, and a chapter may be called "autor".
    """
    kind = _said_by(classes) if classes else Kind.NOTHING
    if identifier and kind is not Kind.FURNITURE and len(_words_of(identifier)) <= _MOST_WORDS_OF_ID:
        of_identifier = _said_by(identifier)
        if of_identifier is Kind.FURNITURE and not _WORDS_OF_PEOPLE.isdisjoint(_words_of(identifier)):
            of_identifier = Kind.FURNITURE_UNLESS_PROSE
        return kind if of_identifier is Kind.NOTHING else of_identifier
    return kind


_WORDS_OF_PEOPLE = frozenset("author authors autor autora autores bio biografia credit credits".split())


def _words_of(names: str) -> list[str]:
    if names.islower():
        # Without capitals inside, in a third of the time
        return names.translate(_PARTED).split()
    return [word.lower() for word in _SEAM.split(names)]


@lru_cache(maxsize=20_000)
def _said_by(names: str) -> Kind:
    words = _words_of(names)
    if not _WORDS.isdisjoint(words):
        return Kind.FURNITURE
    if len(words) > 1 and (
        not _PHRASES.isdisjoint([f"{one} {other}" for one, other in pairwise(words)])
        or (len(words) > 2 and not _LONG_PHRASES.isdisjoint(zip(words, words[1:], words[2:], strict=False)))
    ):
        return Kind.FURNITURE
    if _WEAKER_WORDS.isdisjoint(words):
        return Kind.NOTHING
    if not _WORDS_UNLESS_PROSE.isdisjoint(words):
        return Kind.FURNITURE_UNLESS_PROSE
    if not _SHORT_WORDS.isdisjoint(words):
        return Kind.FURNITURE_IF_SHORT
    return Kind.NOTHING if _WORDS_OF_DATES.isdisjoint(words) else Kind.DATE


class Furniture:
    """Says of an element inside containers whether it is furniture: by its name, if it holds a small part of their text."""

    def __init__(
        self, containers: Sequence[etree._Element], excluded: frozenset[etree._Element] = frozenset(), least: int = 0
    ) -> None:
        """`least` is a number of characters that the containers surely hold, where that is known."""
        self.containers = containers
        self.excluded = excluded
        self._surely_small = MOST_OF_CONTAINER * least
        self._chapters: dict[tuple[str, str], bool] = {}

    @cached_property
    def total(self) -> int:
        """Characters in the containers; counted when the first element's name is believed."""
        return sum(len(text_of(container)) for container in self.containers)

    @property
    def longest(self) -> float:
        """Characters that furniture may have."""
        return MOST_OF_CONTAINER * self.total

    def of_block(self, element: etree._Element) -> str:
        """The rule that leaves the element out with all that is in it, or an empty string."""
        if self.excluded and element in self.excluded:
            return BY_SITE
        tag = element.tag
        keys = element.keys()
        if keys:
            classes, identifier = element.get("class", ""), element.get("id", "")
            if (classes or identifier) and (rule := self._by_names(element, classes, identifier)):
                return rule
            if not STATES.isdisjoint(keys) and is_beside_or_hidden(element) and self.is_small(element):
                return BY_STATE
        if tag == "p":
            return BY_LINKS if len(element) and is_link_alone(element) else ""
        if tag in {"ul", "ol"}:
            return BY_LINKS if is_list_of_links(element) else ""
        return EMBED if tag == "blockquote" and is_embed(element) else ""

    def of_inline(self, element: etree._Element) -> str:
        """The rule by which an element goes that stands in a line alone."""
        if self.excluded and element in self.excluded:
            return BY_SITE
        classes, identifier = element.get("class", ""), element.get("id", "")
        if not (classes or identifier):
            return ""
        if kind_of(classes, identifier) is not Kind.NOTHING or is_clutter_name(classes) or is_clutter_name(identifier):
            return BY_CLASS
        return ""

    def _by_names(self, element: etree._Element, classes: str, identifier: str) -> str:
        is_heading = element.tag in HEADINGS
        kind = kind_of(classes, "" if is_heading else identifier)
        if kind is Kind.NOTHING:
            is_known = (classes and is_clutter_name(classes)) or (identifier and is_clutter_name(identifier))
            return BY_CLASS if is_known and self.is_small(element) else ""
        if kind is Kind.FURNITURE:
            if self.is_small(element):
                return "" if classes and self._is_chapter(element, classes) else BY_CLASS
            return BY_CLASS if self._are_comments(element, f"{classes} {identifier}") else ""
        if is_clutter_name(classes) or is_clutter_name(identifier):
            return BY_CLASS if self.is_small(element) else ""
        if kind is Kind.FURNITURE_UNLESS_PROSE:
            return BY_CLASS if self.is_small(element) and not holds_prose(element) else ""
        if is_heading or len(text_of(element)) > _SHORT:
            return ""
        return BY_DATE if kind is Kind.DATE else BY_CLASS

    def is_small(self, element: etree._Element) -> bool:
        """Whether an element holds so little of the text that its name may be believed."""
        # White space is folded only where it matters.
        return len(raw_text_of(element)) <= self._surely_small or len(text_of(element)) <= self.longest

    def _are_comments(self, element: etree._Element, names: str) -> bool:
        is_named = not _WORDS_OF_COMMENTS.isdisjoint(_words_of(names))
        return is_named and self.total - len(text_of(element)) >= _LEAST_ARTICLE

    def _is_chapter(self, element: etree._Element, classes: str) -> bool:
        """Whether an element is one of several of the same classes, each of prose, that together hold much of the text.

        So a class says how each part of an article is shown ("--ads": advertisements may stand after it), not what it is.
        Each pair of tag and classes is looked at once, and `_MOST_CHAPTERS` pairs at most.
        """
        if len(text_of(element)) < _CHAPTER or not _WORDS_OF_COMMENTS.isdisjoint(_words_of(classes)):
            return False
        key = (str(element.tag), classes)
        if key not in self._chapters and len(self._chapters) < _MOST_CHAPTERS:
            alike = [one for place in self.containers for one in place.iter(element.tag) if one.get("class") == classes]
            lengths = [length for one in alike if (length := len(text_of(one))) >= _CHAPTER and holds_prose(one)]
            self._chapters[key] = len(lengths) > 1 and sum(lengths) > self.longest
        return self._chapters.get(key, False)


class KnownBoxes(Furniture):
    """For a fragment that holds nothing but an article: only boxes of known systems go, and embeds."""

    def of_block(self, element: etree._Element) -> str:
        """The rule that leaves the element out, or an empty string."""
        if element.keys() and is_clutter(element):
            return BY_STATE if state_of(element) else BY_CLASS
        return EMBED if is_embed(element) else ""

    def of_inline(self, element: etree._Element) -> str:
        """The rule by which an element goes that stands in a line alone."""
        return BY_CLASS if is_clutter(element) else ""


def holds_prose(element: etree._Element) -> bool:
    """Whether an element holds at least a sentence that is no link."""
    for paragraph in (*element.iter("p"), element):
        text = text_of(paragraph)
        if len(text) >= _PROSE_LONGER and _SENTENCE_END.search(text):
            linked = sum(len(text_of(link)) for link in paragraph.iter("a"))
            return linked <= len(text) / 2
    return False


def is_list_of_links(element: etree._Element) -> bool:
    """Whether a list only links elsewhere: contents, other articles, tags."""
    links = [link for link in element.iter("a") if link.get("href")]
    if len(links) < _LEAST_LINKED_ITEMS:
        return False
    length = len(text_of(element))
    return sum(len(text_of(link)) for link in links) >= _LIST_LINKED * length


def is_link_alone(element: etree._Element) -> bool:
    """Whether a paragraph is nothing but one link without a sentence's end: a teaser or a button."""
    if not len(element):
        return False
    # Most paragraphs with links in them end behind the last one, with a sentence.
    if ((tail := element[-1].tail) and tail.rstrip().endswith(_NO_END_OF_LINK)) or next(
        element.iter("a"), None
    ) is None:
        return False
    text = text_of(element)
    if len(text) > _LINKED_LONGEST or text.endswith(_NO_END_OF_LINK):
        return False
    return sum(len(text_of(one)) for one in element.iter("a")) >= _PARAGRAPH_LINKED * len(text)


def boxes_of_links(tree: etree._Element) -> list[etree._Element]:
    """Elements on a page that are furniture by their classes and mostly links by their content; no nested ones."""
    longest = MOST_OF_CONTAINER * len(text_of(tree))
    found: list[etree._Element] = []
    inside: set[etree._Element] = set()
    for element in tree.iter("div", "section", "ul", "aside", "nav"):
        parent = element.getparent()
        if parent is not None and parent in inside:
            inside.add(element)
        elif kind_of(element.get("class", ""), element.get("id", "")) is Kind.FURNITURE:
            length = len(text_of(element))
            linked = sum(len(text_of(link)) for link in element.iter("a"))
            if 0 < length <= longest and linked >= _BOX_LINKED * length:
                found.append(element)
                inside.add(element)
    return found
