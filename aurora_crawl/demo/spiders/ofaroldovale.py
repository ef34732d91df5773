"""O Farol do Vale, the invented newspaper."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class OfaroldovaleSpider(WordPressSpider):
    """
    Site: O Farol do Vale, jornal inventado, servido só neste computador
    Acervo: 66 matérias
    Licença: CC BY-SA 4.0
    Verificado: tudo, a cada demonstração
    """

    name = "ofaroldovale"
    site_url = "https://ofaroldovale.example"
    license = "CC-BY-SA-4.0"
