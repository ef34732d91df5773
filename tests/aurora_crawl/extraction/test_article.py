"""Pages of known and unknown sites: the article, and nothing around it."""

import gzip
import json
from pathlib import Path
from time import process_time

import pytest

from aurora_crawl.extraction import extract_article
from aurora_crawl.extraction import rules as known
from aurora_crawl.extraction.rules import Rules

SENTENCE = "A assembleia dos motoristas decidiu manter a paralisação até segunda-feira, segundo a direção do sindicato, parte {}."
BODY = [SENTENCE.format(number) for number in range(1, 9)]


def page(content: str, head: str = "", around: str = "") -> str:
    return (
        f"<!DOCTYPE html><html lang='pt-BR'><head><title>Greve continua – Jornal da Serra</title>{head}</head><body>"
        "<header><nav><ul><li><a href='/'>Início</a></li><li><a href='/p'>Política</a></li></ul></nav></header>"
        f"<h1>Greve continua</h1>{content}"
        "<aside><h3>Mais lidas</h3><p>Uma outra notícia com texto longo o bastante para parecer um parágrafo.</p></aside>"
        f"{around}<footer><p>Jornal da Serra, todos os direitos reservados, rua do Sol, número doze.</p></footer></body></html>"
    )


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


@pytest.mark.parametrize(
    "opening",
    [
        "<div class='entry-content'>",
        "<div class='td-post-content tagdiv-type'>",
        "<section class='gh-content'>",
        "<div class='elementor-widget elementor-widget-theme-post-content'>",
        "<div itemprop='articleBody'>",
        "<div class='tdb_single_content'>",
    ],
)
def test_containers_of_common_systems_are_read(opening: str) -> None:
    closing = f"</{opening[1:].split()[0]}>"
    found = extract_article(page(opening + paragraphs(BODY) + closing), "https://serra.example/greve/")
    assert found.paragraphs == BODY
    assert found.read_by not in {"", "trafilatura"}


def test_what_stands_inside_the_container_and_is_not_the_article_goes() -> None:
    inside = (
        "<h1>Greve continua</h1><div class='post-meta'>Por Ana Lima | 12/09/2023</div>"
        + paragraphs(BODY[:2])
        + "<div class='wp-block-image'><figcaption>Foto: Rui Paz</figcaption></div>"
        "<div class='related-posts'><h4>Relacionadas</h4><ul><li><a href='/a'>Outra greve</a></li></ul></div>"
        + "<h2>O que pedem</h2>"
        + paragraphs(BODY[2:])
        + "<ul><li>Reajuste de 12%</li><li>Fim da escala</li></ul>"
        "<p><a href='/tarifa'>Tarifa sobe em janeiro</a></p>"
        "<ul><li><a href='/x'>Uma notícia</a></li><li><a href='/y'>Outra notícia</a></li></ul>"
        "<div class='newsletter-signup'><p>Receba a nossa newsletter no seu e-mail toda semana.</p></div>"
        "<p>Compartilhe:</p><div class='author-bio'><p>Ana Lima é repórter desde 2009.</p></div>"
    )
    found = extract_article(page(f"<div class='entry-content'>{inside}</div>"), "https://serra.example/greve/")
    assert found.paragraphs == [*BODY[:2], "O que pedem", *BODY[2:], "- Reajuste de 12%\n- Fim da escala"]


def test_a_misleading_class_does_not_cost_the_article() -> None:
    html = page(f"<div class='entry-content'><div class='social related'>{paragraphs(BODY)}</div></div>")
    assert extract_article(html, "https://serra.example/greve/").paragraphs == BODY


def test_a_container_that_holds_only_a_teaser_is_not_believed() -> None:
    html = page(f"<div class='entry-content'><p>Resumo curto.</p></div><main class='x'>{paragraphs(BODY)}</main>")
    found = extract_article(html, "https://serra.example/greve/")
    assert set(BODY) <= set(found.paragraphs)


def test_a_declared_body_shows_where_the_article_is() -> None:
    declared = json.dumps({"@type": "NewsArticle", "headline": "Greve continua", "articleBody": " ".join(BODY)})
    html = page(
        f"<div class='zz'><div class='q9'>{paragraphs(BODY)}</div><div class='q7'><p>{'Outro texto da página. ' * 9}</p></div></div>",
        head=f"<script type='application/ld+json'>{declared}</script>",
    )
    found = extract_article(html, "https://serra.example/greve/")
    assert found.paragraphs == BODY
    assert found.read_by == "articleBody of JSON-LD"


