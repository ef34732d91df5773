"""Biblioteca da Questão Agrária, MST."""

from aurora_crawl.platforms.wordpress import WordPressSpider
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.rest import Rest
from aurora_crawl.routes.sitemap import Sitemap
from aurora_crawl.routes.theme_cards import DOWNLOAD_CARDS


class MstbibliotecaSpider(WordPressSpider):
    """
    Site: Biblioteca da Questão Agrária do MST, https://mst.org.br
    Acervo: livros e cartilhas em PDF; extensão não conhecida
    Licença: não informada
    Verificado: o endereço da biblioteca, visto em textos; cartões, API e arquivos não foram vistos
    Observações: supõe o plugin Download Manager; o texto é o do PDF a que cada página leva
    """

    name = "mstbiblioteca"
    site_url = "https://mst.org.br"
    license = None
    only = "/download/"
    post_types = ("wpdmpro",)
    reads = ("pdf",)
    routes = (Rest(), Listing("/biblioteca-da-questao-agraria/page/{page}/", DOWNLOAD_CARDS), Sitemap())
