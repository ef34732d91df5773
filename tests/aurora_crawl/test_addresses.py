"""One article, one address."""

from __future__ import annotations

import pytest

from aurora_crawl.addresses import canonical_address, is_front, resolved, same_site
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
        "https://www.jornal.example/2022/02/09/um-texto/?srsltid=A&gad_source=1&gclsrc=aw.ds&mibextid=Z&fb_action_ids=1",
        "https://www.jornal.example/2022/02/09/um-texto/?mtm_campaign=x&ttclid=1&mkt_tok=2&__twitter_impression=true",
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


def test_a_slug_with_its_accents_apart_is_the_same_slug() -> None:
    whole = canonical_address(f"{SITE}/2021/s%C3%A3o-jo%C3%A3o/", SITE)
    assert canonical_address(f"{SITE}/2021/sa%CC%83o-joa%cc%83o/", SITE) == whole
    assert canonical_address(f"{SITE}/2021/sa\u0303o-joa\u0303o", SITE) == whole
    assert canonical_address(f"{SITE}/2021/sao-joao/", SITE) != whole


def test_the_front_page_and_articles_under_it() -> None:
    assert [is_front(SITE + path) for path in ("", "/", "/?utm_source=x", "/index.php", "/?page_id=7")] == [True] * 5
    assert [is_front(SITE + path) for path in ("/?p=7", "/index.php?p=7&x=1", "/um-texto/")] == [False] * 3
    assert canonical_address(f"{SITE}/index.php?p=7", SITE) == canonical_address(f"{SITE}/?p=7", SITE)


@pytest.mark.parametrize(
    "written",
    [
        "http://[x",
        "file:///etc/passwd",
        "javascript:x",
        "https://a:99999999/",
        "/" + "a" * 3000,
        "mailto:a@b.c",
    ],
)
def test_what_is_no_address_of_the_web_is_none(written: str) -> None:
    assert resolved(f"{SITE}/feed/", written) is None


def test_addresses_are_resolved_as_browsers_do() -> None:
    assert resolved(f"{SITE}/a/", " ../um-\ntexto/ ") == f"{SITE}/um-texto/"
    assert resolved(f"{SITE}/a/", "//jornal.example/x") == "https://jornal.example/x"