def test_rules_read_their_container_up_to_their_end() -> None:
    rules = Rules("serra", container=(".corpo",), exclude=(".quadro",), until=("span.fim",), title=(".chapeu",))
    html = page(
        f"<b class='chapeu'>Greve, dia 2</b><div class='corpo'>{paragraphs(BODY[:3])}<div class='quadro'><p>Quadro</p></div>"
        f"<div>{paragraphs(BODY[3:4])}<span class='fim'>Gostou?</span>solto<p>Depois do fim.</p></div><p>Muito depois.</p></div>"
    )
    found = extract_article(html, "https://serra.example/greve/", rules)
    assert found.paragraphs == BODY[:4]
    assert (found.title, found.read_by) == ("Greve, dia 2", "serra")


def test_joined_rules_read_every_match() -> None:
    rules = Rules("serra", container=(".bloco",), joined=True)
    html = page("".join(f"<div class='bloco'><p>{text}</p></div>" for text in BODY))
    assert extract_article(html, "https://serra.example/", rules).paragraphs == BODY


@pytest.mark.parametrize(
    ("rules", "content"),
    [
        (known.NEWSPAPER_TDB, "<div class='tdb_single_content'><div class='tdb-block-inner'>{}</div></div>"),
        (known.NEWSPAPER_CLASSIC, "<div class='td-post-content'>{}</div>"),
        (known.ELEMENTOR, "<div class='elementor-widget-theme-post-content'><div>{}</div></div>"),
        (known.BLOCKSY, "<article><div class='entry-content'>{}</div></article>"),
        (
            known.FOX,
            "<div class='single-body single-section'>{}<span class='share-label'>Compartilhe</span><p>x</p></div>",
        ),
        (known.GHOST_SOURCE, "<article class='gh-article'><section class='gh-content'>{}</section></article>"),
        (known.GHOST_CASPER, "<section class='gh-content gh-canvas'>{}</section>"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_themes_rules_read_their_pages(rules: Rules, content: str) -> None:
    found = extract_article(page(content.format(paragraphs(BODY))), "https://serra.example/", rules)
    assert (found.paragraphs, found.read_by) == (BODY, rules.name)


def test_two_calls_give_the_same() -> None:
    html = page(f"<main class='x'>{paragraphs(BODY)}</main>")
    assert extract_article(html, "https://a.example/").text == extract_article(html, "https://a.example/").text


@pytest.mark.parametrize(
    "html", ["", "<", "\x00", "<html></html>", "{}", "<p>", "<div>" * 9000, "<!--" * 500, "&" * 9000]
)
def test_garbage_is_an_empty_article(html: str) -> None:
    found = extract_article(html, "https://a.example/")
    assert found.text == ""
    assert found.read_by == ""


def test_real_pages_keep_and_leak_no_worse_than_trafilatura(shared: Path) -> None:
    import trafilatura

    kept, leaked, lost = 0, [0, 0], []
    titles, days = [], []
    for path in sorted((*(shared / "data/articles").glob("*.json"), *(shared / "data/same_theme").glob("*.json"))):
        about = json.loads(path.read_text("utf-8"))
        truth = about.get("annotation") or {}
        html = gzip.decompress(path.with_suffix(".html.gz").read_bytes()).decode("utf-8", "replace")
        found = extract_article(html, about["url"])
        ours, theirs = (
            _flat(found.text),
            _flat(trafilatura.extract(html, url=about["url"], include_comments=False) or ""),
        )
        for snippet in map(_flat, truth.get("must_contain") or []):
            kept += snippet in ours
            if snippet in theirs and snippet not in ours:
                lost.append((path.stem, snippet))
        for snippet in map(_flat, truth.get("must_not_contain") or []):
            leaked[0] += snippet in ours
            leaked[1] += snippet in theirs
        if truth.get("title"):
            titles.append(_flat(truth["title"]) == _flat(found.title or ""))
        if truth.get("date"):
            days.append(truth["date"] == (found.published or "")[:10])
    assert lost == []
    assert kept > 40
    assert leaked[0] < leaked[1]
    assert sum(titles) >= 0.95 * len(titles)
    assert sum(days) >= 0.9 * len(days)


def _flat(text: str) -> str:
    return " ".join(text.lower().split())


def test_an_element_of_very_many_attributes_costs_no_more_than_its_letters() -> None:
    # libxml2 takes minutes for as many: its time grows with the square of their number.
    many = " ".join(f"a{number}='x y'" for number in range(60_000))
    body = f"<p {many}>Antes do resto.</p>{paragraphs(BODY)}"
    began = process_time()
    found = extract_article(
        page(f"<div class='entry-content' data-x='{'a b ' * 5000}'>{body}</div>"), "https://serra.example/x/"
    )
    assert found.paragraphs[-len(BODY) :] == BODY
    assert process_time() - began < 10
