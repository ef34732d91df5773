"""What a page declares of its article in JSON-LD: which of its objects speak of it, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from lxml import etree

from aurora_crawl.addresses import path_of
from aurora_crawl.extraction.jsonld import Node, as_list, names_of, objects, strings, types_of
from aurora_crawl.extraction.site_name import bare
from aurora_crawl.extraction.titles import says_the_same

_ARTICLE_TYPES = frozenset(
    "Article NewsArticle BlogPosting Report ReportageNewsArticle OpinionNewsArticle AnalysisNewsArticle ReviewNewsArticle "
    "BackgroundNewsArticle AskPublicNewsArticle AdvertiserContentArticle SatiricalArticle ScholarlyArticle TechArticle "
    "LiveBlogPosting SocialMediaPosting".split()
)
_PAGE_TYPES = frozenset({"WebPage", "ItemPage"})
_SITE_TYPES = frozenset(
    {"WebSite", "Organization", "NewsMediaOrganization", "NewspaperOrganization", "Blog", "Periodical"}
)
_OTHERS = frozenset(
    "mentions hasPart isPartOf itemListElement liveBlogUpdate citation isBasedOn relatedLink comment".split()
)
"""Properties under which other articles stand."""
_PAGE_OF = ("url", "mainEntityOfPage", "@id")
_SLASHES = re.compile(r"/{2,}")
_MOST_WEIGHED = 100
_LEAST_BELIEVED = -1
"""The weight of an object that gives no address and has another headline, as one for search engines is."""


class Declaration:
    """A page's JSON-LD, seen from its article.

    `address` is the page's own (or canonical) address and `titles` what it calls itself elsewhere: of several articles'
    objects those count whose address or headline is this page's, the best first; of a single one that names
    another address *and* another headline nothing is believed.
    """

    def __init__(self, scripts: Iterable[etree._Element], addresses: Iterable[str], titles: Iterable[str]) -> None:
        self._all = list(objects(scripts))
        self._addresses = {form for address in addresses if (form := _form(address))}
        self._titles = [title for title in titles if title]

    @cached_property
    def _nodes(self) -> dict[str, Node]:
        """Objects by their `@id`, to which others refer; the fullest of each."""
        nodes: dict[str, Node] = {}
        for one in self._all:
            name = one.get("@id")
            if isinstance(name, str) and len(one) > len(nodes.get(name, ())):
                nodes[name] = one
        return nodes

    @cached_property
    def _articles(self) -> list[Node]:
        """The objects that speak of this page's article, the best first."""
        if not self._all:
            return []
        nested = {
            id(inner)
            for one in self._all
            for key in _OTHERS & one.keys()
            for inner in as_list(one[key])
            if isinstance(inner, dict)
        }
        ranked: list[Node] = []
        for types in (_ARTICLE_TYPES, _PAGE_TYPES):
            found = [
                one
                for one in self._all
                if (one.get("headline") or one.get("datePublished")) and not types.isdisjoint(types_of(one))
            ]
            weighed = [(self._weight(one) - (id(one) in nested), one) for one in found[:_MOST_WEIGHED]]
            weighed.sort(key=lambda pair: -pair[0])
            if not ranked and weighed and weighed[0][0] >= _LEAST_BELIEVED:
                ranked = [weighed.pop(0)[1]]
            # Others fill what the best leaves open, where they are surely this page's.
            ranked += [one for weight, one in weighed if weight > 0]
        return ranked

    def _weight(self, one: Node) -> int:
        """How much speaks for an object's being this page's article: its address and its headline, each for or against."""
        weight = 0
        forms = [form for key in _PAGE_OF for form in _addresses_in(one.get(key))]
        if self._addresses and forms:
            weight += -2 if self._addresses.isdisjoint(forms) else 2
        headlines = strings(one.get("headline"))[:2]
        if headlines and self._titles:
            weight += 2 if any(_agree(headline, title) for headline in headlines for title in self._titles) else -1
        return weight

    def is_article(self) -> bool:
        """Whether an article's object speaks of this page."""
        return any(not _ARTICLE_TYPES.isdisjoint(types_of(one)) for one in self._articles[:1])

    def texts(self, name: str) -> list[str]:
        """The strings of a property, of the best object that has some; numbers, as some dates are, too."""
        for one in self._articles:
            value = one.get(name)
            if found := strings([str(part) if type(part) in (int, float) else part for part in as_list(value)]):
                return found
        return []

    def names(self, name: str) -> list[str]:
        """The names in a property, of the best object that has some."""
        for one in self._articles:
            if found := [text for part in as_list(one.get(name)) for text in names_of(part, self._nodes)]:
                return found
        return []

    def site_names(self) -> list[str]:
        """The names of the site and its publisher."""
        sites = [one for one in self._all if not _SITE_TYPES.isdisjoint(types_of(one))]
        return [*self.names("publisher"), *(name for one in sites[:5] for name in strings(one.get("name")))]


def _addresses_in(value: object) -> list[str]:
    """The pages that an address, or an object with one, names; "#article" and a site's front tell nothing."""
    texts = [
        text
        for one in as_list(value)[:3]
        for text in (
            [one]
            if isinstance(one, str)
            else [*strings(one.get("@id")), *strings(one.get("url"))]
            if isinstance(one, dict)
            else []
        )
    ]
    return [form for text in texts if text.startswith(("http", "/")) and (form := _form(text))]


def _agree(headline: str, title: str) -> bool:
    return bare(headline) == bare(title) or says_the_same(headline, title) or says_the_same(title, headline)


def _form(address: str) -> str:
    """An address as it is compared: its path without the slash at the end; empty for a site's front.

    The host is left out: of one article the page, its mobile twin and a copy for tests declare different ones.
    """
    return _SLASHES.sub("/", path_of(address)).rstrip("/").removesuffix("/amp").lower()
