"""Marxists Internet Archive, Portuguese section."""

from aurora_crawl.platforms.works import WorksSpider
from aurora_crawl.routes.indexes import Indexes


class MarxistsSpider(WorksSpider):
    """
    Site: Arquivo Marxista na Internet, https://www.marxists.org
    Acervo: seção em português; extensão não conhecida
    Licença: não informada
    Verificado: modelo das páginas descrito por terceiros; nenhuma página do site foi vista
    Observações: a licença de cada obra é lida do quadro de informações; obras com direitos reservados ficam de fora
    """

    name = "marxists"
    site_url = "https://www.marxists.org"
    license = None
    only = "/portugues/"
    routes = (Indexes("/portugues/index.htm"),)
