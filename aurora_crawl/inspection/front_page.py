"""What a site's front page and robots.txt tell: the system, its theme, the language, the licence, feeds, and where its articles may be."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree

from aurora_crawl.addresses import is_front_page, path_of, resolved, same_site
from aurora_crawl.budget import bounded
from aurora_crawl.extraction.containers import shows_text
from aurora_crawl.extraction.rules import matches
from aurora_crawl.extraction.tree import parse, text_of
from aurora_crawl.inspection.answers import Got
from aurora_crawl.routes.route import Scope

WORDPRESS, GHOST, OTHER = "WordPress", "Ghost", ""

_THEME = re.compile(r"/wp-content/themes/([\w.-]{1,80})/")
_WORDPRESS = re.compile(r"/wp-(?:content|includes|json)/|rest_route=|https://api\.w\.org/", re.IGNORECASE)
_GHOST = re.compile(
    r"/ghost/api/|data-ghost=|ghost-(?:sdk|portal|search)|\bgh-(?:head|article|feed|card)\b|/assets/built/"
)
_API_HEADER = re.compile(r"<([^<>]{1,500})>\s*;\s*rel=\"?https://api\.w\.org/")
_DEED = re.compile(
    r"creativecommons\.org/(?:licenses/([a-z-]{2,10})/(\d\.\d)|publicdomain/(zero)/(\d\.\d))", re.IGNORECASE
)
_FREE = re.compile(
    r"(?:pode(?:m|rá|rão)? ser|é|são) (?:livremente )?(?:reproduzid|republicad|compartilhad)\w*|(?:livre|permitida) (?:a )?(?:reprodução|republicação)"
    r"|(?:reprodução|republicação) (?:é )?(?:livre|permitida|autorizada)",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(
    r"(?:proibid[ao]|vedad[ao]) (?:a )?(?:reprodução|republicação)|(?:reprodução|republicação) (?:\w+ ){0,3}(?:proibida|vedada)",
    re.IGNORECASE,
)
_RESERVED = re.compile(r"todos os direitos reservados|all rights reserved", re.IGNORECASE)
_LONG_NAME = 60
_LONGEST_TITLE = 250
_LEAST_WORDS = 3
_SLUG = re.compile(r"(?<![^\W_])[^\W_]+(?:[-_][^\W_]+)+")
_YEAR_OR_PAGE = re.compile(r"(?:19|20)\d\d|\d{1,2}")
_NUMBER_ASKED = re.compile(
    r"(?:^|&)(?:id|n|p|cod|codigo|noticia|materia|artigo|art|post|nid)=\d{1,9}(?:&|$)", re.IGNORECASE
)
_NUMBERED = re.compile(r"\d{3,}")
_DATED = re.compile(r"/(?:19|20)\d\d/(?:\d\d?/)?")
_PLACES = re.compile(
    r"not[ií]cia|[uú]ltima|arquivo|mat[eé]ria|artigo|reportage|todas|blog|acervo|edi[cç][oõ]es|se[cç][aã]o|news|archive|editoria|p[aá]gina",
    re.IGNORECASE,
)
_NO_PLACES = re.compile(
    r"contato|quem-?somos|sobre|privacidade|termos|anuncie|assin|login|apoi|doe|expediente|equipe|busca", re.IGNORECASE
)
_MOST_LINKS = 3000


@dataclass(slots=True, frozen=True)
class FrontPage:
    """What a front page tells.

    `platform`: WORDPRESS, GHOST or OTHER; `api`: where WordPress says that its REST interface is, empty for nowhere. `license`: an
    SPDX identifier or LicenseRef-…, null where nothing is said; `license_words`: what is said, as a docstring tells it. `articles`:
    addresses on it that look like articles'; `places`: pages that may list articles. `needs_scripts`: it shows next to no text.
    """

    platform: str
    marks: str
    theme: str
    generator: str
    name: str
    language: str
    license: str | None
    license_words: str
    api: str
    feeds: tuple[str, ...]
    articles: tuple[str, ...]
    places: tuple[str, ...]
    needs_scripts: bool
    link_texts: dict[str, str] = field(default_factory=dict)
    """The longest words that link to each address that looks like an article's: titles, mostly."""


@bounded
def read_front_page(page: Got, site_url: str) -> FrontPage:
    """What the front page of a site tells. Raises OverBudget."""
    tree, html = parse(page.text), page.text
    generator = next(iter(_contents(tree, "generator")), "")
    links = list(_links(tree, page.url, site_url))
    scope = Scope("site", site_url)
    articles = tuple(dict.fromkeys(url for url, _ in links if scope.has_article(url) and looks_like_article(url)))
    known = set(articles)
    places = [
        url
        for url, text in links
        if url not in known
        and not is_front_page(url)
        and _PLACES.search(f"{path_of(url)} {text}")
        and not _NO_PLACES.search(url)
    ]
    license, words = license_in(tree, html)
    platform, marks = _platform(html, page.headers.get("link", ""), generator, page.headers)
    themes = Counter(_THEME.findall(html))
    return FrontPage(
        platform=platform,
        marks=marks,
        theme=themes.most_common(1)[0][0] if themes else "",
        generator=generator[:_LONG_NAME],
        name=_name(tree),
        language=(tree.get("lang") or "").strip(),
        license=license,
        license_words=words,
        api=_api(tree, page),
        feeds=_feeds(tree, page.url, site_url),
        articles=articles,
        places=tuple(dict.fromkeys(places)),
        needs_scripts=not shows_text(tree) and len(articles) == 0,
        link_texts=_longest_texts(links, set(articles)),
    )


