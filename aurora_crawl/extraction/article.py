"""An article page to paragraphs and metadata: a known container, what the page declares, else trafilatura."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from aurora_crawl.extraction.blocks import passages as passages_of
from aurora_crawl.extraction.boilerplate_classes import Furniture
from aurora_crawl.extraction.containers import declared, recognised
from aurora_crawl.extraction.element_index import Census, take_census
from aurora_crawl.extraction.lead import lead_of
from aurora_crawl.extraction.metadata import Metadata, read_metadata
from aurora_crawl.extraction.passages import Passage, kept, removals
from aurora_crawl.extraction.rules import Rules, matches
from aurora_crawl.extraction.shortcodes import without_shortcodes
from aurora_crawl.extraction.tree import parse, text_of
from aurora_crawl.extraction.trimming import trimmed
from aurora_crawl.extraction.unknown_page import read_unknown
from aurora_crawl.items import Removal
from aurora_crawl.text.unicode import normalise

LEAST_BODY = 250
"""Characters that a page's declared text must have to be believed."""

_SHORTCODE_END = re.compile(r"\[/")


@dataclass(slots=True)
class Extracted:
    """What was read from a page. `read_by` names the rules, container or method that found the text; empty for none.

    `removed` is what reading cut from inside the article, positions counted before any cut.
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
    # A pattern finds them in a third of the time that `in` takes over a page.
    tree = parse(without_shortcodes(html) if _SHORTCODE_END.search(html) else html)
    census = take_census(tree)
    metadata = read_metadata(tree, url or "", rules, census)
    found, read_by = _by_rules(tree, rules) if rules else ([], "")
    if not found:
        found, read_by = _by_container(tree, metadata, census)
    if not found:
        found, read_by = read_unknown(tree, url, metadata.title, _read), "trafilatura"
    if not found:
        found, read_by = _by_declaration(metadata)
    found = trimmed(found, metadata.title)
    paragraphs = kept(found)
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
        if passages := _read(elements, excluded):
            return passages, rules.name
    return [], ""


def _by_container(tree: etree._Element, metadata: Metadata, census: Census) -> tuple[list[Passage], str]:
    found = recognised(tree, census) or (declared(tree, metadata.body) if metadata.body else None)
    if not found:
        return [], ""
    passages = _read(found.elements)
    return [*lead_of(tree, found.elements[0], metadata.title, passages), *passages] if passages else [], found.name


def _by_declaration(metadata: Metadata) -> tuple[list[Passage], str]:
    body = metadata.body or ""
    if len(body) < LEAST_BODY:
        return [], ""
    return [Passage(line) for line in normalise(body).split("\n") if line.strip()], "articleBody of JSON-LD"


def _read(elements: list[etree._Element], excluded: frozenset[etree._Element] = frozenset()) -> list[Passage]:
    furniture = Furniture(elements, excluded)
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
