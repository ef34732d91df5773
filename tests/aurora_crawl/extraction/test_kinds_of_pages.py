"""Pages as they are in the field, by kind: honest blocks under suspicious names, noise, two articles, errors, data scripts."""

from __future__ import annotations

import json

import pytest

from aurora_crawl.extraction import Extracted, extract_article
from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.items import Removal
from aurora_crawl.text.boilerplate.restore import counted_from_before, rebuilt

URL = "https://serra.example/2021/ponte/"
TITLE = "Ponte de madeira reabre depois de três invernos"
BODY = [
    f"Parágrafo {number}: a ponte do Brejo reabriu na manhã de sábado, com pranchas novas e uma festa que os vizinhos fizeram."
    for number in ("um", "dois", "três", "quatro", "cinco", "seis")
]
OTHER = [
    f"Outro texto, {number}: o mercado fecha as portas na sexta e os boxes vão a leilão, segundo a nota da administração."
    for number in ("a", "b", "c", "d")
]
SAID = (
    "“Passei três invernos dando a volta pela serra para levar leite à cidade”, conta a moradora mais velha do Brejo."
)


def page(inner: str, head: str = "") -> str:
    return (
        f"<!doctype html><html lang='pt-BR'><head><title>{TITLE} | O Brejo</title>{head}</head><body><article class='post'>"
        f"<h1>{TITLE}</h1><div class='entry-content'>{inner}</div></article></body></html>"
    )


def ps(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def inside(block: str) -> str:
    return page(ps(BODY[:3]) + block + ps(BODY[3:]))


def read(html: str) -> Extracted:
    return extract_article(html, URL)


@pytest.mark.parametrize(
    "block",
    [
        f"<div class='paywall'><p>{SAID}</p></div>",
        f"<div class='premium-paywall__content' id='restricted'><p>{SAID}</p></div>",
        f"<section id='autor'><h2>O autor da ponte</h2><p>{SAID}</p></section>",
        f"<div class='testimonial-card'><p>{SAID}</p></div>",
        f"<aside-note><p>{SAID}</p></aside-note>",
        f"<div class='accordion__panel' style='display:none'><p>{SAID}</p></div>",
        f"<div class='faq'><h3>Quem passa?</h3><div hidden><p>{SAID}</p></div></div>",
        f"<div role='tabpanel' aria-hidden='true'><p>{SAID}</p></div>",
        f"<div hidden='until-found'><p>{SAID}</p></div>",
        f"<amp-accordion><section><h4>Relato</h4><p>{SAID}</p></section></amp-accordion>",
        f"<details><summary>Relato</summary><p>{SAID}</p></details>",
        f"<div class='telegram-depoimento'><p>{SAID}</p></div>",
        f"<p><span class='caption-text author'>{SAID}</span></p>",
    ],
)
def test_an_honest_block_under_a_suspicious_name_stays(block: str) -> None:
    assert SAID in read(inside(block)).text


@pytest.mark.parametrize(
    "block",
    [
        "<div class='timeline'><div class='timeline-item'><span class='date'>Maio de 2019</span> A cheia leva a ponte.</div></div>",
        "<ul class='linha-do-tempo'><li><time class='date'>Maio de 2019</time> A cheia leva a ponte.</li></ul>",
        "<h3 class='time'>Maio de 2019</h3><p>A cheia leva a ponte e o comércio do Brejo fica três invernos isolado.</p>",
        "<div class='data'>Maio de 2019</div><p>A cheia leva a ponte e o comércio do Brejo fica três invernos isolado.</p>",
    ],
)
def test_the_dates_of_a_chronology_are_text(block: str) -> None:
    assert "Maio de 2019" in read(inside(block)).text


@pytest.mark.parametrize("around", ["{}", "<div class='linha'>{}</div>"])
def test_chapters_whose_class_speaks_of_advertisements_are_the_article(around: str) -> None:
    chapters = [
        f"<section class='Materia__Parte Materia__Parte--ads'>{ps(BODY[at : at + 4])}</section>" for at in (0, 2)
    ]
    found = read(page(ps(OTHER[:2]) + "".join(map(around.format, chapters)))).text
    assert [text for text in (*OTHER[:2], *BODY) if text not in found] == []


def test_boxes_of_one_class_among_the_text_go_however_many() -> None:
    box = f"<div class='publicidade-bloco'><p>{SAID}</p></div>"
    assert SAID not in read(page(box.join(ps([text]) for text in BODY))).text


@pytest.mark.parametrize("names", ["id='article_comments'", "class='comentarios lista'"])
def test_comments_longer_than_the_article_go(names: str) -> None:
    comments = "".join(f"<div><p>Comentário {number}: {SAID}</p></div>" for number in range(20))
    found = read(page(ps(BODY) + f"<div {names}><h3>Regras</h3>{comments}</div>"))
    assert [text for text in BODY if text not in found.text] == []
    assert "Comentário" not in found.text


def test_how_a_word_is_read_leaves_no_gap() -> None:
    assert paragraphs("<p>A <ruby>漢字<rt>kanji</rt></ruby>é escrita chinesa.</p>") == ["A 漢字é escrita chinesa."]


def test_the_articles_own_date_goes_from_its_edges() -> None:
    html = page(
        "<div class='date'>12 de maio de 2021</div>" + ps(BODY) + "<div class='updated'>Atualizado às 10h</div>"
    )
    found = read(html)
    assert found.paragraphs == BODY
    assert [(cut.text, cut.rule) for cut in found.removed] == [
        ("12 de maio de 2021", "page-date"),
        ("Atualizado às 10h", "page-date"),
    ]


@pytest.mark.parametrize(
    ("block", "noise"),
    [
        ("<div class='author-bio'><p>Ana Lima cobre o Brejo desde 2009 e já escreveu três livros.</p></div>", "Ana Lima"),
        ("<p>(adsbygoogle = window.adsbygoogle || []).push({});</p>", "adsbygoogle"),
        ("<p>@media print { .nota { display: none; } }</p>", "@media"),
        ("<p>&lt;script async src='https://x.example/w.js'&gt;&lt;/script&gt;</p>", "<script"),
        ("<p>Normal 0 21 false false false PT-BR X-NONE X-NONE</p>", "X-NONE"),
        ("<p>A festa durou até tarde \uf0e0.</p>", "\uf0e0"),
        ("<blockquote data-embed-url='https://x.example/1'><a href='https://x.example/1'>Publicação</a></blockquote>", "Publicação"),
        ("<p>Ver esta publicação no Instagram</p>", "Instagram"),
        ("<p>A obra custou <s>R$ 900</s> R$ 700 por prancha.</p>", "900"),
        ("<p><span class='share-label'>Compartilhe</span> <a class='share-link' href='/f'>Facebook</a></p>", "Facebook"),
        ("<p>© 2021 O Brejo. Reprodução proibida.</p>", "©"),
    ],
)  # fmt: skip
def test_noise_goes(block: str, noise: str) -> None:
    found = read(inside(block))
    assert noise not in found.text
    assert set(BODY) <= set(found.paragraphs)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('lei<a href="#n1"><sup>1</sup></a> vale', "lei[1] vale"),
        ('praças<sup class="footnote-ref"><a href="javascript:void(0)">12</a></sup> e', "praças[12] e"),
        ('lei<a class="sdendnoteanc" href="#s"><sup>iv</sup></a>.', "lei[iv]."),
        ("pranchas<sup>3</sup> novas", "pranchas[3] novas"),
        ("90 m<sup>2</sup> de chão", "90 m2 de chão"),
        ("CO<sup>2</sup> no ar", "CO2 no ar"),
        ("a 1<sup>a</sup> vez", "a 1a vez"),
        ('nota <a href="#volta">↩</a>', "nota"),
    ],
)
def test_marks_of_footnotes(html: str, text: str) -> None:
    assert paragraphs(f"<p>{html}</p>") == [text]


