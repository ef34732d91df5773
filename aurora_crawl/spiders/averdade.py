"""A Verdade."""

from aurora_crawl.extraction.rules import NEWSPAPER_TDB
from aurora_crawl.platforms.wordpress import WordPressSpider
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.theme_cards import NEWSPAPER_CARDS


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
    articles = r"^/\d{4}/\d{2}/."
    rules = NEWSPAPER_TDB
    listings = (Listing("/page/{page}/?s", NEWSPAPER_CARDS),)
