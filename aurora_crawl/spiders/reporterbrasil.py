"""Repórter Brasil."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class ReporterbrasilSpider(WordPressSpider):
    """
    Site: Repórter Brasil, https://reporterbrasil.org.br
    Acervo: extensão não conhecida
    Licença: não verificada
    Verificado: nada visto; endereço e WordPress segundo conhecimento geral
    """

    name = "reporterbrasil"
    site_url = "https://reporterbrasil.org.br"
    license = None