def test_a_text_that_stands_twice_is_kept_once() -> None:
    for first, second in (("d-none d-lg-block", "d-lg-none"), ("desktop", "mobile"), ("hidden sm:block", "sm:hidden")):
        found = read(page(f"<div class='{first}'>{ps(BODY)}</div><div class='{second}'>{ps(BODY)}</div>"))
        assert found.paragraphs == BODY
        assert [cut.text for cut in found.removed] == BODY


def test_a_refrain_stays() -> None:
    found = read(page(ps([BODY[0], "Lá no Brejo.", BODY[1], "Lá no Brejo.", *BODY[2:]])))
    assert found.paragraphs.count("Lá no Brejo.") == 2


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("opening", ["<article class='post'>", "<div class='post single'>", "<article itemscope>"])
def test_of_two_articles_the_titles_is_read(opening: str, is_first: bool) -> None:
    closing = f"</{opening[1:].split()[0].rstrip('>')}>"
    parts = [
        f"{opening}<h1>{TITLE}</h1><div class='entry-content'>{ps(BODY)}</div>{closing}",
        f"{opening}<h1>Mercado fecha depois de meio século</h1><div class='entry-content'>{ps(OTHER)}</div>{closing}",
    ]
    html = f"<html><head><title>{TITLE}</title></head><body><main>{''.join(parts if is_first else parts[::-1])}</main></body></html>"
    found = read(html)
    assert found.paragraphs == BODY
    assert OTHER[0] in " ".join(cut.text for cut in found.removed if cut.rule == "page-other-article")


def test_an_endless_page_of_3000_articles_is_the_first() -> None:
    others = "".join(
        f"<article class='post'><h1>Mercado número {number} fecha depois de meio século</h1><div class='entry-content'>{ps(OTHER)}</div></article>"
        for number in range(3000)
    )
    first = f"<article class='post'><h1>{TITLE}</h1><div class='entry-content'>{ps(BODY)}</div></article>"
    assert read(f"<title>{TITLE}</title><main>{first}{others}</main>").paragraphs == BODY


