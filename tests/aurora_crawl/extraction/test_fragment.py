"""What each kind of markup in a WordPress fragment becomes."""

import time

import pytest

from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.extraction.plain_title import text_of_title
from aurora_crawl.text.unicode import normalise


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p>Um.</p>\n<p>Dois.</p>", ["Um.", "Dois."], id="paragraphs"),
        pytest.param("<div><div><p>Um.</p></div><div>Dois.</div></div>", ["Um.", "Dois."], id="nested div"),
        pytest.param(
            "Solto <b>e</b> inline<p>Dentro.</p>depois", ["Solto e inline", "Dentro.", "depois"], id="loose text"
        ),
        pytest.param("<p>Um verso<br />\noutro verso</p>", ["Um verso\noutro verso"], id="one br"),
        pytest.param("<p>Um.<br><br />\n<br>Dois.</p>", ["Um.", "Dois."], id="several br"),
        pytest.param("<p>Um <br>&nbsp;<br> Dois.</p>", ["Um", "Dois."], id="br around a no-break space"),
        pytest.param("<p>a</p><ul><li>um</li><li><p>dois</p></li></ul>", ["a", "- um\n- dois"], id="list"),
        pytest.param('<ol start="3"><li>c</li><li>d</li></ol>', ["3. c\n4. d"], id="numbered list"),
        pytest.param(
            "<ul><li>um<ol><li>a</li><li>b</li></ol></li><li>dois</li></ul>",
            ["- um\n  1. a\n  2. b\n- dois"],
            id="nested list",
        ),
        pytest.param("<ul><li>um</li><ul><li>a</li></ul></ul>", ["- um\n  - a"], id="list directly in a list"),
        pytest.param("<ul><li><img src=x></li><li> </li></ul>", [], id="list of pictures"),
        pytest.param("<blockquote><p>Disse.</p><p>Mais.</p></blockquote>", ["Disse.", "Mais."], id="quotation"),
        pytest.param(
            "<blockquote><p>Disse.</p><footer>Fulana</footer></blockquote>", ["Disse.", "Fulana"], id="quoted author"
        ),
        pytest.param("<h2>Título</h2><p>Texto</p><h4>Sub</h4>", ["Título", "Texto", "Sub"], id="headings"),
        pytest.param("<p>a</p><figure><img><figcaption>Foto: X</figcaption></figure><p>b</p>", ["a", "b"], id="figure"),
        pytest.param(
            '<div class="wp-caption alignleft"><img><p class="wp-caption-text">Legenda</p></div><p>b</p>',
            ["b"],
            id="wp-caption",
        ),
        pytest.param(
            '<div class="gallery galleryid-1"><dl><dt>i</dt><dd>Legenda</dd></dl></div>b', ["b"], id="gallery"
        ),
        pytest.param(
            '<figure class="wp-block-table"><table><tr><th>Ano</th><th>Taxa</th></tr><tr><td>2020</td><td>13,5%</td></tr></table>'
            "<figcaption>Fonte</figcaption></figure>",
            ["Ano | Taxa\n2020 | 13,5%"],
            id="table",
        ),
        pytest.param("<table><tr><td><p>Um.</p><p>Dois.</p></td></tr></table>", ["Um.", "Dois."], id="layout table"),
        pytest.param(
            "<p>Ele disse que a luta continua hoje.</p><figure class='wp-block-pullquote'><blockquote><p>A luta continua</p>"
            "</blockquote></figure>",
            ["Ele disse que a luta continua hoje."],
            id="repeated pull quote",
        ),
        pytest.param(
            "<p>Outra coisa.</p><figure class='wp-block-pullquote'><blockquote><p>A luta continua</p></blockquote></figure>",
            ["Outra coisa.", "A luta continua"],
            id="pull quote of its own",
        ),
        pytest.param(
            '<blockquote class="twitter-tweet"><p>tuíte</p></blockquote><iframe src=x>i</iframe><p>b</p>',
            ["b"],
            id="embeds",
        ),
        pytest.param(
            "<script>x=1</script><style>p{}</style><form>E-mail<input></form><p>b</p>", ["b"], id="script, form"
        ),
        pytest.param("<p>a</p><button>Ouça</button><audio>x</audio><video>y</video>", ["a"], id="players"),
        pytest.param(
            "<p>https://www.youtube.com/watch?v=abc</p><p>Ver https://x.br hoje</p>",
            ["Ver https://x.br hoje"],
            id="address",
        ),
        pytest.param('<p>Segundo o <a href="/x">relatório</a>, caiu.</p>', ["Segundo o relatório, caiu."], id="link"),
        pytest.param("<p>CO<sub>2</sub>, m<sup>2</sup></p>", ["CO2, m2"], id="sub and sup"),
        pytest.param('<p>fim.<sup><a href="#nota1">1</a></sup> E</p>', ["fim.[1] E"], id="note number"),
        pytest.param("<pre>Verso um\n  verso dois\n\nEstrofe</pre>", ["Verso um\n  verso dois", "Estrofe"], id="pre"),
        pytest.param('<pre class="wp-block-verse">a<br>b <em>c</em></pre>', ["a\nb c"], id="verse"),
        pytest.param(
            "<p>A&nbsp;B &amp; C&#8230; co&shy;or\u200bdenar \u2009x</p>",
            ["A B & C… coordenar x"],
            id="entities, spaces",
        ),
        pytest.param("<p>👩‍🌾 ❤️ família</p>", ["👩‍🌾 ❤️ família"], id="emoji"),
        pytest.param("<p>A <q>greve</q></p>", ["A “greve”"], id="inline quotation"),
        pytest.param(
            '<p>a</p><p style="display: none">b</p><p hidden>c</p><i aria-hidden="true">d</i>', ["a"], id="hidden"
        ),
        pytest.param("<p>a <!-- wp:more --> b</p>", ["a b"], id="comment"),
    ],
)
def test_markup_becomes(html: str, expected: list[str]) -> None:
    assert paragraphs(html) == expected


