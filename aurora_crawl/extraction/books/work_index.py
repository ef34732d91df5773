"""A library of works: how its pages are built, its addresses, and which pages lead to which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from aurora_crawl.addresses import path_of, resolved, same_site
from aurora_crawl.extraction.rules import matches
from aurora_crawl.extraction.tree import parse, text_of

_INDEX = re.compile(r"(?:^|/)(?:index|indice)\.html?$|/$", re.IGNORECASE)
_PAGE = re.compile(r"\.html?$|/$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WorkTemplate:
    """Where a library's pages have what: CSS selectors. Title, author and date are the first such headings of the page."""

    content: str = "main"
    title: str = "h1"
    author: str = "h2"
    published: str = "h3"
    information: str = "p.info"
    navigation: str = "nav"


def folder_of(url: str) -> str:
    """The folder of an address, with a slash at its end."""
    return url.partition("#")[0].partition("?")[0].rpartition("/")[0] + "/"


def is_index(url: str) -> bool:
    """Whether an address is that of a folder's first page."""
    return bool(_INDEX.search(path_of(url)))


def links_on(html: str, url: str) -> list[str]:
    """The addresses of pages of the same site that a page links, each once, in its order."""
    root = parse(html)
    return list(dict.fromkeys(address for _, address in links(root, url)))


def has_information(html: str, template: WorkTemplate) -> bool:
    """Whether a page has a work's information block."""
    return any(text_of(one) for one in matches(parse(html), template.information))


def links(root: etree._Element, url: str) -> Iterator[tuple[etree._Element, str]]:
    """The links to other pages of the same site, each with its address."""
    own = url.partition("#")[0]
    for link in root.iter("a"):
        href = link.get("href") or ""
        address = resolved(url, href.partition("#")[0]) if href and not href.startswith("#") else None
        if address and address != own and same_site(address, url) and _PAGE.search(path_of(address)):
            yield link, address
