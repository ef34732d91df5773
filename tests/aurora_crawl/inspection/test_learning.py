"""What is learned from a few pages: containers and clutter, cards and how pages turn, which paths are articles'."""

from __future__ import annotations

import pytest

from aurora_crawl.demo.generate import generated_stories
from aurora_crawl.demo.outlets.outlet import ld
from aurora_crawl.inspection.article_paths import learn_paths
from aurora_crawl.inspection.front_page import looks_like_article
from aurora_crawl.inspection.learned_listing import learn_listing
from aurora_crawl.inspection.learned_rules import better_of, learn_rules
from aurora_crawl.inspection.samples import Sample

STORIES = list(generated_stories(3, 5, 150))
AT = "https://jornal.example"
PLEA = "Ajude o jornal a continuar de pé: com dez reais por mês a luz fica acesa e a porta, aberta."


def pages(body: str, *, declares: bool = False) -> list[Sample]:
    found = []
    for number, story in enumerate(STORIES):
        html = f"<html lang=pt-BR><head>{ld(story, body=True) if declares else ''}</head><body>{body}</body></html>"
        html = html.replace("TITLE", story.title).replace("BODY", story.body).replace("NUMBER", str(4000 + number))
        found.append(Sample(f"{AT}/{number}", html))
    return found


def test_the_container_is_what_all_pages_share() -> None:
    samples = pages(
        '<div class="pagina post-NUMBER"><h1>TITLE</h1><div id="n-NUMBER" class="x9 corpo">BODY</div><p>Rodapé.</p></div>'
    )
    rules = learn_rules(samples, "jornal")
    assert rules is not None
    assert rules.container == ("div.x9",)
    assert better_of(samples, [], rules)[0] is rules


@pytest.mark.parametrize("declares", [True, False])
def test_what_is_declared_or_stands_on_every_page_tells_clutter(declares: bool) -> None:
    samples = pages(
        f'<h1>TITLE</h1><div class="corpo">BODY<div class="doe"><p>{PLEA}</p></div></div>', declares=declares
    )
    rules = learn_rules(samples, "jornal")
    assert rules is not None
    assert rules.exclude == ("div.doe",)
    assert all(PLEA not in sample.by(rules).text for sample in samples)


def test_no_honest_paragraph_is_cut_for_its_class() -> None:
    body = '<h1>TITLE</h1><div class="corpo">BODY</div>'
    samples = pages(body, declares=True)
    for sample in samples:
        sample.html = sample.html.replace("<p>", '<p class="texto">', 1)
    rules = learn_rules(samples, "jornal")
    assert rules is not None
    assert rules.exclude == ()


def test_rules_that_lose_text_are_not_taken() -> None:
    samples = pages('<div class="corpo">BODY</div>', declares=True)
    rules = learn_rules(samples, "jornal")
    assert rules is not None
    half = rules.but(exclude=("p",))
    assert better_of(samples, [], half)[0] is None


CARDS = "".join(
    f'<div class="card c-{n}"><h2><a href="/2024/0{n}/uma-materia-longa-{n}/">Matéria {n}</a></h2><time>1/2/2024</time></div>'
    for n in range(1, 6)
)


@pytest.mark.parametrize(
    ("turns", "listing", "following"),
    [
        ('<a href="/ultimas/2">2</a> <a href="/ultimas/3">3</a>', "/ultimas/{page}", False),
        ('<a href="?pag=2" class="next">Próxima</a>', "/ultimas?pag={page}", False),
        ('<a rel="next" href="/ultimas/page/2/">»</a>', "/ultimas/page/{page}/", False),
        ('<a class="velhas" href="/ultimas?antes=20240101">Mais antigas</a>', "/ultimas", True),
        ("", "/ultimas", False),
    ],
)
def test_cards_and_their_pages_are_learned(turns: str, listing: str, following: bool) -> None:
    menu = '<nav><a href="/contato/">Contato</a><a href="/assine/">Assine</a></nav>'
    seen = learn_listing(f"<body>{menu}{CARDS}{turns}</body>", f"{AT}/ultimas", AT, looks_like_article)
    assert seen is not None
    assert (seen.listing.pages, seen.listing.cards.card, seen.listing.cards.title, seen.cards) == (
        listing,
        "div.card",
        "h2",
        5,
    )
    assert (seen.listing.next == "a.velhas") is following


def test_a_page_without_articles_is_no_listing() -> None:
    assert learn_listing("<body><a href='/contato/'>Contato</a></body>", f"{AT}/", AT, looks_like_article) is None


@pytest.mark.parametrize(
    ("articles", "others", "pattern"),
    [
        (["/2024/05/a-b-c", "/2023/11/outra"], ["/2024/", "/sobre"], r"^/\d{4}/\d{2}/."),
        (["/noticia/greve", "/noticia/uma-outra-coisa", "/noticia/chuva-forte"], ["/autor/ana"], r"^/noticia/."),
        (["/10234-greve-geral", "/10235-chuva", "/10236-festa-da-uva"], ["/quem-somos"], r"/\d{3,}(?:[-_/]|$)"),
        (
            ["/uma-greve-de-todos", "/chuva-forte-na-cidade-alta", "/a-festa-da-uva"],
            ["/contato/"],
            r"^/(?!(?:contato)/?$).",
        ),
        (["/uma-greve-de-todos", "/chuva-forte-na-cidade-alta", "/a-festa-da-uva"], [], ""),
    ],
)
def test_paths_of_articles_are_told_from_others(articles: list[str], others: list[str], pattern: str) -> None:
    known = [AT + path for path in articles]
    assert learn_paths([*known, *known[:1]], [*known, *(AT + path for path in others)]) == (
        pattern if len(articles) > 2 else ""
    )
