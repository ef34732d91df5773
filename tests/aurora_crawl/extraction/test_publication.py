"""The day of publishing: where on a page it is looked for, and what is none."""

from datetime import UTC, datetime, timedelta

import pytest

from aurora_crawl.extraction.metadata import Metadata, read_metadata
from aurora_crawl.extraction.tree import parse

TEXT = f"<p>{'A padaria funciona desde o começo do ano num galpão cedido pela paróquia do bairro. ' * 3}</p>"
HEADING = "<h1>Padaria do Grotão abre</h1>"
TODAY = '<time datetime="2026-11-25T09:00:00-03:00">quarta, 25 de novembro de 2026</time>'


def read(
    body: str, head: str = "", url: str = "https://grotao.example/economia/padaria", lang: str = "pt-BR"
) -> Metadata:
    return read_metadata(parse(f"<html lang='{lang}'><head>{head}</head><body>{body}</body></html>"), url)


@pytest.mark.parametrize(
    "body",
    [
        f"<header>{TODAY}</header><main>{HEADING}<time datetime='2021-03-05'></time>{TEXT}</main>",
        f"<div class=topo><span class='data'>25 de novembro de 2026</span></div><main>{HEADING}<p class=data>5 de março de 2021</p>{TEXT}</main>",
        f"<div class=relogio>{TODAY}</div>{HEADING}<p class=data>5/3/2021</p>{TEXT}",
        f"<article>{HEADING}{TEXT}<time datetime='2021-03-05'></time></article><div class=comments>{TODAY}</div>",
        f"<ul class=ultimas><li>{TODAY} Outra</li></ul><article>{HEADING}<time datetime='2021-03-05'></time>{TEXT}</article>",
        f"<article>{HEADING}<aside>{TODAY}</aside><time datetime='2021-03-05'></time>{TEXT}</article>",
        f"<article>{HEADING}<blockquote class=twitter-tweet>{TODAY}</blockquote>{TEXT}<p class=data>5.mar.2021</p></article>",
        f"<article><time datetime='2021-03-05'></time>{HEADING}{TEXT}</article><article><h2>Outra</h2>{TODAY}</article>",
        f"<main>{HEADING}<p class=data>Atualizado em 7/3/2021 | Publicado em 5/3/2021</p>{TEXT}</main>",
        f"<main>{HEADING}<p class=data>Publicado: 05/03/2021. Última atualização: 07/03/2021</p>{TEXT}</main>",
        f"<main>{HEADING}<p>Atualizado em <time datetime='2021-03-07'></time> Publicado em <time datetime='2021-03-05'></time></p>{TEXT}</main>",
        f"<main>{HEADING}<time class='entry-date published updated' datetime='2021-03-05'></time>{TEXT}</main>",
        f"<main>{HEADING}<p>Publicado em 5 de março de 2021 às 8h</p>{TEXT}</main>",
        f"<main>{HEADING}<p class=byline>Célia Prado em 05/03/2021</p>{TEXT}</main>",
        f"<main>{HEADING}<div>sexta-feira, 5 de março de 2021</div>{TEXT}</main>",
        f"<main>{HEADING}<meta itemprop=datePublished content='2021-03-05'>{TEXT}</main>",
        f"<article>{HEADING}{TEXT}</article><footer class=entry-footer><span class=posted-on>Publicado em 5 de março de 2021</span></footer>",
        f"<main>{HEADING}{TEXT}<div class=carousel><a href='/outra'><span class=date>20/11/2026</span></a></div><p class=data>5/3/2021</p></main>",
    ],
)
def test_the_day_is_the_articles(body: str) -> None:
    assert (read(body).published or "")[:10] == "2021-03-05"


@pytest.mark.parametrize(
    "body",
    [
        f"<header>{TODAY}</header>{HEADING}{TEXT}",
        f"<div class=topo><span class=data>25 de novembro de 2026</span></div><main>{HEADING}{TEXT}</main>",
        f"<main>{HEADING}{TEXT}</main><section class=comentarios>{TODAY}</section>",
        f"<main>{HEADING}<time class=updated datetime='2021-03-05'></time>{TEXT}</main>",
        f"<main>{HEADING}<p class=data>Atualizado em 5 de março de 2021</p>{TEXT}</main>",
    ],
)
def test_what_is_not_the_articles_day_is_none(body: str) -> None:
    assert read(body).published is None


def test_the_address_outranks_what_stands_outside_the_article() -> None:
    body = f"<main>{HEADING}{TEXT}</main><p class=data>Publicado em 20/11/2026</p>"
    assert read(body, url="https://grotao.example/2021/03/05/padaria/").published == "2021-03-05"
    inside = f"<main>{HEADING}<p class=data>6/3/2021</p>{TEXT}</main>"
    assert read(inside, url="https://grotao.example/2021/03/05/padaria/").published == "2021-03-06"


@pytest.mark.parametrize(
    "nothing",
    [
        "1970-01-01T00:00:00Z",
        "1969-12-31T21:00:00-03:00",
        "1969-12-31T23:59:59Z",
        "0",
        "-0001-11-30",
        "0000-00-00",
        "1900-01-01",
        "ontem",
    ],
)
def test_a_machines_zero_is_no_day(nothing: str) -> None:
    head = f"<meta property='article:published_time' content='{nothing}'>"
    assert read(f"<main>{HEADING}<p class=data>5 de março de 2021</p>{TEXT}</main>", head).published == "2021-03-05"
    assert read(f"<main>{HEADING}{TEXT}</main>", head).published is None


def test_the_future_counts_only_where_nothing_else_does() -> None:
    soon = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    head = f"<meta property='article:published_time' content='{soon}'>"
    assert read(f"<main>{HEADING}<p class=data>5/3/2021</p>{TEXT}</main>", head).published == "2021-03-05"
    assert read(f"<main>{HEADING}{TEXT}</main>", head).published == soon
    head = "<meta property='article:published_time' content='2099-01-01'>"
    assert read(f"<main>{HEADING}{TEXT}</main>", head).published is None


def test_what_is_changed_is_told_apart() -> None:
    body = f"<main>{HEADING}<p class=data>Publicado em 5/3/2021 e atualizado em 7/3/2021</p>{TEXT}</main>"
    assert (read(body).published, read(body).modified) == ("2021-03-05", "2021-03-07")


def test_stamps_in_seconds_are_read() -> None:
    assert (
        read(f"<main>{HEADING}<time datetime='1614943800'></time>{TEXT}</main>").published
        == "2021-03-05T08:30:00-03:00"
    )
    assert (
        read(f"<main>{HEADING}<time datetime='1614943800000'></time>{TEXT}</main>").published
        == "2021-03-05T08:30:00-03:00"
    )


def test_dates_with_and_without_a_zone_stand_beside_each_other() -> None:
    head = "<meta property='article:published_time' content='2021-03-05T11:30:00Z'>"
    body = f"<main>{HEADING}<time datetime='1899-03-05T08:30:00-03:00'></time><time datetime='2021-03-05'></time>{TEXT}</main>"
    assert read(body, head, lang="en").published == "2021-03-05T11:30:00+00:00"
    old = "<meta property='article:published_time' content='1899-03-05T12:30:00Z'>"
    assert read(body, old, lang="en").published == "1899-03-05T12:30:00+00:00"
