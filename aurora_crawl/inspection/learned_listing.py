"""Learns the cards of a listing page, and how its pages follow each other, from one page and what is known of the site's articles."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from aurora_crawl.addresses import resolved, same_site
from aurora_crawl.budget import bounded
from aurora_crawl.extraction.dates import parse_date
from aurora_crawl.extraction.rules import matches
from aurora_crawl.extraction.tree import parse, text_of
from aurora_crawl.routes.cards import Cards, read_listing
from aurora_crawl.routes.listing import Listing, found_on
from aurora_crawl.routes.route import Found

LEAST_CARDS = 3
_NAME = re.compile(r"[A-Za-z][\w-]{1,60}")
_NUMBER = re.compile(r"\d{3,}|-\d+$")
_PAGE = re.compile(
    r"(?<![\w-])((?:page|pagina|p[aá]gina|p[aá]g|pag|pg|p|paged|pagenum)[=/-])(\d{1,4})(?=$|[/&.])|(?<=/)()(\d{1,3})(?=/?$)",
    re.IGNORECASE,
)
_SECOND = (2, 3)
_CARD_UP = 6
_ROUTE_NEXT = "a[rel~=next], link[rel~=next], a.next"
"""What `Listing` follows by itself."""
_NEXT_WORDS = re.compile(
    r"^(?:pr[oó]xim[ao]s?|next|mais antigas|anteriores|mais not[ií]cias|ver mais|seguinte)\b|^(?:»|›|>|→)+$",
    re.IGNORECASE,
)


@dataclass(slots=True, frozen=True)
class ListingSeen:
    """A listing that was learned: the settings of its route, how many cards one page shows, and how its pages are turned."""

    listing: Listing
    cards: int
    turns: str
    found: tuple[Found, ...] = ()


@bounded
def learn_listing(html: str, url: str, site_url: str, is_article: Callable[[str], bool]) -> ListingSeen | None:
    """The listing on a page; None where no three cards on it lead to articles. Raises OverBudget.

    The cards are the repeated elements, of one name, that lead to the most articles, one each.
    """
    tree = parse(html)
    cards = _cards(tree, url, is_article)
    if cards is None:
        return None
    address = urlsplit(url)
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    following = _following(tree, url, site_url)
    listing = Listing(path, cards)
    turns = ""
    if following is not None:
        numbered, _address, css = following
        if numbered:
            listing, turns = Listing(numbered, cards), "numbers"
        elif css:
            listing, turns = Listing(path, cards, next=css), "link"
        else:
            turns = "link"
    seen = found_on(read_listing(html, url, cards), is_article)
    return (
        ListingSeen(listing, len(seen), turns, tuple(seen))
        if len(seen) >= LEAST_CARDS and not listing.faults()
        else None
    )


def _cards(tree: etree._Element, base: str, is_article: Callable[[str], bool]) -> Cards | None:
    """The cards that lead to the most articles."""
    owners: dict[etree._Element, set[str]] = defaultdict(set)
    links: list[tuple[etree._Element, str]] = []
    for link in tree.iter("a"):
        address = resolved(base, (link.get("href") or "").partition("#")[0])
        if address and is_article(address):
            links.append((link, address))
            for ancestor in link.iterancestors():
                owners[ancestor].add(address)
    groups: dict[str, set[str]] = defaultdict(set)
    examples: dict[str, etree._Element] = {}
    for link, address in links:
        card = link
        for ancestor in link.iterancestors():
            if len(owners[ancestor]) > 1 or ancestor.tag in ("body", "html"):
                break
            card = ancestor
        for css in _names(card):
            groups[css].add(address)
            examples.setdefault(css, card)
    if not groups:
        return None
    # Of names for the same cards, the one that stands first: the element's own class before its place.
    order = {css: place for place, css in enumerate(groups)}
    best = max(groups, key=lambda css: (len(groups[css]), -order[css]))
    card = examples[best]
    heading = next((tag for tag in ("h1", "h2", "h3", "h4", "h5") if card.find(f".//{tag}") is not None), None)
    return Cards(card=best, title=heading or "a", date=_date_of(card))


def _names(card: etree._Element) -> Iterator[str]:
    classes = [one for one in (card.get("class") or "").split() if _NAME.fullmatch(one) and not _NUMBER.search(one)]
    for one in classes[:4]:
        yield f"{card.tag}.{one}"
    parent = card.getparent()
    while parent is not None and parent.tag not in ("html",):
        identity = parent.get("id") or ""
        outer = [f"#{identity}"] if _NAME.fullmatch(identity) and not _NUMBER.search(identity) else []
        outer += [
            f"{parent.tag}.{one}"
            for one in (parent.get("class") or "").split()[:3]
            if _NAME.fullmatch(one) and not _NUMBER.search(one)
        ]
        for css in outer:
            yield f"{css} {card.tag}"
        if outer:
            break
        parent = parent.getparent()
    if card.tag in ("article", "li"):
        yield str(card.tag)
    # A page without any names: the links in its body.
    yield f"body {card.tag}"


def _date_of(card: etree._Element) -> str:
    if card.find(".//time") is not None:
        return "time"
    for element in card.iterdescendants():
        if isinstance(element.tag, str) and not len(element) and parse_date(text_of(element)):
            for one in (element.get("class") or "").split():
                if _NAME.fullmatch(one):
                    return f"{element.tag}.{one}"
            return str(element.tag)
    return ""


def _following(tree: etree._Element, base: str, site_url: str) -> tuple[str, str, str] | None:
    """How the second page is reached: a path with `{page}` or empty, its address, a selector where the usual ones do not find it."""
    usual = [one.get("href") or "" for one in matches(tree, _ROUTE_NEXT)]
    worded = [one for one in tree.iter("a") if one.get("href") and _NEXT_WORDS.match(text_of(one))]
    numbers = [one for one in tree.iter("a") if one.get("href") and text_of(one).strip() in map(str, _SECOND)]
    templates: Counter[str] = Counter()
    # Some count pages from zero, or by what lies before them: their numbers are not those that a listing asks for.
    is_other_count = any(
        (found := re.search(r"=(\d{1,6})$", one.get("href") or "")) and found[1] != text_of(one).strip()
        for one in numbers
    )
    for href in () if is_other_count else (*usual, *(one.get("href") or "" for one in (*numbers, *worded))):
        address = resolved(base, href)
        if address and same_site(address, site_url) and (template := _template(address, site_url)):
            templates[template] += 1
    if templates:
        return templates.most_common(1)[0][0], "", ""
    if any(resolved(base, href) for href in usual if href):
        return "", usual[0], ""
    for one in worded:
        address = resolved(base, one.get("href") or "")
        if address and same_site(address, site_url) and address.rstrip("/") != base.rstrip("/"):
            name = next((name for name in (one.get("class") or "").split() if _NAME.fullmatch(name)), None)
            return ("", address, f"a.{name}") if name else None
    return None


def _template(address: str, site_url: str) -> str:
    """The path of a second or third page with `{page}` in its number's place; empty where it has none."""
    path = address.removeprefix(site_url)
    if not path.startswith("/"):
        parts = urlsplit(address)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    for found in _PAGE.finditer(path):
        group = 2 if found[2] else 4
        if int(found[group]) in _SECOND:
            return f"{path[: found.start(group)]}{{page}}{path[found.end(group) :]}".replace("&amp;", "&")
    return ""
