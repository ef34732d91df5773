"""An article page to paragraphs and metadata: a known container, what the page declares, else trafilatura."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape

from lxml import etree

from aurora_crawl.extraction.blocks import passages as passages_of
from aurora_crawl.extraction.boilerplate_classes import Furniture
from aurora_crawl.extraction.containers import declared, recognised, short_note, shows_text
from aurora_crawl.extraction.element_index import Census, take_census
from aurora_crawl.extraction.error_page import why_no_article
from aurora_crawl.extraction.fragment import read_fragment
from aurora_crawl.extraction.lead import lead_of
from aurora_crawl.extraction.markup import flat_text
from aurora_crawl.extraction.metadata import Metadata, read_metadata
from aurora_crawl.extraction.other_articles import other_articles
from aurora_crawl.extraction.page_data import text_in_data
from aurora_crawl.extraction.passages import OTHER_ARTICLE, Passage, kept, removals
from aurora_crawl.extraction.rules import Rules, matches
from aurora_crawl.extraction.shortcodes import has_end_of_shortcode, without_shortcodes
from aurora_crawl.extraction.tree import encoded, parse_encoded, text_of
from aurora_crawl.extraction.trimming import trimmed
from aurora_crawl.extraction.unknown_page import read_unknown
from aurora_crawl.items import Removal
from aurora_crawl.text.unicode import normalise

LEAST_BODY = 250
"""Characters that a page's declared text must have to be believed."""

_BLOCK_TAG = re.compile(r"<(?:p|br|div|h[1-6]|li|blockquote)\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\$\$[A-Z_]{3,40}\$\$")
_MOSTLY = 0.8
"""The share of what trafilatura finds that a text in a script must have to be read instead."""
_LONGEST_OTHER = 20_000
"""Characters kept of another article on the page."""


@dataclass(slots=True)
class Extracted:
    """What was read from a page. `read_by` names the rules, container or method that found the text; empty for none.

    `removed` is what reading cut from inside the article, positions counted before any cut. `no_article` says what a page
    is that answers 200 and holds none: an error page, a consent wall; it has no paragraphs then.
    """

    paragraphs: list[str] = field(default_factory=list)
    removed: list[Removal] = field(default_factory=list)
    title: str | None = None
    authors: list[str] = field(default_factory=list)
    published: str | None = None
    modified: str | None = None
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    language: str | None = None
    canonical: str | None = None
    read_by: str = ""
    no_article: str = ""

    @property
    def text(self) -> str:
        """The paragraphs, separated by one blank line."""
        return "\n\n".join(self.paragraphs)


def extract_article(html: str, url: str | None = None, rules: Rules | None = None) -> Extracted:
    """The article of a page: its text without what surrounds it, and what the page says of it.

    With `rules`, their container is read; where it is not on the page, and on pages of unknown sites, in this order: a
    container of the common systems that holds most of the page's running text; the element that shows what JSON-LD
    declares as articleBody; trafilatura; that declaration itself. Raises nothing on broken pages: what cannot be read is empty.
    """
    page = encoded(html)
    tree = parse_encoded(encoded(without_shortcodes(html)) if has_end_of_shortcode(page) else page)
    census = take_census(tree)
    metadata = read_metadata(tree, url or "", rules, census)
    headings = census.tags["h1"]
    found, read_by = _by_rules(tree, rules) if rules else ([], "")
    others = [] if found else _taken_out(other_articles(headings, census, metadata.title))
    if not found:
        found, read_by = _by_container(tree, metadata, census, headings)
    hidden, hidden_in = ([], "") if found or shows_text(tree) else _by_what_is_not_shown(tree, metadata)
    if not found and not hidden and (note := short_note(tree, census, metadata.title)):
        found, read_by = _read(note.elements, Furniture(note.elements)), note.name
    if not found:
        found, read_by = read_unknown(tree, url, metadata.title)
    if hidden and _length(hidden) >= _MOSTLY * _length(found):
        found, read_by = hidden, hidden_in
    found = trimmed(found, metadata.title)
    found.extend(others)
    paragraphs = kept(found)
    if no_article := why_no_article(tree, headings, metadata, paragraphs):
        paragraphs = []
    return Extracted(
        paragraphs=paragraphs,
        removed=removals(found) if paragraphs else [],
        title=metadata.title,
        authors=metadata.authors,
        published=metadata.published,
        modified=metadata.modified,
        section=metadata.section,
        tags=metadata.tags,
        language=metadata.language,
        canonical=metadata.canonical,
        read_by=read_by if paragraphs else "",
        no_article=no_article,
    )


