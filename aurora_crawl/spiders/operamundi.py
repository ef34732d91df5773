"""Opera Mundi."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class OperamundiSpider(WordPressSpider):
    """
    Site: Opera Mundi, https://operamundi.uol.com.br
    Acervo: cerca de 6.850 matérias em quatro seções em 2023
    Licença: não informada
    Verificado: endereços antigos e novos vistos em textos; o WordPress de hoje não foi visto
    Observações: /SEÇÃO/NÚMERO/TÍTULO, do sistema anterior, e /SEÇÃO/TÍTULO/ são a mesma matéria
    """

    name = "operamundi"
    site_url = "https://operamundi.uol.com.br"
    license = None
    rewrites = ((r"^(/[a-z-]+)/\d+/([^/]+)$", r"\1/\2"),)
