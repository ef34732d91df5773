"""What may break on a site: each changes what an outlet answers, in one place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from aurora_crawl.demo.outlets.outlet import NOT_FOUND, Outlet, page, plain, urlset
from aurora_crawl.demo.wordpress_site import Answer

Rewrite = Callable[[Outlet, str, Answer], Answer]


def rewrite_answers(outlet: Outlet, rewrite: Rewrite) -> None:
    """Let an outlet's answers pass through a breakage."""
    healthy = outlet.site.on_request
    assert healthy is not None, "an outlet answers by itself"

    def on_request(target: str) -> Answer:
        healthy_one = healthy(target)
        # WordPress' own puts itself back after each answer.
        outlet.site.on_request = on_request
        return rewrite(outlet, target, healthy_one or NOT_FOUND)

    outlet.site.on_request = on_request


def _at(prefix: str, instead: Answer | Callable[[Outlet, Answer], Answer]) -> Rewrite:
    """Answer something else to targets that begin so."""

    def rewrite(outlet: Outlet, target: str, found: Answer) -> Answer:
        if not target.startswith(prefix):
            return found
        return instead if isinstance(instead, Answer) else instead(outlet, found)

    return rewrite


def _posts(change: Callable[[dict[str, object]], None], total: float = 1.0) -> Rewrite:
    """Change each post that the interface hands out, and the total."""

    def rewrite(outlet: Outlet, target: str, found: Answer) -> Answer:
        if not target.startswith("/wp-json/wp/v2/posts") or found.status != 200:
            return found
        rows = json.loads(found.body)
        for row in rows:
            change(row)
        headers = {**(found.headers or {}), "X-WP-Total": str(round(total * len(outlet.stories)))}
        return Answer(json.dumps(rows).encode(), "application/json", headers=headers)

    return rewrite


def _pages(change: Callable[[str, Outlet], str]) -> Rewrite:
    """Change the HTML of each article."""

    def rewrite(outlet: Outlet, target: str, found: Answer) -> Answer:
        if target not in outlet.paths:
            return found
        encoding = "iso-8859-1" if "8859" in found.content_type else "utf-8"
        return Answer(
            change(found.body.decode(encoding), outlet).encode(encoding, "xmlcharrefreplace"), found.content_type
        )

    return rewrite


def _emptied(row: dict[str, object]) -> None:
    row["content"] = {"rendered": "", "protected": False}


def _teaser(row: dict[str, object]) -> None:
    row["content"] = {
        "rendered": "<p>A ponte do bairro volta a abrir na semana que vem, disse ontem a associação de moradores da rua.</p>"
        "<p>Conteúdo exclusivo para assinantes. Já é assinante? Entre com a sua conta.</p>",
        "protected": False,
    }


def _emptied_body(html: str, outlet: Outlet) -> str:
    html = re.sub(r'("articleBody": )"(?:[^"\\]|\\.)*"', r'\1""', html)
    return re.sub(r"<p>.*?</p>", "", html, flags=re.DOTALL)


def _cut(html: str, outlet: Outlet) -> str:
    html = re.sub(r'("articleBody": )"(?:[^"\\]|\\.)*"', r'"isAccessibleForFree": false, \1""', html)
    first, *others = re.findall(r"<p>.*?</p>", html, flags=re.DOTALL)
    for one in others[:-1]:
        html = html.replace(one, "")
    return html.replace(first, f"{first[:200]}…</p>")


def _without_days(html: str, outlet: Outlet) -> str:
    html = re.sub(r'"datePublished": "[^"]*", ', "", html)
    return re.sub(
        r'<span class="quando">.*?</span>', '<span class="quando">noite de lua cheia, na semana da festa</span>', html
    )


def _garbled(html: str, outlet: Outlet) -> str:
    head, body, rest = html.partition("<body>")
    head = re.sub(r'("articleBody": )"(?:[^"\\]|\\.)*"', r'\1""', head)
    return (
        head
        + body
        + re.sub(
            r"[ãçéíóáê]",
            lambda letter: letter[0].encode().decode("latin-1") if letter[0] in "ãçéíó" else letter[0],
            rest,
        )
    )


def _shorter(html: str, outlet: Outlet) -> str:
    return re.sub(
        r'(<div class="corpo">).*?</div>',
        r"\1<p>A rua do Curtume fica fechada até sexta-feira, avisou a prefeitura ontem.</p></div>",
        html,
        flags=re.DOTALL,
    )


def _without_titles(html: str, outlet: Outlet) -> str:
    html = re.sub(r"<h1>.*?</h1>", "", html, flags=re.DOTALL)
    return re.sub(r"<title>.*?</title>", "<title>Folha Numerada</title>", html)


