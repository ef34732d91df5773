"""ICL Economia."""

from aurora_crawl.platforms.wordpress import WordPressSpider
from aurora_crawl.routes.cards import Cards
from aurora_crawl.routes.listing import Listing


class IcleconomiaSpider(WordPressSpider):
    """
    Site: ICL Economia, https://icleconomia.com.br
    Acervo: cerca de 3.740 matérias em 2023
    Licença: não informada
    Verificado: páginas de lista de 2023, que não anunciam a API REST; as páginas das matérias não foram vistas
    Observações: a data só está no cartão da lista
    """

    name = "icleconomia"
    site_url = "https://icleconomia.com.br"
    license = None
    routes = ("rest", "listing", "sitemap", "feed")
    listings = (
        Listing("/page/{page}/?s", Cards(card=".blog-post-content", title=".text-icle-link-1", date=".content span")),
    )
