"""Sites on Ghost."""

from __future__ import annotations

from typing import ClassVar

from aurora_crawl.crawling.site_spider import Routes, SiteSpider
from aurora_crawl.extraction.rules import GHOST_SOURCE, Rules
from aurora_crawl.routes.feed import Feed
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.sitemap import Sitemap
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

    routes: ClassVar[Routes] = (
        Sitemap("/sitemap-posts.xml"),
        # The first page and the second hold the same posts in the theme Source, the visible link always leads to the second:
        # the head's rel=next counts.
        Listing("/", GHOST_CARDS, next="link[rel=next]"),
        Feed("/rss/"),
    )
    rules: ClassVar[Rules | None] = GHOST_SOURCE
