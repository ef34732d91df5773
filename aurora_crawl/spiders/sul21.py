"""Sul21."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class Sul21Spider(WordPressSpider):
    """
    Site: Sul21, https://sul21.com.br
    Acervo: extensão não conhecida
    Licença: não verificada
    Verificado: nada visto; endereço e WordPress segundo conhecimento geral
    """

    name = "sul21"
    site_url = "https://sul21.com.br"
    license = None
