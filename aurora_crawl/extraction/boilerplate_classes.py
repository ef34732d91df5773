"""What stands around and inside an article on a page, known by the words in its classes and by its links.

Wider than `clutter`, which knows names: words can mislead, so an element goes only if it holds a small part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from functools import cached_property, lru_cache
from itertools import pairwise

from lxml import etree

from aurora_crawl.extraction.boilerplate_elements import is_clutter
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
    "dateline pubdate timestamp datetime updated assine assinatura doacao doe apoie boletim player podcast audioplayer "
    "teaser teasers cookie cookies consent gdpr widgettitle testimonial whatsapp telegram facebook twitter linkedin pinterest "
    "instagram reddit bluesky loading placeholder".split()
)
"""Words in class names and ids, parted at hyphens, underlines and capitals, of what is not the article. Over 141 pages of
known truth, what stood under them was furniture at least three times as often, by characters, as it was article."""

_PHRASES = frozenset(
    "read more|see more|view more|learn more|load more|leia mais|veja mais|ver mais|saiba mais|leia tambem|veja tambem|"
    "more stories|more posts|more articles|more news|more from|more on|more reading|more links|mais noticias|mais vistas|"
    "article date|post date|entry date|publish date|published date|article time|post time|article info|post info|entry info|"
    "article tools|reading time|read time|tempo leitura|of contents|this article|jump to|sign up|"
    "widget button|icon list|social icons|image box|nav menu".split("|")
)
_SHORT_WORDS = frozenset("cta btn button buttons date time label eyebrow kicker price badge pill chip".split())
_LONG_PHRASES = re.compile(r"\b(?:call to action|tempo de leitura)\b")
_SEAM = re.compile(r"[\s_\-]+|(?<=[a-z])(?=[A-Z])")
_PLAIN_LINK = ["href"]
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_MOST_WORDS_OF_ID = 3
_SHORT = 120
_LIST_LINKED = 0.8
_BOX_LINKED = 0.7
_PARAGRAPH_LINKED = 0.95
_LINKED_LONGEST = 160
_LEAST_LINKED_ITEMS = 2


class Kind(Enum):
    """What the words of an element's classes say."""

    FURNITURE = auto()
    FURNITURE_IF_SHORT = auto()
    NOTHING = auto()


def kind_of(classes: str, identifier: str) -> Kind:
    """What an element's classes and id say of it; a long id is a heading's words, and says nothing."""
    kind = _said_by(classes) if classes else Kind.NOTHING
    if identifier and kind is not Kind.FURNITURE and len(_SEAM.split(identifier)) <= _MOST_WORDS_OF_ID:
        of_identifier = _said_by(identifier)
        return kind if of_identifier is Kind.NOTHING else of_identifier
    return kind


@lru_cache(maxsize=20_000)
def _said_by(names: str) -> Kind:
    words = [word.lower() for word in _SEAM.split(names)]
    if not _WORDS.isdisjoint(words):
        return Kind.FURNITURE
    if not _PHRASES.isdisjoint(map(" ".join, pairwise(words))) or _LONG_PHRASES.search(" ".join(words)):
        return Kind.FURNITURE
    return Kind.NOTHING if _SHORT_WORDS.isdisjoint(words) else Kind.FURNITURE_IF_SHORT


class Furniture:
    """Says of an element inside containers whether it is furniture: by its name, if it holds a small part of their text."""

    def __init__(self, containers: Sequence[etree._Element], excluded: frozenset[etree._Element] = frozenset()) -> None:
        self.containers = containers
        self.excluded = excluded

    @cached_property
    def longest(self) -> float:
        """Characters that furniture may have; counted when the first is met."""
        return MOST_OF_CONTAINER * sum(len(text_of(container)) for container in self.containers)

    def __call__(self, element: etree._Element) -> bool:
        """Whether the element, with all that is in it, is left out."""
        if self.excluded and element in self.excluded:
            return True
        tag = element.tag
        keys = element.keys()
        if keys:
            if "class" in keys or "id" in keys:
                kind = kind_of(element.get("class", ""), "" if tag in _HEADINGS else element.get("id", ""))
                if kind is Kind.FURNITURE and self._is_small(element):
                    return True
                if kind is Kind.FURNITURE_IF_SHORT and len(text_of(element)) <= _SHORT:
                    return True
            if keys != _PLAIN_LINK and is_clutter(element) and self._is_small(element):
                return True
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
    if not len(element) or next(element.iter("a"), None) is None:
        return False
    text = text_of(element)
    if len(text) > _LINKED_LONGEST or text.endswith((".", "”", '"', ":", ";")):
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