def _longest_texts(links: list[tuple[str, str]], articles: set[str]) -> dict[str, str]:
    longest: dict[str, str] = {}
    for url, text in links:
        if url in articles and len(text) > len(longest.get(url, "")) and len(text) <= _LONGEST_TITLE:
            longest[url] = text
    return longest


def looks_like_article(url: str) -> bool:
    """Whether an address has the form of an article's: a day, a slug of three words and more, or a number."""
    parts = urlsplit(url)
    path = parts.path
    if _NUMBER_ASKED.search(parts.query):
        return True
    last = path.rstrip("/").rpartition("/")[2].partition(".")[0]
    if _YEAR_OR_PAGE.fullmatch(last):
        return False
    slug = _SLUG.search(last)
    words = len(re.split(r"[-_]", slug[0])) if slug else 1
    return (
        words > _LEAST_WORDS
        or bool(last and _DATED.search(path))
        or (words >= 2 and bool(_NUMBERED.search(last)))
        or bool(re.fullmatch(r"\D{0,12}\d{3,}", last))
    )


def license_in(tree: etree._Element, html: str) -> tuple[str | None, str]:
    """The licence that a page names, as an identifier and in words for people; null and words where it names none."""
    if deed := _DEED.search(html):
        kind, version, zero, of_zero = deed.groups()
        return (
            (f"CC0-{of_zero}", f"CC0 {of_zero}")
            if zero
            else (f"CC-{kind.upper()}-{version}", f"CC {kind.upper()} {version}")
        )
    body = tree.find("body")
    text = text_of(body) if body is not None else ""
    if _FORBIDDEN.search(text):
        return "LicenseRef-all-rights-reserved", "reprodução proibida, segundo a página"
    if _FREE.search(text):
        return "LicenseRef-attribution", "reprodução livre, segundo a página; conferir o que pede"
    if _RESERVED.search(text):
        return "LicenseRef-all-rights-reserved", "todos os direitos reservados"
    return None, "não informada"


def _platform(html: str, link: str, generator: str, headers: dict[str, str]) -> tuple[str, str]:
    """The system behind a page, and by what it is known."""
    if generator.lower().startswith("ghost"):
        return GHOST, f"generator {generator[:_LONG_NAME]}"
    if generator.lower().startswith("wordpress"):
        return WORDPRESS, f"generator {generator[:_LONG_NAME]}"
    if "api.w.org" in link:
        return WORDPRESS, "its interface in the Link header"
    if mark := _WORDPRESS.search(html):
        return WORDPRESS, f"{mark[0]} in the page"
    if "x-ghost-cache-status" in headers or _GHOST.search(html):
        return GHOST, "its marks in the page"
    return OTHER, f"generator {generator[:_LONG_NAME]}" if generator else "no known mark"


def _api(tree: etree._Element, page: Got) -> str:
    for element in matches(tree, "link[rel='https://api.w.org/']"):
        if address := resolved(page.url, element.get("href", "")):
            return address
    header = _API_HEADER.search(page.headers.get("link", ""))
    return (resolved(page.url, header[1]) or "") if header else ""


def _feeds(tree: etree._Element, base: str, site_url: str) -> tuple[str, ...]:
    """The feeds that the head names, the site's own, those of comments left out."""
    found = []
    for element in matches(tree, "link[rel~=alternate][href]"):
        kind, address = element.get("type", "").lower(), resolved(base, element.get("href", ""))
        if not address or not ("rss" in kind or "atom" in kind) or not same_site(address, site_url):
            continue
        if not re.search(r"comment|coment", f"{address} {element.get('title', '')}", re.IGNORECASE):
            found.append(address)
    return tuple(dict.fromkeys(found))


def _name(tree: etree._Element) -> str:
    named = [*_contents(tree, "og:site_name"), *_contents(tree, "application-name")]
    head = tree.find("head/title")
    title = text_of(head) if head is not None else ""
    return " ".join((named[0] if named else re.split(r"\s[|–—»:-]\s", title)[0]).split())[:_LONG_NAME]


def _contents(tree: etree._Element, name: str) -> list[str]:
    return [
        value
        for element in tree.iter("meta")
        if (element.get("name") or element.get("property") or "").lower() == name
        and (value := (element.get("content") or "").strip())
    ]


def _links(tree: etree._Element, base: str, site_url: str) -> list[tuple[str, str]]:
    """The links of a page to the same site, with their words."""
    found = []
    for element in list(tree.iter("a"))[:_MOST_LINKS]:
        href = (element.get("href") or "").partition("#")[0]
        address = resolved(base, href) if href.strip() else None
        if address and same_site(address, site_url):
            found.append((address, text_of(element)))
    return found
