"""Canonical links that are right, wrong, and contradictory: no text is lost, none replaces another, nothing flips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from aurora_crawl.crawling.canonical_claims import agree, paragraphs_of
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.shards import read_shard

NAME = OfaroldovaleSpider.name
Pages = dict[str, tuple[str, str | None]]
"""Address to the number of its text and the address that it declares."""


def text_of(number: str) -> str:
    said = "A assembleia dos moradores da rua {} decidiu manter a praça aberta e pedir à prefeitura que conserte os bancos."
    return "".join(
        f"<p>{said.format(f'{number}, casa {n}')} Foi a reunião de número {number}-{n}.</p>" for n in range(6)
    )


class Served:
    """Pages by address on a site, listed by its sitemap with their moments; and what was asked for."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.pages: Pages = {}
        self.moments: dict[str, str] = {}
        self.unlisted: set[str] = set()
        site.on_request = self.answer

    def answer(self, path: str) -> Answer | None:
        if path == "/wp-sitemap.xml":
            rows = "".join(
                f"<url><loc>{self.site.address}{one}</loc>"
                + (f"<lastmod>{self.moments[one]}</lastmod>" if one in self.moments else "")
                + "</url>"
                for one in self.pages
                if one not in self.unlisted
            )
            return Answer(f"<urlset>{rows}</urlset>".encode(), "application/xml")
        if path not in self.pages:
            return None
        number, declared = self.pages[path]
        link = f'<link rel="canonical" href="{self.site.address}{declared}">' if declared is not None else ""
        return Answer(
            f"<html lang=pt-BR><head><title>Rua {number}</title>{link}</head><body><article><h1 class=entry-title>Rua {number}"
            f"</h1><div class=entry-content>{text_of(number)}</div></article></body></html>".encode()
        )

    def asked(self, path: str) -> int:
        return self.site.requests.count(path)


@pytest.fixture
def served() -> Iterator[Served]:
    site = Site.generated(1)
    served = Served(site)
    with serve(site):
        yield served


@pytest.fixture
def crawled(
    crawl: Callable[..., Crawler], settings: Settings, served: Served
) -> Callable[[], list[tuple[str, str, int]]]:
    """Crawls by the sitemap; the stored lines as number of the text, path of the id's own address, and revision."""

    def run() -> list[tuple[str, str, int]]:
        crawler = crawl(OfaroldovaleSpider, site_url=served.site.address, via="sitemap")
        assert crawler.stats.get_value("finish_reason") == "finished", crawler.stats.get_stats()
        data = Path(settings["DATA_DIR"])
        rows: list[dict[str, Any]] = [
            row for path in sorted(data.glob(f"articles/{NAME}/*.jsonl.gz")) for row in read_shard(path)
        ]
        ledger = Ledger(data / "ledger" / f"{NAME}.sqlite")
        try:
            assert ledger.counts()["due"] == 0
            urls = {entry.id: entry.url.removeprefix(served.site.address) for entry in ledger.entries()}
        finally:
            ledger.close()
        return sorted((row["title"].removeprefix("Rua "), urls[row["id"]], row["revision"]) for row in rows)

    return run


FALSE = {
    "one for all, which is not there": "/404/",
    "a section": "/noticias/",
    "another article": "/a/1/",
    "the front page": "/",
    "another site": "https://outro.example/x/",
    "no address": "http://[x",
}


@pytest.mark.parametrize("declared", FALSE.values(), ids=FALSE)
def test_a_link_that_every_page_has_replaces_no_text(served: Served, crawled: Callable[[], Any], declared: str) -> None:
    served.pages = {f"/a/{n}/": (str(n), declared) for n in range(1, 6)} | {"/noticias/": ("seção", None)}
    served.unlisted = {"/noticias/"}
    expected = [(str(n), f"/a/{n}/", 0) for n in range(1, 6)]
    assert crawled() == expected
    assert served.asked("/noticias/") <= 1
    served.moments = {f"/a/{n}/": "2027-05-01T10:00:00Z" for n in range(1, 6)}
    assert crawled() == expected


