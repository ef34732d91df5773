"""One article, one address."""

from __future__ import annotations

import pytest

from aurora_crawl.addresses import canonical_address, same_site
from aurora_crawl.spiders.operamundi import OperamundiSpider

SITE = "https://www.jornal.example"
CANONICAL = "https://jornal.example/2022/02/09/um-texto"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.jornal.example/2022/02/09/um-texto",
        "https://www.jornal.example/2022/02/09/um-texto/",
        "http://jornal.example/2022/02/09/um-texto/",
        "https://JORNAL.example:443/2022/02/09/um-texto/",
        "https://www.jornal.example//2022/02/09//um-texto//",
        "https://www.jornal.example/2022/02/09/um-texto/amp/",
        "https://www.jornal.example/2022/02/09/um-texto/?amp=1",
        "https://www.jornal.example/2022/02/09/um-texto?outputType=amp",
        "https://www.jornal.example/2022/02/09/um-texto/print/",
        "https://www.jornal.example/2022/02/09/um-texto/?print=print",
        "https://www.jornal.example/2022/02/09/um-texto/?utm_source=x&utm_medium=y&fbclid=z",
        "https://www.jornal.example/2022/02/09/um-texto/?ref=outro.example#comentarios",
    ],
)
def test_forms_of_one_address_are_one(url: str) -> None:
    assert canonical_address(url, SITE) == CANONICAL


def test_what_names_another_article_stays() -> None:
    assert canonical_address(f"{SITE}/?p=12", SITE) == "https://jornal.example?p=12"
    assert canonical_address(f"{SITE}/?p=12", SITE) != canonical_address(f"{SITE}/?p=13", SITE)
    assert canonical_address(f"{SITE}/amparo/", SITE) == "https://jornal.example/amparo"


def test_old_and_new_addresses_of_opera_mundi_are_one() -> None:
    site, rewrites = OperamundiSpider.site_url, OperamundiSpider.rewrites
    old = canonical_address(f"{site}/politica-e-economia/12345/um-titulo", site, rewrites)
    assert old == canonical_address(f"{site}/politica-e-economia/um-titulo/", site, rewrites)
    assert old != canonical_address(f"{site}/opiniao/um-titulo/", site, rewrites)


def test_other_hosts_are_other_sites() -> None:
    assert same_site("http://jornal.example/x", SITE)
    assert not same_site("https://loja.jornal.example/x", SITE)
    assert not same_site("https://jornal.example.br/x", SITE)
