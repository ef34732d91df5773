"""Texts are recognised in an answer however it writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from urllib.parse import quote, quote_plus

import pytest

from aurora_crawl.storage.redaction import Holding, Prints

TITLE = "Prefeitura de São João anuncia a ampliação das creches"
TEXT = "\n\n".join(
    [
        "A prefeitura anunciou na manhã de ontem que construirá onze creches até o próximo ano, em todos os bairros.",
        "“Não há criança sem vaga”, disse à redação a secretária, que prevê a contratação de 140 educadoras & técnicas.",
        "O sindicato pediu que a lista dos terrenos seja publicada antes do início das obras, previstas para março.",
    ]
)
OTHER = "O clube da cidade venceu por dois a zero a partida de domingo, e segue na liderança do campeonato estadual."
PRINTS = Prints([TEXT], [TITLE])


def marked_up(text: str) -> str:
    return "".join(f"<p><b>{part[:9]}</b>{part[9:]}</p>" for part in text.split("\n\n"))


WAYS: list[Callable[[str], str]] = [
    lambda text: f"<html><body>{marked_up(text)}</body></html>",
    lambda text: f"<rss><item><description><![CDATA[{text}]]></description></item></rss>",
    lambda text: f"<rss><item><content:encoded><![CDATA[{marked_up(text)}]]></content:encoded></item></rss>",
    lambda text: f"<rss><item><description>{escape(marked_up(text))}</description></item></rss>",
    lambda text: f"<rss><item><description>{escape(escape(marked_up(text)))}</description></item></rss>",
    lambda text: f'<script type="application/ld+json">{json.dumps({"articleBody": text})}</script>',
    lambda text: f"<script>var a = {json.dumps(json.dumps({'body': marked_up(text)}))}</script>",
    lambda text: f'<div data-text="{escape(text)}" class=x></div>',
    lambda text: f"<div data-html='{escape(marked_up(text))}'></div>",
    lambda text: f'<meta property="og:description" content="{escape(text)}">',
    lambda text: f'<a href="https://exemplo.invalid/?text={quote(text)}">',
    lambda text: f'<a href="https://exemplo.invalid/?text={quote_plus(text)}">',
    lambda text: json.dumps({"a": [{"b": marked_up(text)}]}),
    lambda text: "".join(f"&#{ord(letter)};" for letter in text),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_text_is_found_however_it_is_written(way: Callable[[str], str]) -> None:
    assert PRINTS.held_by(way(TEXT).encode()) is Holding.MOST
    assert PRINTS.held_by(way(OTHER).encode()) is Holding.NOTHING


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("part", [TITLE, TEXT.split("\n\n")[1][:100], TEXT.split("\n\n")[2][10:95] + " […]"])
def test_an_excerpt_and_a_title_are_found_however_they_are_written(way: Callable[[str], str], part: str) -> None:
    assert PRINTS.held_by(way(part).encode()) is Holding.SOME
