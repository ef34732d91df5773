"""Marxists Internet Archive, Portuguese section."""

from aurora_crawl.platforms.works import WorksSpider
from aurora_crawl.routes.indexes import Indexes


class MarxistsSpider(WorksSpider):
    """
    Site: Arquivo Marxista na Internet, https://www.marxists.org
    Acervo: seção em português; extensão não conhecida
    Licença: não informada
    Verificado: o modelo das páginas, descrito por terceiros; as páginas e os índices não foram vistos
    Observações: a licença de cada obra é lida do quadro de informações; obras com direitos reservados ficam de fora
    """

    name = "marxists"
    site_url = "https://www.marxists.org"
    license = None
    only = "/portugues/"
    routes = (Indexes("/portugues/index.htm"),)
