"""A site's article page becomes the Article that a crawl stores, by the site's own rules."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from aurora_crawl.addresses import Rewrites, canonical_address, is_front, same_site
from aurora_crawl.extraction.article import extract_article
from aurora_crawl.extraction.loader import new_loader
from aurora_crawl.extraction.rules import Rules
from aurora_crawl.items import Article, article_id, join_paragraphs
from aurora_crawl.routes.route import Found


@dataclass(slots=True, frozen=True)
class SiteReading:
    """What reading a site's pages needs to know of the site: a part of its declaration."""

    site: str
    site_url: str
    license: str | None
    rules: Rules | None = None
    rewrites: Rewrites = ()

    def canonical(self, url: str) -> str:
        """The canonical form of an address of the site."""
        return canonical_address(url, self.site_url, self.rewrites)


def read_article_page(html: str, url: str, reading: SiteReading, *, route: str, found: Found | None = None) -> Article:
    """The Article on a page that the server answered at `url`; empty fields where the page has no such thing.

    What a listing showed (`found`) fills what the page itself does not tell.
    """
    page = extract_article(html, url, reading.rules)
    own = own_address(url, page.canonical, reading)
    loader = new_loader(url, site=reading.site, site_url=reading.site_url, route=route, license=reading.license)
    loader.know(id=article_id(own), text=join_paragraphs(page.paragraphs))
    loader.add_value("title", page.title or (found.title if found else None))
    loader.add_value("published", _more_exact(page.published, found.published if found else None))
    loader.add_value("modified", page.modified)
    loader.add_value("authors", page.authors or (found.authors if found else []))
    loader.add_value("section", page.section or (found.section if found else None))
    loader.add_value("tags", page.tags)
    return loader.load_item()


def own_address(url: str, declared: str | None, reading: SiteReading) -> str:
    """The canonical address of a page: what the page declares, where that is an article's address on the same site."""
    address = urljoin(url, declared) if declared else url
    if not same_site(address, reading.site_url) or is_front(address):
        address = url
    return reading.canonical(address)


def _more_exact(told: str | None, shown: str | None) -> str | None:
    """The page's own moment, unless it is the bare day of which the listing showed the hour."""
    return shown if shown and (told is None or (len(told) < len(shown) and shown.startswith(told))) else told
