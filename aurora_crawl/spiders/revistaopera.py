"""Revista Opera."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class RevistaoperaSpider(WordPressSpider):
    """
    Site: Revista Opera, https://revistaopera.com.br
    Acervo: cerca de 2.050 matérias em 2023
    Licença: não informada
    Verificado: páginas de lista de 2023 (WordPress 5.8); as respostas da API REST não foram vistas
    Observações: a parte em inglês, sob /en/, cai no filtro de língua
    """

    name = "revistaopera"
    site_url = "https://revistaopera.com.br"
    license = None
