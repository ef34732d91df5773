"""O Farol do Vale, the invented newspaper."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class OfaroldovaleSpider(WordPressSpider):
    """
    Site: O Farol do Vale, jornal inventado, servido só neste computador
    Acervo: 66 matérias
    Licença: a deste programa
    Verificado: tudo, a cada demonstração
    """

    name = "ofaroldovale"
    site_url = "https://ofaroldovale.example"
    license = "MIT"
