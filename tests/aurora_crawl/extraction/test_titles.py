"""Which of a page's headings and declarations is the article's title, and what is cut from it."""

import pytest

from aurora_crawl.extraction.line_text import line_of, lines_of
from aurora_crawl.extraction.metadata import read_metadata
from aurora_crawl.extraction.site_name import without_site_name
from aurora_crawl.extraction.tree import parse

TITLE = "Padaria comunitária do Grotão assa mil pães por dia"
TEXT = f"<p>{'A padaria funciona desde o começo do ano num galpão cedido pela paróquia do bairro. ' * 3}</p>"
OG = f'<meta property="og:title" content="{TITLE}">'
NAMED = '<meta property="og:site_name" content="Correio do Grotão">'


def title_of(head: str, body: str, url: str = "https://correio.example/economia/padaria-comunitaria") -> str | None:
    page = f"<html lang='pt-BR'><head>{head}</head><body>{body}</body></html>"
    return read_metadata(parse(page), url).title


@pytest.mark.parametrize(
    "heading",
    [
        "Padaria comunitária do<br>Grotão assa mil pães por dia",
        "<span class=a>Padaria comunitária do Grotão</span><span class=b>assa mil pães por dia</span>",
        "<span style='display: block'>Padaria comunitária do Grotão</span><span style='display: block'>assa mil pães por dia</span>",
        "<div>Padaria comunitária do Grotão</div><div>assa mil pães por dia</div>",
        "<p>Padaria comunitária</p><p>do Grotão assa mil pães por dia</p>",
        "<span>P</span>adaria comunitária do Grotão assa mil pães por dia",
        "Padaria comunitária do Gro&shy;tão assa mil pães por dia",
        "Padaria comunitária do <em>Grotão</em> assa <b>mil</b> pães por dia",
        f"<style>.t{{color:red}}</style>{TITLE}",
        f"{TITLE}<script>var a = 1;</script>",
        f"{TITLE}<span class='visually-hidden'>Ouvir a matéria</span>",
        f"{TITLE} <span hidden>rascunho</span>",
        f"{TITLE} <i class='material-icons'>share</i>",
        f"<svg><title>ícone</title></svg>{TITLE}",
        f"<span class='cartola'>Economia</span> {TITLE}",
        f"<a class='editoria' href='/economia'>Economia</a><span>{TITLE}</span>",
        f"{TITLE}<small class='subtitulo'>Fornada começa às três da manhã</small>",
        f"<div>Economia</div><div>{TITLE}</div>",
        f"{TITLE}<span class='comments-count'>3</span>",
        TITLE.upper(),
    ],
)
def test_nothing_melts_into_a_heading_and_nothing_leaks(heading: str) -> None:
    assert title_of(OG, f"<article><h1>{heading}</h1>{TEXT}</article>") == TITLE


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            f"<title>{TITLE} - Correio do Grotão</title>",
            f"<header><h1><a href='/'>Correio do Grotão</a></h1></header><h2>{TITLE}</h2>",
        ),
        (
            f"<title>Correio do Grotão » {TITLE}</title>",
            f"<header><h1 class='logotipo'>Correio do Grotão</h1></header><h2>{TITLE}</h2>",
        ),
        (f"{NAMED}<title>{TITLE} - Correio do Grotão</title>", f"<h1>Correio do Grotão</h1><h2>{TITLE}</h2>"),
        (f"<title>{TITLE} | Economia | Correio do Grotão</title>", f"<h1>Economia</h1><h3>{TITLE}</h3>"),
        (f"<title>{TITLE}</title>", f"<h1 style='display:none'>Correio do Grotão</h1><h2>{TITLE}</h2>"),
        (f"<title>{TITLE}</title>", f"<h1 class='sr-only'>Página de notícia</h1><h2>{TITLE}</h2>"),
        (OG, f"<nav><ol class='breadcrumb'><li><h1>Padaria no Grotão</h1></li></ol></nav><h2>{TITLE}</h2>"),
        (
            f"{OG}<title>{TITLE}</title>",
            f"<h1>{TITLE}</h1><section><h1>Leia também: pescadores voltam ao mar</h1></section>",
        ),
        (f"{NAMED}<meta property='og:title' content='Correio do Grotão'><title>{TITLE}</title>", ""),
        (f"{NAMED}<title>Início</title>", f"<article><h1 class='entry-title'>{TITLE}</h1></article>"),
        ("", f"<h1>{TITLE}</h1>"),
    ],
)
def test_the_site_is_no_title(head: str, body: str) -> None:
    assert title_of(head, f"{body}{TEXT}") == TITLE


def test_a_page_that_is_called_like_its_site_keeps_that_name() -> None:
    assert title_of(f"{NAMED}<title>Correio do Grotão</title>", TEXT) == "Correio do Grotão"


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        (f"{TITLE} | Correio do Grotão", TITLE),
        (f"{TITLE} - Correio do Grotão", TITLE),
        (f"{TITLE}- Correio do Grotão", TITLE),
        (f"{TITLE} — CORREIO DO GROTÃO", TITLE),
        (f"{TITLE}Correio do Grotão", TITLE),
        (f"Correio do Grotão: {TITLE}", TITLE),
        (f"{TITLE} - Economia - Correio do Grotão", TITLE),
        (f"{TITLE} | Economia | Bairros | Correio do Grotão", TITLE),
        (f"“{TITLE}” | Correio do Grotão", f"“{TITLE}”"),
        ("Greve – dia 2 – Correio do Grotão", "Greve – dia 2"),
        ("Grotão - Parte II - Correio do Grotão", "Grotão - Parte II"),
        ("Ana Lima: «a luta segue»", "Ana Lima: «a luta segue»"),
        ("Correio do Grotão completa dez anos", "Correio do Grotão completa dez anos"),
        ("Correio do Grotão", ""),
        (TITLE, TITLE),
    ],
)
def test_the_sites_name_goes_and_nothing_else(title: str, bare: str) -> None:
    assert without_site_name(title, ["Correio do Grotão"]) == bare


def test_an_evident_name_goes_without_being_known() -> None:
    assert without_site_name(f"{TITLE} - Jornal Outro", []) == TITLE
    assert without_site_name(f"{TITLE} - outro.com.br", []) == TITLE


def test_lines_are_those_that_a_reader_sees() -> None:
    element = parse("<div><a>Ana Lima</a><a>Rui Paz</a><p>do<br>Grotão</p><template><p>x</p></template></div>").find(
        ".//div"
    )
    assert element is not None
    assert lines_of(element) == ["Ana Lima", "Rui Paz", "do", "Grotão"]
    assert line_of(element) == "Ana Lima Rui Paz do Grotão"
