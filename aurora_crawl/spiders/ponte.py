"""Ponte Jornalismo."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class PonteSpider(WordPressSpider):
    """
    Site: Ponte Jornalismo, https://ponte.org
    Acervo: extensão não conhecida
    Licença: não verificada
    Verificado: nada visto; endereço e WordPress segundo conhecimento geral
    """

    name = "ponte"
    site_url = "https://ponte.org"
    license = None