_INTERFACE = re.compile(
    r"(?:advertis(?:e?ment|ing)|(?:sponsored|partner)(?: (?:content|links?|posts?))?|share(?: (?:this|on|via|with|the)(?: [\w&’' ]{1,30})?)?|tweet|pin(?: it)?|print|"
    r"(?:e-?mail|save)(?: this(?: (?:article|page|story|post))?)?|(?:un)?subscribe(?: (?:now|today|here|to [\w' ]{1,40}))?|sign (?:in|up|me up)(?: [\w' ]{1,30})?|log ?in|register|"
    r"(?:read|see|view|learn|show|load) (?:more|less|all)(?: (?:about|from|in|on|stories|articles|posts)[\w’' ]{0,40})?|continue reading|keep reading|read (?:next|now|also|this next)|"
    r"(?:(?:browse|more|our|view|other|latest|recent|popular|top|most (?:read|popular)) )?(?:related|recommended|suggested)(?: (?:articles?|posts?|stories|content|reading|links?|topics?|reports?|resources|news|products?|guides?|pages?))?|"
    r"(?:other|more|recent|latest|popular|similar|trending|featured|previous|next) (?:articles?|posts?|stories|news)(?: (?:you|from|by|in|like)[\w’' ]{0,40})?|(?:you (?:may|might) (?:also )?(?:like|enjoy|be interested in)|more (?:like this|from us|in this section|to explore)|up next|trending(?: now)?|editors?[’'] picks?|don[’']t miss)|"
    r"(?:join|follow) (?:us|our|the|me)(?: [\w’' ]{1,50})?|stay (?:connected|in touch|up to date|informed)(?: [\w’' ]{1,30})?|(?:get|receive|sign up for|subscribe to) (?:our|the|your)? ?(?:free )?(?:weekly |daily |monthly )?newsletters?|newsletters?|"
    r"reply by email|leave a (?:comment|reply)(?: below)?|(?:\d+ )?comments?(?: \(\d+\))?|no comments(?: yet)?|add a comment|join the (?:discussion|conversation)|was this (?:article|page|post|information) helpful|back to (?:top|blog)|table of contents|in this (?:article|post|guide|story|section)|on this page|jump to(?: recipe)?|skip to (?:content|main content)|quick links|"
    r"(?:start|try)(?: (?:your|a|for|it))? ?free(?: trial)?|(?:book|get|request|schedule) (?:a|your|my)? ?(?:free )?(?:demo|quote|consultation|appointment)(?: (?:now|today))?|get (?:started|in touch)(?: (?:today|now|for free))?|contact us(?: (?:today|now))?|buy now|shop now|order now|add to cart|download (?:now|the app|pdf)|"
    r"\d{1,3}[- ]min(?:ute)?s? (?:read|read time|of reading)|(?:estimated )?reading time:? \d{1,3} min(?:ute)?s?|"
    r"publicidade|continua (?:após|depois d)?\s?a? ?publicidade|anúncio|compartilh(?:e|ar)(?: (?:est[ea]|n[oa]s?|via|em|por|com)[\w’' ]{0,40})?|copiar link|imprimir|assine(?: (?:já|agora|o|a|nossa|nosso)[\w’' ]{0,40})?|"
    r"(?:leia|veja|saiba|confira) (?:também|mais|ainda)|continue lendo|(?:artigos|posts|notícias|matérias|conteúdos?|textos) relacionad[oa]s?|relacionad[oa]s?|mais lid[oa]s|mais notícias|últimas notícias|você (?:também )?pode gostar|"
    r"(?:siga|acompanhe)(?: (?:-?nos|a gente|o|a|nossas?|nossos?))[\w’' ]{0,40}|inscreva-se|receba (?:nossa|nossas|a|as)? ?(?:newsletter|notícias)[\w’' ]{0,40}|deixe (?:um|seu) comentário|comentários?|voltar ao topo|índice|sumário|neste artigo)",
    re.IGNORECASE,
)  # fmt: skip
_INTERFACE_LONGEST = 70
_ENDS = " \t.:!?…›»>→▶❯*-–—•|"


def is_interface(paragraph: str) -> bool:
    """Whether a whole short paragraph is a label of the page ("Share this", "Leia também:"), in English or Portuguese."""
    if len(paragraph) > _INTERFACE_LONGEST:
        return False
    return bool(_INTERFACE.fullmatch(paragraph.strip(_ENDS)))