def test_a_link_without_the_query_that_tells_articles_apart_is_ignored(
    served: Served, crawled: Callable[[], Any]
) -> None:
    served.pages = {f"/noticia.php?id={n}": (str(n), "/noticia.php") for n in range(1, 5)}
    served.pages["/noticia.php"] = ("1", "/noticia.php")
    served.unlisted = {"/noticia.php"}
    stored = crawled()
    assert [number for number, _, _ in stored] == ["1", "2", "3", "4"]
    assert [path for _, path, _ in stored][1:] == [f"/noticia.php?id={n}" for n in (2, 3, 4)]


def test_another_address_of_an_article_is_its_article_once(served: Served, crawled: Callable[[], Any]) -> None:
    served.pages = {
        "/x/?versao=leve": ("1", "/x/"),
        "/x/": ("1", "/x/"),
        "/y/?versao=leve": ("2", "/y/"),
        "/y/": ("2", None),
    }
    served.unlisted = {"/y/"}
    assert crawled() == [("1", "/x/", 0), ("2", "/y/", 0)]


def test_two_addresses_with_two_moments_do_not_flip_at_each_update(served: Served, crawled: Callable[[], Any]) -> None:
    served.pages = {"/x/?versao=leve": ("1", "/x/"), "/x/": ("1", "/x/")}
    served.moments = {"/x/?versao=leve": "2027-05-02T10:00:00Z", "/x/": "2027-05-01T10:00:00Z"}
    for _ in range(3):
        assert crawled() == [("1", "/x/", 0)]
    assert served.asked("/x/?versao=leve") == 1
    assert served.asked("/x/") <= 2


def test_an_edit_that_only_another_address_tells_of_is_stored_once(served: Served, crawled: Callable[[], Any]) -> None:
    served.pages = {"/x/?versao=leve": ("1", "/x/"), "/x/": ("1", "/x/")}
    served.unlisted = {"/x/"}
    served.moments = {"/x/?versao=leve": "2027-05-01T10:00:00Z"}
    assert crawled() == [("1", "/x/", 0)]
    served.pages = {"/x/?versao=leve": ("2", "/x/"), "/x/": ("2", "/x/")}
    served.moments = {"/x/?versao=leve": "2027-06-01T10:00:00Z"}
    assert crawled() == [("1", "/x/", 0), ("2", "/x/", 1)]
    assert crawled() == [("1", "/x/", 0), ("2", "/x/", 1)]


def test_addresses_that_part_again_are_two_articles(served: Served, crawled: Callable[[], Any]) -> None:
    served.pages = {"/x/?n=1": ("1", "/x/"), "/x/": ("1", "/x/")}
    served.moments = {"/x/?n=1": "2027-05-01T10:00:00Z"}
    assert crawled() == [("1", "/x/", 0)]
    served.pages["/x/?n=1"] = ("3", "/x/")
    served.moments = {"/x/?n=1": "2027-06-01T10:00:00Z"}
    assert crawled() == [("1", "/x/", 0), ("3", "/x/?n=1", 0)]


def test_a_theme_that_is_wrong_everywhere_is_not_asked_about_for_ever(
    served: Served, crawled: Callable[[], Any]
) -> None:
    served.pages = {f"/a/{n}/": (str(n), f"/nada/{n}/") for n in range(60)}
    assert len(crawled()) == 60
    assert sum(path.startswith("/nada/") for path in served.site.requests) == 20


def test_a_page_that_was_not_found_is_asked_for_again_while_the_site_names_it(
    served: Served, crawled: Callable[[], Any]
) -> None:
    served.pages = {"/x/": ("1", None), "/y/": ("2", "/x/")}
    missing = served.answer
    served.site.on_request = lambda path: Answer(b"", status=404) if path == "/y/" else missing(path)
    assert crawled() == [("1", "/x/", 0)]
    assert served.asked("/y/") == 1
    served.site.on_request = served.answer
    assert crawled() == [("1", "/x/", 0), ("2", "/y/", 0)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["a" * 100, "b" * 100], ["A" * 100, "b" * 100], True),
        (["a" * 400, "b" * 50], ["a" * 400, "c" * 60], True),
        (["a" * 100, "b" * 100], ["a" * 100], False),
        (["a" * 100], ["a" * 100] * 5, False),
        ([], [], False),
    ],
)
def test_texts_agree_that_differ_in_little(one: list[str], other: list[str], same: bool) -> None:
    assert agree(paragraphs_of(one), paragraphs_of(other)) is same
    assert agree(paragraphs_of(other), paragraphs_of(one)) is same
