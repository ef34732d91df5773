"""Sites on Ghost."""

from __future__ import annotations

from typing import ClassVar

from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.extraction.rules import GHOST_SOURCE, Rules
from aurora_crawl.routes.cards import Listing
from aurora_crawl.routes.theme_cards import GHOST_CARDS


class GhostSpider(SiteSpider):
    """A site on Ghost: its sitemap of posts, else its front page and the pages that follow, else its feed's 15 newest.

    Example::

        class RevistaSpider(GhostSpider):
            '''
            Site: Revista, https://revista.example
            Acervo: desde 2021
            Licença: não informada
            Verificado: nada
            '''

            name = "revista"
            site_url = "https://revista.example"
            license = None
    """

    routes: ClassVar[tuple[str, ...]] = ("sitemap", "listing", "feed")
    sitemaps: ClassVar[tuple[str, ...]] = ("/sitemap-posts.xml",)
    feed: ClassVar[str] = "/rss/"
    # The first page and the second hold the same posts in the theme Source, the visible link always leads to the second:
    # the head's rel=next counts.
    listings: ClassVar[tuple[Listing, ...]] = (Listing("/", GHOST_CARDS, next="link[rel=next]"),)
    rules: ClassVar[Rules | None] = GHOST_SOURCE
