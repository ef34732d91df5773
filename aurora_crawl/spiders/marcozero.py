"""Marco Zero Conteúdo."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class MarcozeroSpider(WordPressSpider):
    """
    Site: Marco Zero Conteúdo, https://marcozero.org
    Acervo: extensão não conhecida
    Licença: não verificada
    Verificado: nada visto; endereço e WordPress segundo conhecimento geral
    """

    name = "marcozero"
    site_url = "https://marcozero.org"
    license = None
