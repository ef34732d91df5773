"""Outras Palavras."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class OutraspalavrasSpider(WordPressSpider):
    """
    Site: Outras Palavras, https://outraspalavras.net
    Acervo: desde 2010
    Licença: não informada
    Verificado: nada visto; WordPress segundo código público de terceiros (feed paginado)
    """

    name = "outraspalavras"
    site_url = "https://outraspalavras.net"
    license = None
