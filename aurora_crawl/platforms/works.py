"""Libraries of works: plain pages, works of one page or in chapters, indexes by authors and dates."""

from __future__ import annotations

from typing import ClassVar

from aurora_crawl.addresses import Rewrites
from aurora_crawl.crawling.site_spider import Routes, SiteSpider


class WorksSpider(SiteSpider):
    """A library whose works are documents: chapters are joined, notes and information blocks come apart, rights are read.

    What is expressly under rights is left out, and counted as `rights reserved`. A work is stored when all its chapters are
    there; a crawl that ended between two begins the work again.

    Example::

        class BibliotecaSpider(WorksSpider):
            '''
            Site: Biblioteca, https://biblioteca.example
            Acervo: fechado em 2009
            Licença: não informada
            Verificado: nada
            '''

            name = "biblioteca"
            site_url = "https://biblioteca.example"
            license = None
            only = "/portugues/"
            routes = (Indexes("/portugues/index.htm"),)
    """

    routes: ClassVar[Routes] = ("indexes",)
    reads: ClassVar[tuple[str, ...]] = ("works",)
    rewrites: ClassVar[Rewrites] = ((r"/(?:index|indice)\.html?$", ""),)
