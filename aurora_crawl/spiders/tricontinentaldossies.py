"""Dossiers of Instituto Tricontinental de Pesquisa Social."""

from aurora_crawl.platforms.wordpress import WordPressSpider


class TricontinentaldossiesSpider(WordPressSpider):
    """
    Site: Dossiês do Instituto Tricontinental, https://thetricontinental.org
    Acervo: um dossiê por mês desde 2018
    Licença: não informada
    Verificado: endereços em português (/pt-pt/dossie…) vistos em textos; páginas e arquivos não foram vistos
    Observações: o texto é o do PDF a que a página de cada dossiê leva; o que a página mesma diz é de `tricontinental`
    """

    name = "tricontinentaldossies"
    site_url = "https://thetricontinental.org"
    license = None
    only = "/pt-pt/dossie"
    reads = ("pdf",)
