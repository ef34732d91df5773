"""One article, one address."""

from __future__ import annotations

import pytest

from aurora_crawl.addresses import (
    ANOTHER_SCHEME,
    ANOTHER_SITE,
    BAD_PORT,
    CONTROL_CHARACTERS,
    MOST_LETTERS,
    NO_ADDRESS,
    TOO_LONG,
    USER_NAME,
    canonical_address,
    host_of,
    is_front_page,
    joined,
    path_of,
    refusal,
    resolved,
    same_site,
    shown,
)
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


ON_THE_SITE = [
    "https://www.jornal.example/x",
    "http://jornal.example/x",
    "HTTP://JORNAL.EXAMPLE/x",
    "https://jornal.example:443/x",
    "http://jornal.example:80/x",
    "https://jornal.example./x",
    "https://jornal\u3002example/x",
    "https://jornal.example/um texto/\u00e1?q=\u00e7#fim",
    "  https://jornal.example/x\n",
    "https://jornal.example\\x",
    "https://jornal.example/" + "a" * (MOST_LETTERS - 30),
]
REFUSED = {
    ANOTHER_SCHEME: [
        "file:///etc/passwd",
        "file://jornal.example/etc/passwd",
        "FILE://jornal.example/x",
        "ftp://jornal.example/x",
        "data:text/html,<h1>x",
        "javascript:alert(1)",
        "s3://bucket/chave",
        "blob:https://jornal.example/1",
        "view-source:https://jornal.example/",
        "mailto:a@jornal.example",
    ],
    NO_ADDRESS: [
        "",
        "x",
        "//jornal.example/x",
        "http:/jornal.example/x",
        "http:jornal.example",
        "https://",
        "https:///x",
        "http://[x",
        "http://[x]/",
        "http://[::1",
        "http://[::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://2130706433/",
        "http://127.1/",
        "http://0/",
        "http://1.2.3.256/",
        "http://127%2e0%2e0%2e1/",
        "https://jornal%2eexample/x",
        "https://jornal.example%00.mau.example/",
        "https://jornal.example%5c.mau.example/",
        "https://a..b/",
        "https://-a/",
        "https://" + "a" * 300 + ".example/",
        "https://jornal.example:x/",
        "https://jornal.example:\u0663/",
        "https://jornal.example:-1/",
        "https://jornal.example:99999999/",
        "https://jornal.example/\ud800",
    ],
    BAD_PORT: ["https://jornal.example:0/"],
    USER_NAME: ["https://ana:senha@jornal.example/", "https://jornal.example@mau.example/", "https://@jornal.example/"],
    CONTROL_CHARACTERS: [
        "https://jornal.example/a\tb",
        "https://jor\nnal.example/",
        "https://jornal.example/\x00",
        "https://jornal.example/\x1b[2J",
        "https://jornal.example/\x9b",
        "java\nscript:alert(1)",
    ],
    TOO_LONG: [
        "https://jornal.example/" + "a" * MOST_LETTERS,
        "https://jornal.example/" + "\u00e9" * 500,
        "x" * 100_000,
    ],
    ANOTHER_SITE: [
        "https://mau.example/",
        "https://m.jornal.example/x",
        "https://jornal.example.mau.example/",
        "https://mau.example\\@jornal.example/",
        "https://mau.example#@jornal.example/",
        "https://mau.example?@jornal.example/",
        "https://jornal.example:8443/",
        "https://jornal.example:80/",
        "http://127.0.0.1/",
        "http://127.0.0.1./",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://\u2460\u2461\u2466.0.0.1/",
        "https://j\u043ernal.example/",
    ],
}


@pytest.mark.parametrize("url", ON_THE_SITE)
def test_what_is_on_the_site_may_be_asked_for(url: str) -> None:
    assert refusal(url, SITE) is None


@pytest.mark.parametrize(("reason", "url"), [(reason, url) for reason, urls in REFUSED.items() for url in urls])
def test_everything_else_is_refused_with_its_reason(reason: str, url: str) -> None:
    assert refusal(url, SITE) == reason
    assert refusal(url) == (None if reason == ANOTHER_SITE else reason)


@pytest.mark.parametrize("url", [url for urls in REFUSED.values() for url in urls])
def test_no_text_breaks_what_is_asked_of_addresses(url: str) -> None:
    assert isinstance(canonical_address(url, SITE).encode(), bytes)
    assert isinstance(joined(SITE, url), str)
    assert isinstance(joined(url, "/x"), str)
    assert is_front_page(url) in (True, False)
    assert same_site(url, SITE) in (True, False)
    assert shown(url).isprintable()
    assert len(shown(url)) < 130


@pytest.mark.parametrize(
    ("url", "site_url"),
    [
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/x", "http://[::1]:8000"),
        ("http://caf\u00e9.example/x", "http://xn--caf-dma.example"),
        ("http://xn--caf-dma.example/x", "http://www.caf\u00e9.example"),
        ("http://servidor:8000/x", "http://servidor:8000"),
    ],
)
def test_a_site_that_a_person_typed_may_be_anywhere(url: str, site_url: str) -> None:
    assert refusal(site_url) is None
    assert refusal(url, site_url) is None
    assert refusal(url.replace(":8000", "") + "?", site_url) == (ANOTHER_SITE if ":8000" in url else None)


@pytest.mark.parametrize(
    ("url", "is_front"),
    [
        ("/", True),
        ("", True),
        ("/?utm_source=x", True),
        ("/index.php", True),
        ("/?p=12", False),
        ("/index.php?p=1&x=2", False),
    ],
)
def test_an_article_by_its_number_is_not_the_front_page(url: str, is_front: bool) -> None:
    assert is_front_page(SITE + url) is is_front


def test_letters_are_composed_however_they_are_written() -> None:
    composed = canonical_address("https://jornal.example/caf\u00e9/", SITE)
    assert composed == "https://jornal.example/caf%C3%A9"
    assert canonical_address("https://jornal.example/cafe\u0301/", SITE) == composed
    assert canonical_address("https://jornal.example/cafe%cc%81/", SITE) == composed
    assert canonical_address("https://jornal.example/caf%e9/", SITE) != composed


def test_a_slug_with_its_accents_apart_is_the_same_slug() -> None:
    whole = canonical_address(f"{SITE}/2021/s%C3%A3o-jo%C3%A3o/", SITE)
    assert canonical_address(f"{SITE}/2021/sa%CC%83o-joa%cc%83o/", SITE) == whole
    assert canonical_address(f"{SITE}/2021/sa\u0303o-joa\u0303o", SITE) == whole
    assert canonical_address(f"{SITE}/2021/sao-joao/", SITE) != whole


def test_the_front_page_and_articles_under_it() -> None:
    assert [is_front_page(SITE + path) for path in ("", "/", "/?utm_source=x", "/index.php", "/?page_id=7")] == [
        True
    ] * 5
    assert [is_front_page(SITE + path) for path in ("/?p=7", "/index.php?p=7&x=1", "/um-texto/")] == [False] * 3
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


@pytest.mark.parametrize("url", ["http://[x", "//[", "\x00", "", "http://a.example:99999999/b", "\ud800"])
def test_paths_and_hosts_of_what_is_no_address(url: str) -> None:
    assert isinstance(path_of(url), str)
    assert isinstance(host_of(url), str)


def test_paths_and_hosts() -> None:
    assert path_of("https://www.a.example/b/?c") == "/b/"
    assert host_of("https://www.a.example./b") == "a.example"
