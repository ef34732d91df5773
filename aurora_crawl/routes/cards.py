"""The cards of listing pages: what is written on a card, by selectors that a site or a theme declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace

from cssselect import HTMLTranslator, SelectorError
from cssselect.xpath import ExpressionError
from lxml import etree

from aurora_crawl.addresses import resolved
from aurora_crawl.extraction.dates import parse_date
from aurora_crawl.extraction.rules import matches
from aurora_crawl.extraction.tree import parse, text_of
from aurora_crawl.messages import Message

_BY = re.compile(r"^(?:por|by):?\s+", re.IGNORECASE)


@dataclass(slots=True, frozen=True)
class Cards:
    """Where a theme's cards hold what: CSS selectors, looked for inside each `card`; empty where a card has no such thing.

    The link is the first `a` with an address in the element of the title, around it, or in the card. Dates are read from
    the attributes `datetime` or `content`, else from the text.
    """

    card: str
    title: str
    date: str = "time"
    author: str = ""
    section: str = ""

    def faults(self) -> list[str]:
        """The selectors that are none."""
        faults: list[str] = []
        for css in filter(None, astuple(self)):
            try:
                HTMLTranslator().css_to_xpath(css)
            except (SelectorError, ExpressionError) as error:
                faults.append(Message("{css} is no CSS selector ({why})", css=repr(css), why=error))
        return faults


@dataclass(slots=True, frozen=True)
class Card:
    """What a card shows of an article; `published` in ISO 8601."""

    url: str
    title: str | None = None
    published: str | None = None
    author: str | None = None
    section: str | None = None


@dataclass(slots=True, frozen=True)
class ListingPage:
    """A page's cards in their order, each address once, and the address of the next page where it names one."""

    cards: list[Card]
    next: str | None = None


def read_listing(html: str, url: str, cards: Cards, following: str = "") -> ListingPage:
    """The cards of a page at `url`; none where nothing on it looks like one, whatever words stand there.

    `following`: a CSS selector of the link to the next page, where that leads to the others.
    """
    root = parse(html)
    base = next((node.get("href") for node in root.iter("base") if node.get("href")), "")
    base = resolved(url, base or "") or url
    found: dict[str, Card] = {}
    for node in matches(root, cards.card):
        card = _read_card(node, base, cards)
        if card is not None:
            # Some themes show each card twice, for wide and for narrow screens, and only one of them whole.
            found[card.url] = _merged(found[card.url], card) if card.url in found else card
    links = matches(root, following) if following else []
    href = next((node.get("href") for node in links if node.get("href")), None)
    return ListingPage(list(found.values()), _address(base, href) if href else None)


def _read_card(node: etree._Element, base: str, cards: Cards) -> Card | None:
    title = next(iter(matches(node, cards.title)), None)
    link = next((a for place in _link_places(title, node) for a in place if a.get("href")), None)
    url = _address(base, link.get("href", "")) if link is not None else None
    if url is None:
        return None
    shown = title if title is not None else link
    return Card(
        url,
        (text_of(shown) or shown.get("title") or None) if shown is not None else None,
        next(filter(None, map(_date_of, matches(node, cards.date))), None) if cards.date else None,
        next(filter(None, map(_name_of, matches(node, cards.author))), None) if cards.author else None,
        next(filter(None, map(text_of, matches(node, cards.section))), None) if cards.section else None,
    )


def _link_places(title: etree._Element | None, card: etree._Element) -> Iterator[Iterator[etree._Element]]:
    if title is not None:
        yield title.iter("a")
        yield title.iterancestors("a")
    yield card.iter("a")
    yield card.iterancestors("a")


def _name_of(node: etree._Element) -> str:
    return _BY.sub("", text_of(node))


def _date_of(node: etree._Element) -> str | None:
    for written in (node.get("datetime"), node.get("content"), text_of(node)):
        found = parse_date(written) if written else None
        if found:
            return found
    return None


def _address(base: str, href: str) -> str | None:
    return resolved(base, href.partition("#")[0]) if href.strip() else None


def _merged(first: Card, second: Card) -> Card:
    missing = {name: getattr(second, name) for name in Card.__slots__ if getattr(first, name) is None}
    return replace(first, **missing)
