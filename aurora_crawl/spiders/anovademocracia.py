"""A Nova Democracia."""

from aurora_crawl.extraction.rules import FOX
from aurora_crawl.platforms.wordpress import WordPressSpider
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.theme_cards import ELEMENTOR_LOOP_CARDS


class AnovademocraciaSpider(WordPressSpider):
    """
    Site: A Nova Democracia, https://anovademocracia.com.br
    Acervo: cerca de 18.700 matérias em 2023
    Licença: todos os direitos reservados
    Verificado: páginas de lista de 2023 anunciam a API REST; as respostas da API não foram vistas
    Observações: a busca do site só entrega as páginas 1 a 50 de 1.868; a API entrega o acervo
    """

    name = "anovademocracia"
    site_url = "https://anovademocracia.com.br"
    license = "LicenseRef-all-rights-reserved"
    post_types = ("posts", "materias-impressas")
    rules = FOX
    listings = (Listing("/?s=&_paged={page}", ELEMENTOR_LOOP_CARDS, oldest_first=True),)
