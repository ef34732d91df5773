"""What a page says of itself: title, authors, dates, section, tags, language, canonical address.

For each field the first source that has a usable value counts, in this order:

| field | sources |
|---|---|
| title | rules; the only `h1`, or the `h1` that og:title or `<title>` repeats; JSON-LD headline; og:title; `<title>`; both last without the site's name |
| authors | rules; JSON-LD author; microdata `itemprop=author`; meta author; `rel=author`; bylines by class |
| published | rules; JSON-LD datePublished; meta article:published_time and its like; microdata; the first `time` of the article; the day in the address; text marked as date by class |
| modified | rules; JSON-LD dateModified; meta article:modified_time; microdata |
| section | rules; JSON-LD articleSection; meta article:section; the category link of the post |
| tags | rules; meta article:tag; JSON-LD keywords; `rel=tag` |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from lxml import etree

from aurora_crawl.extraction.bylines import LONGEST_NAME, names_in
from aurora_crawl.extraction.dates import SAO_PAULO, first_date
from aurora_crawl.extraction.element_index import BYLINES, Census, take_census
from aurora_crawl.extraction.fragment import text_of_title
from aurora_crawl.extraction.jsonld import ARTICLE_TYPES, PAGE_TYPES, as_list, names_of, objects, strings
from aurora_crawl.extraction.rules import Rules, select
from aurora_crawl.extraction.titles import says_the_same, without_site_name
from aurora_crawl.extraction.tree import descendants, raw_text_of, text_of

_LONGEST_BODY = 400_000

_PUBLISHED_META = (
    "article:published_time article:published og:published_time og:article:published_time datepublished date dc.date "
    "dc.date.issued dcterms.created dcterms.date dcterms.issued dc.date.created pubdate publishdate publish-date publish_date "
    "published_date parsely-pub-date sailthru.date cxenseparse:recs:publishtime date_published originalpublicationdate "
    "rnews:datepublished article.published iso-8601-publish-date bt:pubdate"
).split()
_MODIFIED_META = (
    "article:modified_time og:updated_time article:updated datemodified dcterms.modified last-modified lastmod".split()
)
_AUTHOR_META = "author article:author_name dc.creator dcterms.creator parsely-author sailthru.author byl og:article:author article:author".split()
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-](0[1-9]|1[0-2])[/-](0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_LONGEST_BYLINE = 120


@dataclass(slots=True)
class Metadata:
    """What was found; null or empty where a page is silent. Dates are ISO 8601 as `parse_date` gives them."""

    title: str | None = None
    authors: list[str] = field(default_factory=list)
    published: str | None = None
    modified: str | None = None
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    language: str | None = None
    canonical: str | None = None
    body: str | None = None


def read_metadata(
    tree: etree._Element, url: str = "", rules: Rules | None = None, census: Census | None = None
) -> Metadata:
    """Everything that a page says of itself; `body` is JSON-LD's articleBody, where a page has it."""
    page = _Page(tree, url, rules or Rules("none"), census or take_census(tree))
    return Metadata(
        title=page.title(),
        authors=page.authors(),
        published=page.published(),
        modified=page.modified(),
        section=page.section(),
        tags=page.tags(),
        language=(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip() or None,
        canonical=page.canonical(),
        body=page.body(),
    )


class _Page:
    def __init__(self, tree: etree._Element, url: str, rules: Rules, census: Census) -> None:
        self.tree = tree
        self.census = census
        self.url = url
        self.rules = rules
        self.meta: dict[str, list[str]] = {}
        for element in descendants(tree, "meta"):
            name = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()
            content = (element.get("content") or "").strip()
            if name and content:
                self.meta.setdefault(name, []).append(content)

    @cached_property
    def objects(self) -> list[dict[str, Any]]:
        """Every JSON-LD object of the page."""
        return list(objects(self.tree))

    @cached_property
    def declared(self) -> dict[str, Any]:
        """The JSON-LD object of the article: of an article's type, else of a page with a date; empty for none."""
        every = self.objects
        for types in (ARTICLE_TYPES, PAGE_TYPES):
            for one in every:
                if not types.isdisjoint(strings(one.get("@type"))) and (
                    one.get("headline") or one.get("datePublished")
                ):
                    return one
        return {}

    @cached_property
    def nodes(self) -> dict[str, dict[str, Any]]:
        """JSON-LD objects by their `@id`, to which others refer."""
        return {one["@id"]: one for one in self.objects if isinstance(one.get("@id"), str)}

    def title(self) -> str | None:
        for element in select(self.tree, self.rules.title):
            if text := text_of(element):
                return text
        declared = [
            text_of_title(one)
            for one in (*strings(self.declared.get("headline")), *self.meta.get("og:title", []), *self.titles())
            if one
        ]
        headings = [text for element in descendants(self.tree, "h1") if (text := text_of(element))]
        for heading in headings:
            if any(says_the_same(heading, one) for one in declared):
                return heading
        if len(headings) == 1 and not declared:
            return headings[0]
        headline = next((text_of_title(one) for one in strings(self.declared.get("headline")) if one), "")
        if headline and self.is_article_declared():
            return headline
        return next((without_site_name(one, self.site_names()) for one in declared), headings[0] if headings else None)

    def titles(self) -> list[str]:
        head = self.tree.find("head/title")
        return [text_of(head)] if head is not None else []

    def site_names(self) -> list[str]:
        publisher = self.declared.get("publisher")
        return [*self.meta.get("og:site_name", []), *(names_of(publisher, self.nodes) if publisher else [])]

    def is_article_declared(self) -> bool:
        return not ARTICLE_TYPES.isdisjoint(strings(self.declared.get("@type")))

    def authors(self) -> list[str]:
        sources = (
            lambda: [text_of(element) for element in select(self.tree, self.rules.authors)],
            lambda: [name for one in as_list(self.declared.get("author")) for name in names_of(one, self.nodes)],
            lambda: [
                element.get("content") or text_of(element)
                for element in self.census.itemprops.get("author", [])
                if len(raw_text_of(element)) < 2 * LONGEST_NAME
            ],
            lambda: [content for name in _AUTHOR_META for content in self.meta.get(name, [])],
            lambda: [text_of(element) for element in self.census.rels.get("author", [])],
            lambda: [text_of(element) for element in self._bylines()],
        )
        for source in sources:
            if names := names_in(source()):
                return names
        return []

    def published(self) -> str | None:
        return self._local(first_date(self._published_sources()))

    def _published_sources(self) -> Iterator[str]:
        yield from (_date_of(element) for element in select(self.tree, self.rules.published))
        yield from strings(self.declared.get("datePublished"))
        for name in _PUBLISHED_META:
            yield from self.meta.get(name, [])
        for element in self.census.itemprops.get("datepublished", []):
            yield _date_of(element)
        modified = set(self._modified_sources())
        for element in descendants(self.tree, "time"):
            names = f"{element.get('class', '')} {element.get('itemprop', '')}".lower()
            if "updat" not in names and "modif" not in names and _date_of(element) not in modified:
                yield _date_of(element)
        if match := _URL_DAY.search(self.url or ""):
            yield "-".join(match.groups())
        for element in self.census.dated:
            if len(text := text_of(element)) < _LONGEST_BYLINE:
                yield text

    def _bylines(self) -> list[etree._Element]:
        for name in BYLINES:
            found = [
                element for element in self.census.named.get(name, []) if 1 < len(text_of(element)) < _LONGEST_BYLINE
            ]
            if found:
                return found[:3]
        return []

    def modified(self) -> str | None:
        return self._local(first_date(self._modified_sources()))

    def _local(self, date: str | None) -> str | None:
        """A time in UTC on a Portuguese page as Brazilian time, so that its day is the day that readers saw."""
        if date and date.endswith("+00:00") and (self.tree.get("lang") or "").lower().startswith("pt"):
            return datetime.fromisoformat(date).astimezone(SAO_PAULO).isoformat()
        return date

    def _modified_sources(self) -> Iterator[str]:
        yield from (_date_of(element) for element in select(self.tree, self.rules.modified))
        yield from strings(self.declared.get("dateModified"))
        for name in _MODIFIED_META:
            yield from self.meta.get(name, [])
        for element in self.census.itemprops.get("datemodified", []):
            yield _date_of(element)

    def section(self) -> str | None:
        sources = (
            *(text_of(element) for element in select(self.tree, self.rules.section)),
            *strings(self.declared.get("articleSection")),
            *self.meta.get("article:section", []),
            *(text_of(element) for element in self.census.rels.get("category tag", [])),
        )
        return next((text_of_title(text) for text in sources if 0 < len(text) < LONGEST_NAME), None)

    def tags(self) -> list[str]:
        keywords = [part for text in strings(self.declared.get("keywords")) for part in text.split(",")]
        for found in (
            [text_of(element) for element in select(self.tree, self.rules.tags)],
            self.meta.get("article:tag", []),
            keywords,
            [text_of(element) for element in self.census.rels.get("tag", [])],
        ):
            tags = [text_of_title(text) for text in found if 0 < len(text.strip()) < LONGEST_NAME]
            if tags:
                return list(dict.fromkeys(tags))
        return []

    def canonical(self) -> str | None:
        for element in self.tree.iter("link"):
            if "canonical" in (element.get("rel") or "").lower().split() and (element.get("href") or "").startswith(
                "http"
            ):
                return element.get("href")
        return None

    def body(self) -> str | None:
        return next((text[:_LONGEST_BODY] for text in strings(self.declared.get("articleBody"))), None)


def _date_of(element: etree._Element) -> str:
    return element.get("datetime") or element.get("content") or element.get("title") or text_of(element)
