"""Texts are recognised in an answer however it writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from urllib.parse import quote, quote_plus

import pytest

from aurora_crawl.storage.blanking import without_passages
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
"""Ways in which a page, a feed or an interface writes a text."""


@pytest.mark.parametrize("way", WAYS)
def test_a_text_is_found_however_it_is_written(way: Callable[[str], str]) -> None:
    assert PRINTS.held_by(way(TEXT).encode()) is Holding.MOST
    assert PRINTS.held_by(way(OTHER).encode()) is Holding.NOTHING


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("part", [TITLE, TEXT.split("\n\n")[1][:100], TEXT.split("\n\n")[2][10:95] + " […]"])
def test_an_excerpt_and_a_title_are_found_however_they_are_written(way: Callable[[str], str], part: str) -> None:
    assert PRINTS.held_by(way(part).encode()) is Holding.SOME


def other_page(*teasers: str) -> str:
    """A page of another article that shows what `teasers` say."""
    data = json.dumps({"@type": "NewsArticle", "headline": "O clube venceu", "datePublished": "2020-03-04"})
    head = f'<title>O clube venceu</title><script type="application/ld+json">{data}</script>'
    return f"<html><head>{head}</head><body><p>{OTHER}</p>{' '.join(teasers)}<p>Fim da matéria.</p></body></html>"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("part", [TITLE, TEXT.split("\n\n")[1][:100], TEXT.split("\n\n")[2][10:95] + "..."])
def test_a_page_loses_its_teaser_of_a_text_and_nothing_else(
    way: Callable[[str], str], part: str, encoding: str
) -> None:
    left = without_passages(other_page(way(part)).encode(encoding), PRINTS)
    assert left is not None
    assert PRINTS.held_by(left) is Holding.NOTHING
    page = left.decode(encoding)
    assert f"<p>{OTHER}</p>" in page
    assert "<p>Fim da matéria.</p>" in page
    assert '"datePublished": "2020-03-04"' in page


def test_a_sentence_with_words_in_bold_goes_with_its_words() -> None:
    first = TEXT.split("\n\n")[0]
    cut = f"<p>{first[:60]}<b>{first[60:68]}</b><i>{first[68:90]}</i>{first[90:]}</p>"
    left = without_passages(other_page(cut).encode(), PRINTS)
    assert left is not None
    assert b"<p><b></b><i></i></p>" in left


def test_json_stays_json_or_goes() -> None:
    inner = json.dumps({"teaser": TEXT[:90], "more": "x"})
    left = without_passages(json.dumps({"a": inner, "b": TITLE, "c": OTHER}).encode(), PRINTS)
    assert left is not None
    row = json.loads(left)
    assert json.loads(row["a"]) == {"teaser": "", "more": "x"}
    assert (row["b"], row["c"]) == ("", OTHER)


def test_what_other_texts_print_too_is_not_a_texts_own() -> None:
    plea = "Apoie o jornalismo independente: assine hoje mesmo, e receba a edição de domingo em sua casa."
    own = Prints([f"{TEXT}\n\n{plea}"], [TITLE]).apart_from([f"{OTHER}\n\n{plea}"])
    assert own.held_by(plea.encode()) is Holding.NOTHING
    assert own.held_by(TEXT[:100].encode()) is Holding.SOME
    assert own.held_by(TEXT.encode()) is Holding.MOST


def test_a_page_of_other_letters_is_read_in_them() -> None:
    for encoding in ("cp1252", "iso-8859-1", "utf-16"):
        assert PRINTS.held_by(marked_up(TEXT).replace("“", "").replace("”", "").encode(encoding)) is Holding.MOST, (
            encoding
        )