def test_a_live_blog_stays_one() -> None:
    entries = "".join(
        f"<section><h2>{hour}h{hour}0: nova nota da obra</h2><div class='entry-content'><p>{text}</p></div></section>"
        for hour, text in enumerate(BODY, 1)
    )
    found = read(f"<title>{TITLE}</title><main><h1>{TITLE}</h1>{entries}</main>")
    assert set(BODY) <= set(found.paragraphs)


def test_chapters_under_first_class_headings_are_one_article() -> None:
    inner = "".join(f"<h1>Parte {number} da travessia</h1><p>{text}</p>" for number, text in enumerate(BODY))
    assert set(BODY) <= set(read(page(inner)).paragraphs)


def test_the_lead_between_heading_and_body_belongs_to_the_article() -> None:
    lead = "Moradores juntaram dinheiro em rifas e trocaram as pranchas em mutirão."
    html = (
        f"<title>{TITLE}</title><article><header><h1>{TITLE}</h1><p class='linha-fina'>{lead}</p>"
        f"<p class='byline'>Por Ana Lima</p></header><div class='entry-content'>{ps(BODY)}</div></article>"
    )
    assert read(html).paragraphs == [lead, *BODY]


ARTICLE = {"title": TITLE, "slug": "ponte", "body": "".join(f"<p>{text}</p>" for text in BODY)}
BLOCKS = {"headline": TITLE, "content": [{"type": "paragraph", "data": {"text": text}} for text in BODY]}


@pytest.mark.parametrize(
    "script",
    [
        f'<script id="__NEXT_DATA__" type="application/json">{json.dumps({"props": {"pageProps": {"post": ARTICLE}}})}</script>',
        f"<script>window.__INITIAL_STATE__ = {json.dumps({'page': {'article': BLOCKS}})};window.x = 1;</script>",
        f"<script>window.__APOLLO_STATE__=JSON.parse({json.dumps(json.dumps({'Post:1': ARTICLE}))})</script>",
        f"<script>self.__next_f.push([1,{json.dumps('7:' + json.dumps(['$', 'div', None, {'article': BLOCKS}]))}])</script>",
        f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "headline": TITLE, "articleBody": "<br><br>".join(BODY)})}</script>',
    ],
    ids=["next", "state", "parse", "flight", "json-ld"],
)
def test_text_that_stands_only_in_data_is_read(script: str) -> None:
    html = f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><div id='root'></div>{script}</body></html>"
    assert read(html).paragraphs == BODY


def test_a_data_script_does_not_replace_what_the_page_shows() -> None:
    data = json.dumps({"title": TITLE, "body": ps(OTHER) * 9})
    html = page(ps(BODY)).replace(
        "</body>", f'<script id="__NEXT_DATA__" type="application/json">{data}</script></body>'
    )
    assert read(html).paragraphs == BODY


@pytest.mark.parametrize(
    ("title", "heading", "text", "head"),
    [
        ("Página não encontrada - O Brejo", "Ops!", "A página que você procura não existe ou foi removida do jornal.", ""),
        ("404 | O Brejo", "Erro 404", "Use a busca para achar o que procura.", ""),
        ("O Brejo", "Conteúdo não encontrado", "O conteúdo que você procura não está disponível.", "<meta name='robots' content='noindex'>"),
        ("Page not found", "Oops! That page can’t be found", "It looks like nothing was found at this address.", ""),
    ],
)  # fmt: skip
def test_an_error_page_with_status_200_is_no_article(title: str, heading: str, text: str, head: str) -> None:
    html = f"<title>{title}</title>{head}<main><h1>{heading}</h1><div class='entry-content'><p>{text}</p></div></main>"
    found = read(html)
    assert (found.paragraphs, found.no_article) == ([], "error page")


@pytest.mark.parametrize(
    "title",
    [
        "Página não encontrada: o que sumiu do portal",
        "404 dias depois, a ponte segue fechada",
        "Acesso negado a moradores da serra",
    ],
)
def test_an_article_about_errors_is_one(title: str) -> None:
    html = f"<title>{title}</title><article><h1>{title}</h1><div class='entry-content'>{ps(BODY)}</div></article>"
    assert read(html).paragraphs == BODY


def test_a_wall_that_asks_for_consent_is_no_article() -> None:
    text = "Nós e nossos 812 parceiros usamos cookies para medir a audiência e mostrar publicidade personalizada no seu dispositivo."
    assert (
        read(f"<title>O Brejo</title><main><h1>Antes de continuar</h1><p>{text}</p><p>{text}</p></main>").no_article
        == "consent wall"
    )


def test_cuts_of_reading_and_cleaning_make_one_list() -> None:
    reading = [Removal(0, "whole", "Leia também", "page-label"), Removal(2, "inside", "900", "page-struck")]
    cleaning = [Removal(0, "head", "São Paulo –", "dateline"), Removal(2, "whole", "Assine.", "plea")]
    every = [*reading, *counted_from_before(cleaning, reading)]
    assert [cut.position for cut in every] == [0, 2, 1, 3]
    shown = rebuilt(["A ponte reabriu.", "Custou 700."], every, lambda cut: f"[{cut.text}]")
    assert shown == ["[Leia também]", "[São Paulo –] A ponte reabriu.", "Custou 700. [900]", "[Assine.]"]
