"""What stands around and inside an article on a page, known by the words in its classes and by its links.

Wider than `clutter`, which knows names: words can mislead, so an element goes only if it holds a small part of the text.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise

from lxml import etree

from aurora_crawl.extraction.clutter import is_clutter
from aurora_crawl.extraction.tree import text_of

MOST_OF_CONTAINER = 0.3
"""An element with more of the container's text than this is the article, whatever its class says."""

_WORDS = frozenset(
    "related relacionado relacionada relacionados relacionadas relateds share sharing shares sharebar compartilhe compartilhar "
    "compartilhamento social socials newsletter newsletters subscribe subscription subscriber signup promo promos promotion "
    "advert adverts advertisement advertising ad ads adsense publicidade anuncio anuncios propaganda sponsor sponsored "
    "patrocinado banner banners byline author authors autor autora autores bio biografia breadcrumb breadcrumbs migalhas "
    "comment comments comentario comentarios disqus meta metadata tags taglist caption captions legenda credit credits credito "
    "creditos readmore leiamais leiatambem vejamais vejatambem saibamais maislidas recommended recommendation recommendations "
    "recomendado recomendados recomendadas trending popular modal popup paywall restricted pagination pager paginacao nav "
    "navigation navbar prev next previous print printer sidebar menu toolbar footer rodape rating ratings feedback likes "
    "dateline pubdate timestamp datetime updated toc assine assinatura doacao doe apoie boletim player podcast audioplayer "
    "teaser teasers cookie cookies consent gdpr widgettitle testimonial whatsapp telegram facebook twitter linkedin pinterest "
    "instagram reddit bluesky skip loading placeholder".split()
)
"""Words in class names and ids, parted at hyphens, underlines and capitals, of what is not the article. Over 141 pages of
known truth, what stood under them was furniture at least three times as often, by characters, as it was article."""

_PHRASES = frozenset(
    "read more|see more|view more|learn more|load more|leia mais|veja mais|ver mais|saiba mais|leia tambem|veja tambem|"
    "more stories|more posts|more articles|more news|more from|more on|more reading|more links|mais noticias|mais vistas|"
    "article date|post date|entry date|publish date|published date|article time|post time|article info|post info|entry info|"
    "article tools|reading time|read time|tempo leitura|table of contents|in this article|jump to|sign up|call to action|"
    "widget button|icon list|social icons|image box|nav menu".split("|")
)
_SHORT_WORDS = frozenset("cta btn button buttons date time label eyebrow kicker price badge pill chip".split())
_SEAM = re.compile(r"[\s_\-]+|(?<=[a-z])(?=[A-Z])")
_SHORT = 120
_LIST_LINKED = 0.8
_PARAGRAPH_LINKED = 0.95
_LINKED_LONGEST = 160
_LEAST_LINKED_ITEMS = 2


class Kind(Enum):
    """What the words of an element's classes say."""

    FURNITURE = auto()
    FURNITURE_IF_SHORT = auto()
    NOTHING = auto()


@lru_cache(maxsize=20_000)
def kind_of(names: str) -> Kind:
    """What an element's classes and id say of it."""
    words = [word.lower() for word in _SEAM.split(names)]
    if not _WORDS.isdisjoint(words) or any(" ".join(pair) in _PHRASES for pair in pairwise(words)):
        return Kind.FURNITURE
    if any(" ".join(three) in _PHRASES for three in zip(words, words[1:], words[2:], strict=False)):
        return Kind.FURNITURE
    return Kind.NOTHING if _SHORT_WORDS.isdisjoint(words) else Kind.FURNITURE_IF_SHORT


class Furniture:
    """Says of an element inside a container whether it is furniture; `length` is the container's text in characters."""

    def __init__(self, length: int, excluded: frozenset[etree._Element] = frozenset()) -> None:
        self.longest = MOST_OF_CONTAINER * length
        self.excluded = excluded

    def __call__(self, element: etree._Element) -> bool:
        """Whether the element, with all that is in it, is left out."""
        if self.excluded and element in self.excluded:
            return True
        attributes = element.attrib
        if attributes:
            kind = kind_of(f"{attributes.get('class', '')} {attributes.get('id', '')}")
            if kind is Kind.FURNITURE and self._is_small(element):
                return True
            if kind is Kind.FURNITURE_IF_SHORT and len(text_of(element)) <= _SHORT:
                return True
            if is_clutter(element) and self._is_small(element):
                return True
        tag = element.tag
        if tag in {"ul", "ol"}:
            return is_list_of_links(element)
        return tag == "p" and is_link_alone(element)

    def _is_small(self, element: etree._Element) -> bool:
        return len(text_of(element)) <= self.longest


def is_list_of_links(element: etree._Element) -> bool:
    """Whether a list only links elsewhere: contents, other articles, tags."""
    links = [link for link in element.iter("a") if link.get("href")]
    if len(links) < _LEAST_LINKED_ITEMS:
        return False
    length = len(text_of(element))
    return sum(len(text_of(link)) for link in links) >= _LIST_LINKED * length


def is_link_alone(element: etree._Element) -> bool:
    """Whether a paragraph is nothing but one link without a sentence's end: a teaser or a button."""
    link = element.find(".//a")
    if link is None:
        return False
    text = text_of(element)
    if len(text) > _LINKED_LONGEST or text.endswith((".", "”", '"', ":", ";")):
        return False
    return sum(len(text_of(one)) for one in element.iter("a")) >= _PARAGRAPH_LINKED * len(text)
