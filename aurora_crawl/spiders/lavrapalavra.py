"""LavraPalavra."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class LavrapalavraSpider(WordPressSpider):
    """
    Site: LavraPalavra, https://lavrapalavra.com
    Acervo: extensão não conhecida
    Licença: não informada
    Verificado: nada visto no site; WordPress segundo código público de terceiros (feed e arquivos por mês)
    """

    name = "lavrapalavra"
    site_url = "https://lavrapalavra.com"
    license = None
