"""A Verdade."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class AverdadeSpider(WordPressSpider):
    """
    Site: A Verdade, https://averdade.org.br
    Acervo: cerca de 6.900 matérias em 2023
    Licença: reprodução livre com crédito ao autor e à fonte
    Verificado: páginas de lista de 2023 anunciam a API REST; as respostas da API não foram vistas
    """

    name = "averdade"
    site_url = "https://averdade.org.br"
    license = "LicenseRef-attribution"
