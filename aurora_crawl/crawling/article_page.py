"""A site's article page becomes the Article that a crawl stores, by the site's own rules."""

from __future__ import annotations

from dataclasses import dataclass

from aurora_crawl.addresses import is_front_page, joined, refusal
from aurora_crawl.budget import within_budget
from aurora_crawl.crawling.site_reading import SiteReading
from aurora_crawl.extraction.article import extract_article
from aurora_crawl.extraction.loader import new_loader
from aurora_crawl.items import Article, article_id, join_paragraphs
from aurora_crawl.routes.route import Found


@dataclass(slots=True, frozen=True)
class ReadPage:
    """A page as it was read: its Article, and the other address of the site that it names as its own, if it names one."""

    article: Article
    claims: str | None = None


def read_article_page(html: str, url: str, reading: SiteReading, *, route: str, found: Found | None = None) -> Article:
    """The Article on a page that the server answered at `url`; empty fields where the page has no such thing.

    What a listing showed (`found`) fills what the page itself does not tell.
    """
    return read_page(html, url, reading, route=route, found=found).article


def read_page(html: str, url: str, reading: SiteReading, *, route: str, found: Found | None = None) -> ReadPage:
    """The same, with what the page claims of its address. The Article's id is that of `url`, whatever the page claims.

    Raises OverBudget for a page that takes longer to read than a page may.
    """
    with within_budget():
        page = extract_article(html, url, reading.rules)
    loader = new_loader(url, site=reading.site, site_url=reading.site_url, route=route, license=reading.license)
    loader.add_value("text", join_paragraphs(page.paragraphs))
    loader.add_value("removed", page.removed)
    loader.add_value("title", page.title or (found.title if found else None))
    loader.add_value("published", _more_exact(page.published, found.published if found else None))
    loader.add_value("modified", page.modified)
    loader.add_value("authors", page.authors or (found.authors if found else []))
    loader.add_value("section", page.section or (found.section if found else None))
    loader.add_value("tags", page.tags)
    article: Article = loader.load_item()
    article.id = article_id(reading.canonical(url))
    return ReadPage(article, _claimed(url, page.canonical, reading))


def _claimed(url: str, declared: str | None, reading: SiteReading) -> str | None:
    """The address that a page declares, where it is another one on the same site, and not the front page's."""
    address = joined(url, declared) if declared else url
    if refusal(address, reading.site_url) is not None or is_front_page(address):
        return None
    return address if reading.canonical(address) != reading.canonical(url) else None


def _more_exact(told: str | None, shown: str | None) -> str | None:
    """The page's own moment, unless it is the bare day of which the listing showed the hour."""
    return shown if shown and (told is None or (len(told) < len(shown) and shown.startswith(told))) else told
