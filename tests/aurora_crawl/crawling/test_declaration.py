"""What a site's class says when it is incomplete or contradicts itself."""

from __future__ import annotations

from typing import Any

import pytest

from aurora_crawl.crawling.declaration import DeclarationError
from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.platforms.ghost import GhostSpider
from aurora_crawl.platforms.static import StaticSpider
from aurora_crawl.platforms.wordpress import WordPressSpider
from aurora_crawl.routes.cards import Cards
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.loadmore import LoadMore

DOC = """
Site: Jornal, https://jornal.example
Acervo: desde 2012
Licença: não informada
Verificado: nada
"""
WHOLE = {
    "name": "jornal",
    "site_url": "https://jornal.example",
    "license": None,
    "__doc__": DOC,
    "__module__": "x.jornal",
}


def declare(base: type[SiteSpider] = WordPressSpider, **changes: Any) -> type:
    attributes = {key: value for key, value in (WHOLE | changes).items() if value != "missing"}
    return type("JornalSpider", (base,), attributes)


@pytest.mark.parametrize("base", [WordPressSpider, GhostSpider])
def test_a_whole_declaration_makes_a_site(base: type[SiteSpider]) -> None:
    assert declare(base).name == "jornal"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"site_url": "https://jornal.example/"}, "without a slash at the end"),
        ({"site_url": "jornal.example"}, "wants an address"),
        ({"license": "livre"}, "SPDX"),
        ({"license": "missing"}, "null says that it is unknown"),
        ({"name": "Jornal"}, "small letters and digits"),
        ({"name": "gazeta"}, "both must be the same"),
        ({"routes": ()}, "routes is empty"),
        ({"routes": ("rest", "telepatia")}, "unknown route 'telepatia'"),
        ({"routes": ("listing",), "listings": ()}, "listings is empty"),
        ({"routes": ("loadmore",)}, "growing is empty"),
        ({"growing": (LoadMore("/", Cards("a", "b")),)}, "routes has no loadmore"),
        ({"listings": (Listing("page/{page}", Cards("a", "b")),)}, "is no path"),
        ({"listings": (Listing("/{pagina}", Cards("a", "b")),)}, "is no path"),
        ({"listings": (Listing("/", Cards("a[", "b")),)}, "is no CSS selector"),
        ({"articles": "("}, "is no regular expression"),
        ({"only": "pt"}, "how the paths begin"),
        ({"__doc__": "Site: x"}, "does not tell 'Acervo'"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        declare(**changes)
    assert words in str(caught.value)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(DeclarationError) as caught:
        declare(StaticSpider, site_url="x", license="y", routes=("listing",))
    assert all(words in str(caught.value) for words in ("site_url", "license", "listings is empty"))
