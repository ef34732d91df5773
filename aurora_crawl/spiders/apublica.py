"""Agência Pública."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class ApublicaSpider(WordPressSpider):
    """
    Site: Agência Pública, https://apublica.org
    Acervo: extensão não conhecida
    Licença: não verificada
    Verificado: nada visto; endereço e WordPress segundo conhecimento geral
    """

    name = "apublica"
    site_url = "https://apublica.org"
    license = None
