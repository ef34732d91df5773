"""Em Defesa do Comunismo."""

from aurora_crawl.platforms.ghost import GhostSpider


class EmdefesadocomunismoSpider(GhostSpider):
    """
    Site: Em Defesa do Comunismo, https://emdefesadocomunismo.com.br
    Acervo: extensão não conhecida
    Licença: não informada
    Verificado: nada visto no site; Ghost segundo código público de terceiros; regras lidas em um Ghost 5 de verdade
    """

    name = "emdefesadocomunismo"
    site_url = "https://emdefesadocomunismo.com.br"
    license = None
