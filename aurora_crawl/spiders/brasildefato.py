"""Brasil de Fato."""

from aurora_crawl.extraction.rules import ELEMENTOR
from aurora_crawl.platforms.wordpress import WordPressSpider
from aurora_crawl.routes.cards import Cards
from aurora_crawl.routes.listing import Listing


class BrasildefatoSpider(WordPressSpider):
    """
    Site: Brasil de Fato, https://www.brasildefato.com.br
    Acervo: cerca de 43.300 matérias em 2023
    Licença: CC BY-ND 4.0
    Verificado: páginas de lista de 2023, do sistema anterior; o WordPress de hoje não foi visto
    Observações: mudou de sistema; o mesmo endereço com e sem barra no fim é uma só matéria
    """

    name = "brasildefato"
    site_url = "https://www.brasildefato.com.br"
    license = "CC-BY-ND-4.0"
    articles = r"^/\d{4}/\d{2}/\d{2}/."
    rules = ELEMENTOR
    listings = (Listing("/ultimas-noticias?pagina={page}", Cards(card="#news-list .news-item", title=".title")),)