@pytest.mark.parametrize(
    "name",
    [
        "sharedaddy sd-sharing-enabled",
        "jp-relatedposts",
        "addtoany_share_save_container addtoany_content_bottom",
        "wp-block-latest-posts__list wp-block-latest-posts",
        "yarpp yarpp-related yarpp-template-list",
        "newsletter-box",
        "td-a-rec td-a-rec-id-content_inline",
    ],
)
def test_boxes_that_are_not_the_article_go(name: str) -> None:
    assert paragraphs(f'<p>a</p><div class="{name}"><h3>Relacionado</h3><p>Outra notícia</p></div><p>b</p>') == [
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('[caption id="a_1" align="left" width="300"]<img src="x"> Legenda[/caption]<p>Texto</p>', ["Texto"]),
        ("[caption id=&#8221;a_1&#8243; width=&#8221;300&#8243;]<img> Legenda[/caption]\n<p>Texto</p>", ["Texto"]),
        ('<p>[gallery ids="1,2,3"]</p><p>Texto</p>', ["Texto"]),
        ("<p>[embed]https://youtu.be/x[/embed]</p><p>Texto</p>", ["Texto"]),
        ("[vc_row full_width=”stretch”][vc_column]<p>Texto</p>[/vc_column][/vc_row]", ["Texto"]),
        ("[et_pb_section][et_pb_text admin_label=&#8221;x&#8221;]Texto[/et_pb_text][/et_pb_section]", ["Texto"]),
        ('<p>[meutema cor="azul"]Texto[/meutema]</p>', ["Texto"]),
        ("<p>[dropcap]T[/dropcap]</p>", ["T"]),
        ('[contact-form-7 id="12" title="Contato"]<p>Texto</p>', ["Texto"]),
    ],
)
def test_shortcodes_go(html: str, expected: list[str]) -> None:
    assert paragraphs(html) == expected


@pytest.mark.parametrize(
    "prose", ["[sic]", "[...]", "[…]", "[1]", "[o presidente]", "[a mesma lei]", "[N. da R.]", "[risos]", "[vídeo]"]
)
def test_square_brackets_of_prose_stay(prose: str) -> None:
    assert paragraphs(f"<p>Ele disse {prose} que sim.</p>") == [f"Ele disse {prose} que sim."]


def test_an_unclosed_caption_does_not_take_the_article_with_it() -> None:
    assert (
        paragraphs('[caption width="3"]<img> <p>Texto</p>' + "<p>Mais texto.</p>" * 3)
        == ["Texto"] + ["Mais texto."] * 3
    )


@pytest.mark.parametrize(
    "html",
    [
        "",
        "   ",
        "<",
        "<p",
        "</div></p></body>",
        "\x00\x01<p>\ud800x",
        "<p>a</p></body></html>",
        "<!DOCTYPE [<!ENTITY a 'b'>]>&a;",
        "<ul></ul><table></table><ol><li></ol>",
        "&#x110000;&#55555555555;&;",
        "[" * 5000 + "]" * 5000,
    ],
)
def test_garbage_raises_nothing(html: str) -> None:
    assert isinstance(paragraphs(html), list)


def test_text_after_a_stray_end_tag_is_kept() -> None:
    assert paragraphs("<p>a</p></div></body></html><p>b</p>") == ["a", "b"]


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000 + "fundo",
        "<ul><li>" * 20_000 + "fundo",
        "<table><tr><td>" * 5_000 + "fundo",
        "<b>" * 50_000 + "fundo",
        "<pre><b>" + "<i>" * 20_000 + "fundo",
        "[caption a" * 20_000 + "fundo",
        "[caption]" * 20_000 + "fundo",
        "[x y='" * 50_000,
        "<p>" + "<br> " * 200_000 + "fundo",
        "a <" * 300_000,
    ],
    ids=lambda html: html[:12],
)
def test_hostile_fragments_cost_seconds_at_most(html: str) -> None:
    started = time.process_time()
    assert isinstance(paragraphs(html), list)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("Greve &#8211; dia 1", "Greve – dia 1"),
        ("P&amp;D no <em>Brasil</em>", "P&D no Brasil"),
        ("Café &amp;#8220;quente&amp;#8221;", "Café “quente”"),
        ("Sobre &lt;i&gt;Vidas secas&lt;/i&gt;", "Sobre Vidas secas"),
        ("Um<br />dois&nbsp; três\n", "Um dois três"),
        ("3 < 4 e 5 > 4", "3 < 4 e 5 > 4"),
        ("", ""),
    ],
)
def test_titles_become_plain_text(html: str, expected: str) -> None:
    assert text_of_title(html) == expected


def test_damage_that_the_next_step_can_mend_is_left_whole() -> None:
    damaged = "<p>" + "Canoístas, pão e às três".encode().decode("latin-1") + "</p>"
    assert [normalise(text) for text in paragraphs(damaged)] == ["Canoístas, pão e às três"]
    assert normalise(text_of_title("Canoístas".encode().decode("latin-1"))) == "Canoístas"
    assert paragraphs("<p>co\u00adordenar</p>") == ["coordenar"]
