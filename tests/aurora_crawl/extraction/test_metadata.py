"""What a page says of itself, and which of its voices counts."""

import json

import pytest

from aurora_crawl.extraction.metadata import Metadata, read_metadata
from aurora_crawl.extraction.rules import Rules
from aurora_crawl.extraction.site_name import without_site_name
from aurora_crawl.extraction.tree import parse


def read(
    head: str = "", body: str = "", url: str = "https://serra.example/greve/", rules: Rules | None = None
) -> Metadata:
    return read_metadata(parse(f"<html lang='pt-BR'><head>{head}</head><body>{body}</body></html>"), url, rules)


def jsonld(**fields: object) -> str:
    value = {
        "@context": "https://schema.org",
        "@graph": [{"@type": "NewsArticle", "headline": "Greve continua", **fields}],
    }
    return f"<script type='application/ld+json'>{json.dumps(value)}</script>"


def test_json_ld_is_read() -> None:
    found = read(
        jsonld(
            datePublished="2023-09-12T11:33:00-03:00",
            dateModified="2023-09-13",
            author=[{"@type": "Person", "name": "Ana Lima"}, {"name": "Rui Paz"}],
            articleSection="Trabalho",
            keywords="greve, ônibus",
        )
    )
    assert found.title == "Greve continua"
    assert found.authors == ["Ana Lima", "Rui Paz"]
    assert (found.published, found.modified) == ("2023-09-12T11:33:00-03:00", "2023-09-13")
    assert (found.section, found.tags, found.language) == ("Trabalho", ["greve", "ônibus"], "pt-BR")


def test_an_author_by_reference_is_looked_up() -> None:
    value = {
        "@graph": [{"@type": "Article", "headline": "x", "author": {"@id": "#a"}}, {"@id": "#a", "name": "Ana Lima"}]
    }
    assert read(f"<script type='application/ld+json'>{json.dumps(value)}</script>").authors == ["Ana Lima"]


@pytest.mark.parametrize("broken", ["{", "[1, 2", "null", '"x"', "[" * 5000, '{"@type": 3, "headline": 4}', "<!-- -->"])
def test_broken_json_ld_is_left_aside(broken: str) -> None:
    found = read(f"<script type='application/ld+json'>{broken}</script>", "<h1>Greve</h1>")
    assert found.title == "Greve"


def test_the_heading_counts_before_what_is_declared_for_search_engines() -> None:
    head = "<meta property='og:title' content='Greve de motoristas continua: entenda - Jornal da Serra'><title>Greve</title>"
    assert (
        read(head, "<h1>Jornal da Serra</h1><h1>Greve de motoristas continua</h1>").title
        == "Greve de motoristas continua"
    )


def test_a_title_loses_the_name_of_its_site() -> None:
    head = "<meta property='og:site_name' content='Jornal da Serra'><title>Greve – dia 2 – Jornal da Serra</title>"
    assert read(head).title == "Greve – dia 2"
    assert without_site_name("Jornal da Serra: Greve", ["Outro"]) == "Jornal da Serra: Greve"
    assert without_site_name("Greve continua hoje | Serra", []) == "Greve continua hoje"


@pytest.mark.parametrize(
    ("body", "authors"),
    [
        ("<a rel='author' href='/a'>Por Ana Lima</a>", ["Ana Lima"]),
        ("<span class='byline'>Por Ana Lima e Rui Paz</span>", ["Ana Lima", "Rui Paz"]),
        ("<span itemprop='author'>Ana Lima</span>", ["Ana Lima"]),
        ("<span class='byline'>12/09/2023</span>", []),
        ("<span class='byline'>https://serra.example/ana</span>", []),
    ],
)
def test_bylines(body: str, authors: list[str]) -> None:
    assert read(body=body).authors == authors


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        (
            "<meta property='article:published_time' content='2023-09-12T11:33:00-03:00'>",
            "",
            "2023-09-12T11:33:00-03:00",
        ),
        ("", "<time datetime='2023-09-12'>ontem</time>", "2023-09-12"),
        (
            "",
            "<time class='updated' datetime='2023-09-14'></time><time class='entry-date' datetime='2023-09-12'></time>",
            "2023-09-12",
        ),
        ("", "<span class='post-date'>12 de setembro de 2023</span>", "2023-09-12"),
        ("", "<span class='candidate'>12 de setembro de 2023</span>", None),
        ("", "", None),
    ],
)
def test_published(head: str, body: str, published: str | None) -> None:
    assert read(head, body).published == published


def test_a_day_in_the_address_counts_where_nothing_else_stands() -> None:
    assert read(url="https://serra.example/2023/09/12/greve/").published == "2023-09-12"
    assert read(url="https://serra.example/2023/13/12/greve/").published is None


def test_utc_becomes_the_local_time_that_readers_saw() -> None:
    assert read(jsonld(datePublished="2023-09-13T01:00:00Z")).published == "2023-09-12T22:00:00-03:00"
    local = "<time datetime='2023-09-12T21:00:00-04:00'></time>"
    assert read(jsonld(datePublished="2023-09-13T01:00:00Z"), local).published == "2023-09-12T21:00:00-04:00"


def test_rules_come_first() -> None:
    rules = Rules("serra", title=(".t",), authors=(".a",), published=(".d",), section=(".s",))
    found = read(jsonld(), "<b class=t>T</b><i class=a>Ana</i><i class=d>1/2/2020</i><i class=s>S</i>", rules=rules)
    assert (found.title, found.authors, found.published, found.section) == ("T", ["Ana"], "2020-02-01", "S")
