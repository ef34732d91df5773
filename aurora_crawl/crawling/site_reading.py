"""How a site's pages are read: the part of its declaration that reading needs."""

from __future__ import annotations

from dataclasses import dataclass

from aurora_crawl.addresses import Rewrites, canonical_address
from aurora_crawl.extraction.rules import Rules

PAGES = ("html",)


@dataclass(slots=True, frozen=True)
class SiteReading:
    """What reading a site's pages needs to know of the site: a part of its declaration."""

    site: str
    site_url: str
    license: str | None
    rules: Rules | None = None
    rewrites: Rewrites = ()
    reads: tuple[str, ...] = PAGES
    """What a document is: a page (`html`), a file that a page leads to (`pdf`), a work of one or several pages (`works`)."""

    def canonical(self, url: str) -> str:
        """The canonical form of an address of the site."""
        return canonical_address(url, self.site_url, self.rewrites)
