"""Sites on WordPress."""

from __future__ import annotations

from typing import ClassVar

from aurora_crawl.crawling.site_spider import Routes, SiteSpider
from aurora_crawl.routes.feed import Feed
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.rest import Rest
from aurora_crawl.routes.sitemap import Sitemap
from aurora_crawl.routes.theme_cards import WORDPRESS_CARDS


class WordPressSpider(SiteSpider):
    """A site on WordPress, read through its REST API.

    Example::

        class JornalSpider(WordPressSpider):
            '''
            Site: Jornal, https://jornal.example
            Acervo: desde 2012
            Licença: CC BY 4.0
            Verificado: nada
            '''

            name = "jornal"
            site_url = "https://jornal.example"
            license = "CC-BY-4.0"
    """

    routes: ClassVar[Routes] = (
        Rest(),
        Sitemap(),
        Feed("/feed/?paged={page}"),
        Listing("/page/{page}/", WORDPRESS_CARDS),
    )
