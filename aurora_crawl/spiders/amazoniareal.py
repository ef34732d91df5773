"""Amazônia Real."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class AmazoniarealSpider(WordPressSpider):
    """
    Site: Amazônia Real, https://amazoniareal.com.br
    Acervo: extensão não conhecida
    Licença: não verificada
    Verificado: nada visto; endereço e WordPress segundo conhecimento geral
    """

    name = "amazoniareal"
    site_url = "https://amazoniareal.com.br"
    license = None
