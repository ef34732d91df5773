"""Who wrote an article: names in bylines, as declared, and where on the page they stand."""

import json

import pytest

from aurora_crawl.extraction.bylines import declared_names, names_in
from aurora_crawl.extraction.metadata import read_metadata
from aurora_crawl.extraction.tree import parse

TEXT = f"<p>{'A padaria funciona desde o começo do ano num galpão cedido pela paróquia do bairro. ' * 3}</p>"


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Por Célia Prado, de Salvador", ["Célia Prado"]),
        ("POR CÉLIA PRADO, DE SALVADOR", ["CÉLIA PRADO"]),
        ("POR CÉLIA PRADO E JOEL MATA", ["CÉLIA PRADO", "JOEL MATA"]),
        ("Por Célia Prado e Joel Mata, de Salvador e Recife", ["Célia Prado", "Joel Mata"]),
        ("Célia Prado, do Rio de Janeiro, e Joel Mata, de Belém", ["Célia Prado", "Joel Mata"]),
        ("Por Célia Prado, Joel Mata e Zé do Carmo", ["Célia Prado", "Joel Mata", "Zé do Carmo"]),
        ("Por Célia Prado em 5 de março", ["Célia Prado"]),
        ("Publicado em 5 de março de 2021 por Célia Prado", ["Célia Prado"]),
        ("Postado por Célia Prado às 10:30", ["Célia Prado"]),
        ("Por: Célia Prado | 05/03/2021 08h30", ["Célia Prado"]),
        ("Célia Prado há 2 horas", ["Célia Prado"]),
        ("05/03/2021 | Célia Prado", ["Célia Prado"]),
        ("Célia Prado – Salvador (BA)", ["Célia Prado"]),
        ("Célia Prado, enviada especial a Belém", ["Célia Prado"]),
        ("Célia Prado, especial para a Folha do Grotão", ["Célia Prado"]),
        ("Repórter Célia Prado", ["Célia Prado"]),
        ("Célia Prado, repórter", ["Célia Prado"]),
        ("Célia Prado é jornalista e escritora", ["Célia Prado"]),
        ("Célia Prado (UFBA) e Joel Mata (UFPE)", ["Célia Prado", "Joel Mata"]),
        ("Célia Prado, professora da UFBA, e Joel Mata, pesquisador", ["Célia Prado", "Joel Mata"]),
        ("Texto: Célia Prado | Fotos: Joel Mata", ["Célia Prado"]),
        ("Texto e fotos de Célia Prado", ["Célia Prado"]),
        ("Reportagem: Célia Prado; Edição: Joel Mata", ["Célia Prado"]),
        ("Por Célia Prado. Tradução de Joel Mata", ["Célia Prado"]),
        ("Edição: Joel Mata", []),
        ("Célia Prado (@celiaprado)", ["Célia Prado"]),
        ("celia@grotao.example", []),
        ("Da Redação", ["Redação"]),
        ("Da Redação, com informações da Agência do Vale", ["Redação"]),
        ("Por Coletivo Terra, Trabalho e Pão", ["Coletivo Terra, Trabalho e Pão"]),
        ("Sindicato dos Bancários e Financiários", ["Sindicato dos Bancários e Financiários"]),
        ("Por Célia Prado e Coletivo Margarida", ["Célia Prado", "Coletivo Margarida"]),
        ("Coletivo 8 de Março", ["Coletivo 8 de Março"]),
        ("Jornalistas Livres", ["Jornalistas Livres"]),
        ("Da Página do MST", ["Página do MST"]),
        ("Por Ana da Costa e Silva", ["Ana da Costa e Silva"]),
        ("Por Maria da Silva", ["Maria da Silva"]),
        ("Por Frei Tito", ["Frei Tito"]),
        ("Ver todos os artigos de Célia Prado", ["Célia Prado"]),
        ("Célia Prado · 5 min de leitura", ["Célia Prado"]),
        ("Sobre o autor", []),
        ("sex, 05/03/2021 - 08:30", []),
        ("Por", []),
    ],
)
def test_names_in_bylines(byline: str, names: list[str]) -> None:
    assert names_in([byline]) == names


@pytest.mark.parametrize(
    ("declared", "names"),
    [
        ("Texto Coletivo", ["Texto Coletivo"]),
        ("Da Cruz Neto", ["Da Cruz Neto"]),
        ("Por Célia Prado", ["Célia Prado"]),
        ("Célia Prado, Joel Mata", ["Célia Prado", "Joel Mata"]),
        ("Célia Prado;Joel Mata", ["Célia Prado", "Joel Mata"]),
        ("Célia Prado (cpr)", ["Célia Prado"]),
        ("Ministério da Saúde, Educação e Cultura", ["Ministério da Saúde, Educação e Cultura"]),
        ("https://grotao.example/celia", []),
        ("", []),
    ],
)
def test_a_declared_name_is_taken_as_it_is(declared: str, names: list[str]) -> None:
    assert declared_names([declared]) == names


def authors_of(head: str, body: str) -> list[str]:
    page = f"<html><head>{head}</head><body><main><h1>Padaria do Grotão abre</h1>{body}{TEXT}</main></body></html>"
    return read_metadata(parse(page), "https://grotao.example/padaria").authors


def ld(**fields: object) -> str:
    value = {"@type": "NewsArticle", "headline": "Padaria do Grotão abre", **fields}
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("<ul class=byline><li>Célia Prado</li><li>Joel Mata</li></ul>", ["Célia Prado", "Joel Mata"]),
        ("<div class=byline><div>Célia Prado</div><div>Joel Mata</div></div>", ["Célia Prado", "Joel Mata"]),
        ("<p class=autor>Por Célia Prado<br>Grotão</p>", ["Célia Prado"]),
        (
            "<div class=autor><span class=nome>Célia Prado</span><span class=cargo>Repórter</span></div>",
            ["Célia Prado"],
        ),
        (
            "<div class=byline>Por <a href='/autor/celia'>Célia Prado</a><a href='/autor/joel'>Joel Mata</a></div>",
            ["Célia Prado", "Joel Mata"],
        ),
        (
            "<div itemprop=author><b itemprop=name>Célia Prado</b><i itemprop=jobTitle>Editora</i></div>",
            ["Célia Prado"],
        ),
        ("<p>de <a href='/colunistas/celia-prado'>Célia Prado</a></p>", ["Célia Prado"]),
        ("<section class=comentarios><b class=author>Leitor Um</b></section>", []),
        ("<aside><span class=byline>Por Outra Pessoa</span></aside>", []),
    ],
)
def test_bylines_on_the_page(body: str, names: list[str]) -> None:
    assert authors_of("", body) == names


def test_the_site_is_the_author_only_where_nobody_else_is_named() -> None:
    site = {"@type": "Organization", "name": "Folha do Grotão"}
    declared = ld(author=site, publisher=site)
    assert authors_of(declared, "") == ["Folha do Grotão"]
    assert authors_of(declared, "<p class=byline>Por Célia Prado</p>") == ["Célia Prado"]
    assert authors_of(declared, "<p class=byline>Grotão</p>") == ["Folha do Grotão"]


@pytest.mark.parametrize("size", [10_000, 200_000])
@pytest.mark.parametrize("unit", ["Ana ", "a@", "de ", ", ", "Por ", "(", "<!--", "1/"])
def test_names_of_hostile_length_cost_little(unit: str, size: int) -> None:
    assert len(names_in([unit * size])) <= 100
    assert len(declared_names([unit * size])) <= 100