def _by_rules(tree: etree._Element, rules: Rules) -> tuple[list[Passage], str]:
    for css in rules.container:
        found = matches(tree, css)
        if not found:
            continue
        elements = found if rules.joined else [max(found, key=lambda element: len(text_of(element)))]
        for element in elements:
            _cut_from(element, rules.until)
        excluded = frozenset(one for element in elements for css in rules.exclude for one in matches(element, css))
        if passages := _read(elements, Furniture(elements, excluded)):
            return passages, rules.name
    return [], ""


def _by_container(
    tree: etree._Element, metadata: Metadata, census: Census, headings: list[etree._Element]
) -> tuple[list[Passage], str]:
    found = recognised(tree, census) or (declared(tree, metadata.body) if metadata.body else None)
    if not found:
        return [], ""
    # Half, since the markup's own white space is counted there.
    furniture = Furniture(found.elements, least=found.length // 2)
    passages = _read(found.elements, furniture)
    if passages:
        passages[:0] = lead_of(headings, found.elements[0], metadata.title, passages, furniture, census.tags["meta"])
    return passages, found.name


def _by_what_is_not_shown(tree: etree._Element, metadata: Metadata) -> tuple[list[Passage], str]:
    """The text of a page that shows none before its scripts ran: in JSON-LD, or in a framework's data."""
    body = metadata.body or ""
    data = text_in_data(tree, metadata.title)
    if len(body) >= LEAST_BODY and 2 * len(body) >= len(data):
        return _in_text(body), "articleBody of JSON-LD"
    return (_in_text(data), "data script") if data else ([], "")


def _in_text(text: str) -> list[Passage]:
    """The passages of a text in a script, which is HTML or plain."""
    if _BLOCK_TAG.search(text):
        return read_fragment(_PLACEHOLDER.sub(" ", text))
    lines = normalise(unescape(without_shortcodes(_PLACEHOLDER.sub("\n", text)))).split("\n")
    return [Passage(line.strip()) for line in lines if line.strip()]


def _length(passages: list[Passage]) -> int:
    return sum(len(passage.text) for passage in passages if not passage.rule)


def _taken_out(others: list[etree._Element]) -> list[Passage]:
    """Takes other articles out of the page; what they say, for a person to judge."""
    taken = []
    for other in others:
        parent = other.getparent()
        if parent is not None:
            taken.append(Passage(flat_text(other)[:_LONGEST_OTHER], OTHER_ARTICLE))
            stand_in = etree.Element("div")
            stand_in.tail = other.tail
            parent.replace(other, stand_in)
    return [passage for passage in taken if passage.text]


def _read(elements: list[etree._Element], furniture: Furniture) -> list[Passage]:
    found = [passage for element in elements for passage in passages_of(element, furniture)]
    return found if any(not passage.rule for passage in found) else []


def _cut_from(element: etree._Element, until: Iterable[str]) -> None:
    """Cuts an element's content from the first match of one of the selectors on."""
    for css in until:
        for end in matches(element, css)[:1]:
            step, parent = end, end.getparent()
            while parent is not None and step is not element:
                for following in list(step.itersiblings()):
                    parent.remove(following)
                step.tail = None
                step, parent = parent, parent.getparent()
            before = end.getparent()
            if before is not None and end is not element:
                before.remove(end)
