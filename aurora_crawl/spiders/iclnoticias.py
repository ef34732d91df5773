"""ICL Notícias."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class IclnoticiasSpider(WordPressSpider):
    """
    Site: ICL Notícias, https://iclnoticias.com.br
    Acervo: extensão não conhecida
    Licença: não informada
    Verificado: nada visto no site; WordPress segundo código público de terceiros (usa o feed)
    """

    name = "iclnoticias"
    site_url = "https://iclnoticias.com.br"
    license = None
