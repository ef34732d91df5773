"""Revista Opera."""

from aurora_crawl.extraction.rules import NEWSPAPER_CLASSIC
from aurora_crawl.platforms.wordpress import WordPressSpider
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.theme_cards import NEWSPAPER_CARDS


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
    articles = r"^(/en)?/\d{4}/\d{2}/\d{2}/."
    rules = NEWSPAPER_CLASSIC
    listings = (Listing("/page/{page}/?s", NEWSPAPER_CARDS),)
