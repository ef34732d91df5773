"""One walk over a page that notes the elements which containers and metadata are looked for in."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import cast

from lxml import etree

CONTAINERS = (
    "tdb_single_content td-post-content elementor-widget-theme-post-content elementor-widget-wp-post-content gh-content "
    "wp-block-post-content entry-content available-content blog-item-content mv-content-wrapper hs_cos_wrapper_type_rich_text "
    "w-richtext node__content field--name-body single-post-content post-entry post_content post-content post-body post__content "
    "entry__content articlebody article-body article__body article_body article-content article__content article_content "
    "article-text article__text story-body story-content blog-post__body blog-post-content blog-content body-content "
    "content-body news-content single-content the-content cms-content rich-text richtext prose markup e-content entry "
    "page-content"
).split()
"""Classes (or ids) under which WordPress and its themes, Ghost, Substack, Squarespace, Webflow, Drupal, HubSpot and many
others keep an article's body; the surest first. `itemprop="articleBody"` comes before all of them."""

BYLINES = (
    "author-name author_name author__name authorname autor-nome nome-autor byline__name byline-name byline autor author entry-author "
    "post-author article-author post__author article__author entry__author autoria assinatura authors autores"
).split()
"""Classes of a byline, the surest first."""

_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|data|published|publicado|publicacao|pubdate|posted|time|timestamp|datetime|dateline|datahora|data-?hora|horario)(?:$|[\s_-])"
)

_TAGS = (
    "div",
    "section",
    "article",
    "main",
    "span",
    "p",
    "time",
    "td",
    "address",
    "small",
    "strong",
    "em",
    "header",
    "h4",
    "ul",
)
"""Tags under which bodies, bylines and dates stand; libxml2 leaves the others, half of a page, aside."""

_METADATA_TAGS = ("meta", "link", "script", "h1", "h2", "h3", "time")
"""Tags in which a page speaks of itself. One walk for all of them costs as much as one for each."""

_ITEMPROPS = etree.XPath("/descendant::*/@itemprop")
"""The attributes themselves, which are found five times as fast as elements that have one."""
_NOTED = frozenset((*CONTAINERS, *BYLINES))
_DATED = "a date by its class"


@dataclass
class Census:
    """Elements of a page in their order: by class or id (of those above), by `itemprop`, by `rel`; dated ones; by some tags."""

    tree: etree._Element
    named: dict[str, list[etree._Element]] = field(default_factory=lambda: defaultdict(list))
    itemprops: dict[str, list[etree._Element]] = field(default_factory=lambda: defaultdict(list))
    dated: list[etree._Element] = field(default_factory=list)
    tags: dict[str, list[etree._Element]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def rels(self) -> dict[str, list[etree._Element]]:
        """Links by what they are to the page; looked for when they are first asked for, since most pages declare that better."""
        rels = defaultdict(list)
        for link in self.tree.iter("a"):
            if rel := link.get("rel"):
                rels[rel.lower()].append(link)
        return rels


def take_census(tree: etree._Element) -> Census:
    """What `Census` describes."""
    census = Census(tree)
    for element in tree.iter(*_METADATA_TAGS):
        census.tags[element.tag].append(element)
    for element in tree.iter(*_TAGS):
        classes, identifier = element.get("class"), element.get("id")
        noted = _noted(classes) if classes else ()
        for name in noted:
            (census.dated if name is _DATED else census.named[name]).append(element)
        if identifier and (name := identifier.lower()) in _NOTED and name not in noted:
            census.named[name].append(element)
    for itemprop in cast("list[etree._ElementUnicodeResult]", _ITEMPROPS(tree)):
        holder = itemprop.getparent()
        if holder is not None:
            census.itemprops[itemprop.lower()].append(holder)
    return census


@lru_cache(maxsize=50_000)
def _noted(classes: str) -> tuple[str, ...]:
    """The noted names among an element's classes. Ids are not asked here: hardly one comes twice."""
    lower = classes.lower()
    names = lower.split()
    noted = [] if _NOTED.isdisjoint(names) else [name for name in dict.fromkeys(names) if name in _NOTED]
    # One after another, in a third of the time of a loop
    if ("dat" in lower or "time" in lower or "publi" in lower or "posted" in lower) and _DATE_CLASS.search(lower):
        noted.append(_DATED)
    return tuple(noted)
