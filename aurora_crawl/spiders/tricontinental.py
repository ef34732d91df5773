"""Instituto Tricontinental de Pesquisa Social."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class TricontinentalSpider(WordPressSpider):
    """
    Site: Instituto Tricontinental de Pesquisa Social, https://thetricontinental.org
    Acervo: desde 2018; extensão em português não conhecida
    Licença: não informada
    Verificado: endereços em português (/pt-pt/) vistos em textos; o site não foi visto
    Observações: só a parte em português; os dossiês existem também em PDF, que `tricontinentaldossies` lê
    """

    name = "tricontinental"
    site_url = "https://thetricontinental.org"
    license = None
    only = "/pt-pt/"
