"""MST."""

from aurora_crawl.extraction.rules import BLOCKSY
from aurora_crawl.platforms.wordpress import WordPressSpider
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.theme_cards import BLOCKSY_CARDS


class MstSpider(WordPressSpider):
    """
    Site: Movimento dos Trabalhadores Rurais Sem Terra, https://mst.org.br
    Acervo: cerca de 6.400 notícias em 2023
    Licença: todos os direitos reservados
    Verificado: páginas de lista de 2023, que anunciam a API REST; as respostas da API e as páginas das matérias não foram vistas
    Observações: os textos em espanhol, inglês e francês caem no filtro de língua
    """

    name = "mst"
    site_url = "https://mst.org.br"
    license = "LicenseRef-all-rights-reserved"
    rules = BLOCKSY
    listings = (Listing("/conteudo/noticias/page/{page}/", BLOCKSY_CARDS),)
