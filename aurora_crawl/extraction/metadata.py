"""What a page says of itself: title, authors, dates, section, tags, language, canonical address.

For each field the first source that has a usable value counts, in this order; docs/cleaning.md says what is usable.

| field | sources |
|---|---|
| title | rules; the `h1` that JSON-LD's headline, og:title or `<title>` repeats; of these the one that a lower heading shows; an `h1` that is plainly the article's; the declared ones, without the site's name |
| authors | rules; JSON-LD author; microdata `itemprop=author`; meta author; `rel=author`; bylines by class; links to authors' pages |
| published | rules; JSON-LD datePublished; meta article:published_time and its like; microdata; `time`, then dates by class, in the article; the day in the address; dates beside the article; what is written under the heading |
| modified | rules; JSON-LD dateModified; meta article:modified_time; microdata; what is marked as changed in the article |
| section | rules; JSON-LD articleSection; meta article:section; the category link of the post |
| tags | rules; meta article:tag; JSON-LD keywords; `rel=tag` |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from lxml import etree

from aurora_crawl.extraction.authors import Authors
from aurora_crawl.extraction.bylines import LONGEST_NAME
from aurora_crawl.extraction.dates import dates_in
from aurora_crawl.extraction.declaration import Declaration
from aurora_crawl.extraction.element_index import BYLINES, Census, take_census
from aurora_crawl.extraction.line_text import line_of
from aurora_crawl.extraction.plain_title import text_of_title
from aurora_crawl.extraction.publication import (
    LONGEST_LABEL,
    Told,
    as_local,
    day_in_address,
    first_moment,
    moment_of,
    says_published,
    told_in,
)
from aurora_crawl.extraction.rules import Rules, select
from aurora_crawl.extraction.site_name import names_of_host
from aurora_crawl.extraction.surroundings import Place, Surroundings
from aurora_crawl.extraction.titles import Headings, best_title
from aurora_crawl.extraction.tree import title_in_head

NO_SECTION = frozenset({"uncategorized", "uncategorised", "sem-categoria", "sem categoria"})
"""What WordPress calls the section of a post that has none."""

_LONGEST_BODY = 400_000
_PUBLISHED_META = (
    "article:published_time article:published article:published:time og:published_time og:article:published_time datepublished date dc.date "
    "dc.date.issued dcterms.created dcterms.date dcterms.issued dc.date.created pubdate publishdate publish-date publish_date "
    "published_date parsely-pub-date sailthru.date cxenseparse:recs:publishtime date_published originalpublicationdate "
    "rnews:datepublished article.published iso-8601-publish-date bt:pubdate"
).split()
_MODIFIED_META = (
    "article:modified_time article:modified:time og:updated_time article:updated datemodified dcterms.modified last-modified lastmod"
).split()
_BARE_COMMA = re.compile(r",(?=\S)")
_MOST_DATED = 60
_MOST_UNDER_HEADING = 40
"""Elements behind the heading in which a date without any mark is looked for."""
_LONGEST_UNMARKED = 80


@dataclass(slots=True)
class Metadata:
    """What was found; None or empty where a page is silent. Dates are ISO 8601 as `parse_date` gives them."""

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
        language=page.language or None,
        canonical=page.canonical,
        body=page.body(),
    )


class _Page:
    def __init__(self, tree: etree._Element, url: str, rules: Rules, census: Census) -> None:
        self.tree = tree
        self.census = census
        self.url = url
        self.rules = rules
        self.language = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()
        self._told: dict[etree._Element, Told] = {}
        self.meta: dict[str, list[str]] = {}
        for element in census.tags["meta"]:
            name = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()
            content = (element.get("content") or "").strip()
            if name and content:
                self.meta.setdefault(name, []).append(content)
        self.headings = Headings(census.tags["h1"], [*census.tags["h2"], *census.tags["h3"]])
        self.declared_titles = [
            text_of_title(one) for one in (*self.meta.get("og:title", []), *self._title_tag()) if one
        ]
        self.declaration = Declaration(
            census.tags["script"],
            [url, *([self.canonical] if self.canonical else [])],
            [*self.headings.texts(), *self.declared_titles],
        )

    @cached_property
    def canonical(self) -> str | None:
        for element in self.census.tags["link"]:
            if "canonical" in (element.get("rel") or "").lower().split() and (element.get("href") or "").startswith(
                "http"
            ):
                return element.get("href")
        return None

    def _title_tag(self) -> list[str]:
        title = title_in_head(self.tree)
        return [line_of(title)] if title is not None else []

    @cached_property
    def site_names(self) -> list[str]:
        named = ("og:site_name", "application-name", "apple-mobile-web-app-title")
        return [
            *(name for one in named for name in self.meta.get(one, [])),
            *self.declaration.site_names(),
            *self.headings.site_names,
            *names_of_host(self.url),
        ]

    @cached_property
    def _titled(self) -> tuple[str | None, etree._Element | None]:
        """The title and the heading that shows it."""
        headlines = [text_of_title(one) for one in self.declaration.texts("headline")[:2]]
        first, last = (headlines, []) if self.declaration.is_article() else ([], headlines)
        declared = [one for one in (*first, *self.declared_titles, *last) if one]
        if not declared:
            declared = [text_of_title(one) for one in self.meta.get("twitter:title", [])[:1]]
        return best_title(self.headings, declared, self.site_names)

    def title(self) -> str | None:
        for element in select(self.tree, self.rules.title):
            if text := line_of(element):
                return text
        return self._titled[0]

    @cached_property
    def surroundings(self) -> Surroundings:
        return Surroundings(self.tree, self._titled[1])

    def authors(self) -> list[str]:
        return Authors(
            self.tree, self.census, self.rules, self.meta, self.declaration, self.surroundings, self.site_names
        ).names()

    def told(self, element: etree._Element) -> Told:
        """The dates that an element tells; looked for once, though they may be of publishing or of changing."""
        known = self._told.get(element)
        if known is None:
            known = self._told[element] = Told(element)
        return known

    def published(self) -> str | None:
        return as_local(first_moment(self._declared_published(), self._told_published(), self._stamps()), self.language)

    def _declared_published(self) -> Iterator[str]:
        yield from (iso for element in select(self.tree, self.rules.published) for iso in Told(element).published)
        yield from _moments(self.declaration.texts("datePublished"))
        for name in _PUBLISHED_META:
            if contents := self.meta.get(name):
                yield from _moments(contents)
        yield from self._told_in_article(self.census.itemprops.get("datepublished", []))
        yield from self._told_in_article(self.census.tags["time"])

    def _told_published(self) -> Iterator[str]:
        yield from self._told_in_article(self.census.dated)
        yield from self._told_in_article([one for name in BYLINES for one in self.census.named.get(name, [])])
        if day := day_in_address(self.url):
            yield day
        yield from self._told_beside([*self.census.tags["time"], *self.census.dated])
        yield from self._told_under_heading()
        yield from _moments(self.declaration.texts("dateCreated"))

    def _stamps(self) -> Iterator[str]:
        return _moments(element.get("datetime") or "" for element in self.census.tags["time"][:_MOST_DATED])

    def _leads_elsewhere(self, element: etree._Element) -> bool:
        """Whether a date is part of a link to another page, as those of teasers are."""
        for step in (element, *islice(element.iterancestors(), 3)):
            if step.tag == "a":
                path = (step.get("href") or "").partition("?")[0].rstrip("/")
                is_own = not path or path.startswith("#") or path in self.url
                return not is_own and day_in_address(f"{path}/") is None
        return False

    def _told_in_article(self, elements: Iterable[etree._Element]) -> Iterator[str]:
        """The dates of publishing that elements in the article tell, those behind the heading first."""
        before: list[str] = []
        for element in list(elements)[:_MOST_DATED]:
            told = self.told(element).published
            if not told or self._leads_elsewhere(element):
                continue
            place = self.surroundings.place(element)
            if place is Place.AFTER:
                yield from told
            elif place is Place.BEFORE:
                before += told
        yield from before

    def _told_beside(self, elements: Iterable[etree._Element]) -> Iterator[str]:
        """The dates of elements beside the article, where class or words speak of publishing."""
        for element in list(elements)[:_MOST_DATED]:
            told = self.told(element)
            if (
                told.published
                and self.surroundings.place(element) is Place.BESIDE
                and says_published(f"{element.get('class')} {line_of(element)}")
            ):
                yield from told.published

    def _told_under_heading(self) -> Iterator[str]:
        """Dates in short lines behind the heading that nothing marks."""
        heading = self._titled[1]
        if heading is None:
            return
        for number, element in enumerate(_following(heading)):
            if number >= _MOST_UNDER_HEADING:
                return
            text = element.text or ""
            if not any(map(str.isdigit, text)) or len(text) > LONGEST_LABEL:
                continue
            line = line_of(element)
            found = dates_in(line)
            if (
                found
                and (len(line) <= _LONGEST_UNMARKED or says_published(line))
                and self.surroundings.place(element) < Place.ELSEWHERE
            ):
                yield from told_in(found)[0]

    def modified(self) -> str | None:
        return as_local(first_moment(self._declared_modified(), self._told_modified(), self._stamps()), self.language)

    def _declared_modified(self) -> Iterator[str]:
        yield from (
            iso
            for element in select(self.tree, self.rules.modified)
            for told in [Told(element)]
            for iso in (*told.changed, *told.published)
        )
        yield from _moments(self.declaration.texts("dateModified"))
        for name in _MODIFIED_META:
            if contents := self.meta.get(name):
                yield from _moments(contents)

    def _told_modified(self) -> Iterator[str]:
        for element in [
            *self.census.itemprops.get("datemodified", []),
            *self.census.tags["time"],
            *self.census.dated,
        ][:_MOST_DATED]:
            told = self.told(element)
            if told.changed and self.surroundings.place(element) < Place.BESIDE:
                yield from told.changed

    def section(self) -> str | None:
        texts = (text_of_title(text) for text in self._sections() if 0 < len(text) < LONGEST_NAME)
        return next((text for text in texts if text and text.casefold() not in NO_SECTION), None)

    def _sections(self) -> Iterator[str]:
        yield from map(line_of, select(self.tree, self.rules.section))
        # Some themes put all categories into one text, with bare commas between them.
        yield from (part for text in self.declaration.texts("articleSection") for part in _BARE_COMMA.split(text))
        yield from self.meta.get("article:section", [])
        yield from map(line_of, self.census.rels.get("category tag", []))

    def tags(self) -> list[str]:
        for found in self._keywords():
            tags = [text_of_title(text) for text in found if 0 < len(text.strip()) < LONGEST_NAME]
            if tags:
                return list(dict.fromkeys(tags))
        return []

    def _keywords(self) -> Iterator[list[str]]:
        yield [line_of(element) for element in select(self.tree, self.rules.tags)]
        yield self.meta.get("article:tag", [])
        yield [part for text in self.declaration.texts("keywords") for part in text.split(",")]
        yield [line_of(element) for element in self.census.rels.get("tag", [])]

    def body(self) -> str | None:
        return next((text[:_LONGEST_BODY] for text in self.declaration.texts("articleBody")), None)


def _moments(texts: Iterable[str]) -> Iterator[str]:
    return (iso for text in texts if (iso := moment_of(text)))


def _following(element: etree._Element) -> Iterator[etree._Element]:
    """The elements behind another one in the order of the page, one after another as they are asked for."""
    step: etree._Element | None = element
    while step is not None:
        for sibling in step.itersiblings():
            yield from sibling.iter()
        step = step.getparent()
