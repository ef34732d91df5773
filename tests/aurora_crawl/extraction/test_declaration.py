"""JSON-LD as it is written in the field, and which of a page's objects speaks of its article."""

import json
from typing import Any

import pytest

from aurora_crawl.extraction.jsonld import values_in
from aurora_crawl.extraction.metadata import Metadata, read_metadata
from aurora_crawl.extraction.tree import parse

URL = "https://grotao.example/economia/padaria"
ARTICLE: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Padaria do Grotão abre",
    "datePublished": "2021-03-05T08:30:00-03:00",
    "author": {"@type": "Person", "name": "Célia Prado"},
}
TEXT = json.dumps(ARTICLE, ensure_ascii=False)


def read(*scripts: str, body: str = "<h1>Padaria do Grotão abre</h1>") -> Metadata:
    head = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return read_metadata(parse(f"<html><head>{head}</head><body>{body}</body></html>"), URL)


def seen(found: Metadata) -> tuple[str | None, list[str]]:
    return found.published, found.authors


@pytest.mark.parametrize(
    "script",
    [
        f"<![CDATA[{TEXT}]]>",
        f"//<![CDATA[\n{TEXT}\n//]]>",
        f"/*<![CDATA[*/ {TEXT} /*]]>*/",
        f"<!--\n{TEXT}\n-->",
        f"\ufeff{TEXT}",
        f"{TEXT};",
        f"// dados\n{TEXT}",
        f"/* dados */ {TEXT}",
        TEXT[:-1] + ",}",
        TEXT.replace("}", ",}"),
        f'{TEXT}\n{{"@type": "BreadcrumbList"}}',
        f'{{"@type": "WebSite"}}{TEXT}',
        f"{TEXT},{TEXT}",
        f"[{TEXT},]",
        TEXT.replace(", ", ",\u00a0"),
        TEXT.replace("Grotão", "Grot\u00e3o \\'novo\\'"),
        TEXT.replace('"', "&quot;"),
        TEXT.replace("Padaria", "Padaria\n"),
    ],
)
def test_what_browsers_forgive_is_forgiven(script: str) -> None:
    assert seen(read(script)) == ("2021-03-05T08:30:00-03:00", ["Célia Prado"])


@pytest.mark.parametrize(
    "change",
    [
        {"@type": "http://schema.org/NewsArticle"},
        {"@type": ["https://schema.org/NewsArticle", "Thing"]},
        {"@type": "schema:NewsArticle"},
        {"datePublished": {"@value": "2021-03-05T08:30:00-03:00"}},
        {"datePublished": [{"@type": "DateTime", "@value": "2021-03-05T08:30:00-03:00"}]},
        {"author": {"@list": [{"name": "Célia Prado"}]}},
        {"author": {"name": {"@value": "Célia Prado", "@language": "pt"}}},
        {"author": [{"name": ["Célia Prado"]}]},
        {"author": {"givenName": "Célia", "familyName": "Prado"}},
        {"author": None, "creator": "Célia Prado"},
        {"@id": 7, "author": {"@id": {"x": 1}, "name": "Célia Prado"}},
        {"mainEntityOfPage": {"@type": "WebPage", "@id": URL}},
        {"url": "https://m.grotao.example/economia/padaria/?utm_source=x"},
    ],
)
def test_shapes_of_values(change: dict[str, Any]) -> None:
    assert seen(read(json.dumps({**ARTICLE, **change}))) == ("2021-03-05T08:30:00-03:00", ["Célia Prado"])


def test_names_with_the_vocabularys_prefix_are_read() -> None:
    prefixed = {(key if key[0] == "@" else f"schema:{key}"): value for key, value in ARTICLE.items()}
    prefixed["schema:author"] = {"schema:name": "Célia Prado", "name": "Célia Prado"}
    assert seen(read(json.dumps(prefixed))) == ("2021-03-05T08:30:00-03:00", ["Célia Prado"])


OTHER = {
    "@type": "NewsArticle",
    "headline": "Pescadores voltam ao mar",
    "url": "https://grotao.example/mar/pescadores",
    "datePublished": "2026-11-20",
    "author": "Outra Pessoa",
}


@pytest.mark.parametrize(
    "scripts",
    [
        (json.dumps(OTHER), TEXT),
        (json.dumps([OTHER, ARTICLE]),),
        (json.dumps({"@graph": [OTHER, {**ARTICLE, "url": URL}]}),),
        (json.dumps({"@type": "ItemList", "itemListElement": [OTHER]}), TEXT),
        (json.dumps({**ARTICLE, "mentions": [OTHER]}),),
    ],
)
def test_of_several_articles_the_pages_own_counts(scripts: tuple[str, ...]) -> None:
    assert seen(read(*scripts)) == ("2021-03-05T08:30:00-03:00", ["Célia Prado"])


def test_another_article_alone_is_not_believed() -> None:
    assert seen(read(json.dumps(OTHER))) == (None, [])


def test_a_headline_for_search_engines_is_believed() -> None:
    assert read(json.dumps({**ARTICLE, "headline": "Onde comprar pão barato"})).authors == ["Célia Prado"]


def test_one_object_fills_what_the_other_leaves_open() -> None:
    bare = {key: value for key, value in ARTICLE.items() if key != "author"}
    page = {"@type": "WebPage", "url": URL, "headline": "Padaria do Grotão abre", "author": "Célia Prado"}
    assert seen(read(json.dumps(bare), json.dumps(page))) == ("2021-03-05T08:30:00-03:00", ["Célia Prado"])


def test_references_that_lead_nowhere_or_in_a_circle_end() -> None:
    circle = {"@graph": [{**ARTICLE, "author": {"@id": "#a"}}, {"@id": "#a", "author": {"@id": "#a"}}]}
    assert read(json.dumps(circle)).authors == []


@pytest.mark.parametrize(
    "script",
    [
        '{"a":' * 3_000,
        "[" * 100_000,
        '"' * 100_001,
        "," * 200_000,
        "/*" * 100_000,
        '{"a": ' + "," * 100_000,
        "\\" * 100_000,
        '{"a":1}' * 20_000,
    ],
)
def test_hostile_scripts_are_bounded(script: str) -> None:
    assert isinstance(values_in(script), list)
    assert seen(read(script)) == (None, [])
