"""Sites without a system behind them: pages of plain HTML that indexes link."""

from __future__ import annotations

from typing import ClassVar

from aurora_crawl.crawling.site_spider import Routes, SiteSpider


class StaticSpider(SiteSpider):
    """A site whose index pages, its `listings`, lead to the articles.

    Example::

        class ArquivoSpider(StaticSpider):
            '''
            Site: Arquivo, https://arquivo.example
            Acervo: fechado em 2009
            Licença: não informada
            Verificado: nada
            '''

            name = "arquivo"
            site_url = "https://arquivo.example"
            license = None
            listings = (Listing("/indice.htm", Cards(card="main li", title="a")),)
    """

    routes: ClassVar[Routes] = ("listing", "sitemap")