_WALL = page(
    "Just a moment...",
    '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script><p>Verificando.</p>',
)
_CONSENT = page(
    "Privacidade",
    "<h1>A sua privacidade importa</h1><p>Nós e os nossos parceiros usamos cookies para guardar informações no seu dispositivo e pedir o seu consentimento.</p>"
    "<p>Você pode aceitar ou recusar os cookies dos nossos parceiros, ou ver a nossa política de privacidade e de dados pessoais.</p>",
)
_SHELL = page("Gazeta", '<div id="app"></div><script src="/static/app.js"></script>')


def _new_addresses(outlet: Outlet, found: Answer) -> Answer:
    return urlset(
        [
            f"{outlet.site.address}/",
            *(f"{outlet.site.address}/materia/{path.rpartition('/')[2]}" for path in outlet.paths),
        ]
    )


def _new_feed(outlet: Outlet, target: str, found: Answer) -> Answer:
    if target.startswith("/rss.php"):
        return NOT_FOUND
    return Answer(
        found.body.replace(b'href="/rss.php"', b'href="/feeds/noticias.xml"'),
        found.content_type,
        found.status,
        found.headers,
    )


def _new_cards(outlet: Outlet, target: str, found: Answer) -> Answer:
    return Answer(
        found.body.replace(b'li class="chamada"', b'li class="item-noticia"'),
        found.content_type,
        found.status,
        found.headers,
    )


def _fewer(outlet: Outlet, found: Answer) -> Answer:
    rows = re.findall(rb"<url>.*?</url>", found.body)
    return Answer(found.body.replace(b"".join(rows), b"".join(rows[: len(rows) // 3])), found.content_type)


def _moved(outlet: Outlet, target: str, found: Answer) -> Answer:
    if target == "/robots.txt":
        return found
    return Answer(b"", status=301, headers={"Location": f"http://203.0.113.7{target}"})


BREAKAGES: tuple[tuple[str, str, str, Rewrite], ...] = (
    (
        "wordpress",
        "its interface wants a password",
        "interface closed",
        _at("/wp-json", Answer(b'{"code":"rest_login_required"}', "application/json", 401)),
    ),
    ("wordpress", "posts without texts", "empty bodies", _posts(_emptied)),
    ("wordpress", "half of the posts", "fewer articles", _posts(lambda row: None, 0.5)),
    ("wordpress", "teasers for those who do not subscribe", "paywall", _posts(_teaser)),
    ("wordpress", "forbidden", "robots.txt", _at("/robots.txt", plain("User-agent: *\nDisallow: /\n"))),
    (
        "wordpress",
        "the interface forbidden",
        "robots.txt",
        _at("/robots.txt", plain("User-agent: *\nDisallow: /wp-json/\n")),
    ),
    ("wordpress", "opted out", "opted out", _at("/robots.txt", plain("User-agent: GPTBot\nDisallow: /\n"))),
    ("wordpress", "moved", "moved", _moved),
    (
        "wordpress",
        "an error at the front",
        "front page",
        _at("/", lambda outlet, found: found if found.content_type == "text/plain" else Answer(b"x", status=410)),
    ),
    ("wordpress", "a bot wall", "bot wall", _at("/", _WALL)),
    (
        "gazeta",
        "its container has another name",
        "container renamed",
        _pages(lambda html, outlet: html.replace("texto-da-materia", "conteudo-noticia")),
    ),
    ("gazeta", "pages without texts", "empty bodies", _pages(_emptied_body)),
    ("gazeta", "no sitemap", "sitemap moved", _at("/sitemap.xml", NOT_FOUND)),
    ("gazeta", "a third of the sitemap", "fewer articles", _at("/sitemap.xml", _fewer)),
    ("gazeta", "texts for subscribers", "paywall", _pages(_cut)),
    ("gazeta", "days that nobody understands", "date form", _pages(_without_days)),
    ("gazeta", "pages that need scripts", "needs scripts", _pages(lambda html, outlet: _SHELL.body.decode())),
    ("gazeta", "a consent wall", "consent wall", _pages(lambda html, outlet: _CONSENT.body.decode())),
    ("gazeta", "broken letters", "broken letters", _pages(_garbled)),
    ("diario", "addresses in a new form", "new addresses", _at("/sitemap.xml", _new_addresses)),
    ("folha", "the feed moved", "feed moved", _new_feed),
    ("folha", "cards with another name", "cards renamed", _new_cards),
    ("folha", "no listing page", "listing moved", _at("/ultimas", NOT_FOUND)),
    ("folha", "shorter texts", "shorter texts", _pages(_shorter)),
    ("folha", "no titles", "titles", _pages(_without_titles)),
    ("folha", "a bot wall before articles", "bot wall", _pages(lambda html, outlet: _WALL.body.decode())),
    ("folha", "articles gone", "pages gone", _at("/materia/", NOT_FOUND)),
)
