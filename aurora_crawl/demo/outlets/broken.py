"""Sites with spiders, healthy and broken in one place each: what a checkup must name, and what it must leave in peace."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.demo.outlets.others import (
    atom_and_older,
    flat_sitemap,
    ghost,
    hashed_classes,
    linked_listing,
    numbered_listing,
    scripts_with_data,
    sections,
)
from aurora_crawl.demo.outlets.outlet import NOT_FOUND, Outlet, page, plain, urlset
from aurora_crawl.demo.outlets.wordpress import wordpress_outlets
from aurora_crawl.demo.wordpress_site import Answer
from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.extraction.rules import Rules
from aurora_crawl.inspection.stored import Stored
from aurora_crawl.items import Article, article_id, join_paragraphs
from aurora_crawl.platforms.ghost import GhostSpider
from aurora_crawl.platforms.static import StaticSpider
from aurora_crawl.platforms.wordpress import WordPressSpider
from aurora_crawl.routes.cards import Cards
from aurora_crawl.routes.listing import Listing

Rewrite = Callable[[Outlet, str, Answer], Answer]


@dataclass
class Spidered:
    """An outlet, the spider that reads it, the route that its articles came by, and what a checkup must name; None for nothing."""

    name: str
    outlet: Outlet
    site: type[SiteSpider]
    route: str
    cause: str | None = None

    def stored(self, count: int = 20) -> Stored:
        """What a crawl of the healthy outlet would have stored, as the newest `count`; nothing for 0. To be asked while it is served."""
        rows = list(self.outlet.paths.items())[-count:] if count else []
        articles = []
        for path, story in rows:
            url, text = self.outlet.site.address + path, join_paragraphs(paragraphs(story.body))
            articles.append(
                Article(
                    id=article_id(url),
                    url=url,
                    site=self.site.name,
                    title=story.title,
                    text=text,
                    route=self.route,
                    published=story.published.isoformat(),
                    crawled_at="2024-01-01T00:00:00+00:00",
                    words=len(text.split()),
                )
            )
        return Stored(articles, len(self.outlet.paths) if count else 0)


def _spider(base: type[SiteSpider], name: str, **attributes: object) -> type[SiteSpider]:
    doc = f"Site: {name}, https://{name}.example\nAcervo: inventado\nLicença: não informada\nVerificado: nada\n"
    facts = {
        "__module__": f"invented.{name}",
        "__doc__": doc,
        "name": name,
        "site_url": f"https://{name}.example",
        "license": None,
    }
    made: type[SiteSpider] = type(f"{name.capitalize()}Spider", (base,), {**facts, **attributes})
    return made


_SPIDERS: dict[str, tuple[type[SiteSpider], str]] = {
    "wordpress": (_spider(WordPressSpider, "wordpress"), "rest"),
    "trancado": (_spider(WordPressSpider, "trancado", routes=("sitemap", "feed", "listing")), "sitemap"),
    "ghost": (_spider(GhostSpider, "ghost"), "sitemap"),
    "gazeta": (
        _spider(
            StaticSpider,
            "gazeta",
            routes=("sitemap",),
            articles=r"^/(?!(?:contato|quem-somos)/?$).",
            rules=Rules("gazeta", container=("div.texto-da-materia",), exclude=("div.caixa-doe",)),
        ),
        "sitemap",
    ),
    "folha": (
        _spider(
            StaticSpider,
            "folha",
            routes=("listing", "feed"),
            feed="/rss.php",
            rules=Rules("folha", container=("div.corpo",)),
            listings=(Listing("/ultimas?pagina={page}", Cards(card="li.chamada", title="h3", date="span.data")),),
        ),
        "listing",
    ),
    "oelo": (
        _spider(
            StaticSpider,
            "oelo",
            routes=("listing",),
            listings=(Listing("/arquivo/{page}/", Cards(card="div.bloco", title="h2")),),
        ),
        "listing",
    ),
    "portal": (
        _spider(StaticSpider, "portal", routes=("sitemap",), rules=Rules("portal", container=("div.css-b0dy",))),
        "sitemap",
    ),
    "diario": (
        _spider(
            StaticSpider,
            "diario",
            routes=("sitemap",),
            articles=r"/\d{4}/\d{2}/\d{2}/.",
            rules=Rules("diario", container=("div[itemprop=articleBody]",)),
        ),
        "sitemap",
    ),
    "caderno": (
        _spider(
            StaticSpider,
            "caderno",
            routes=("listing", "feed"),
            feed="/atom.xml",
            listings=(Listing("/", Cards(card="section.resumo", title="h2", date=""), next="a.mais-antigas"),),
        ),
        "listing",
    ),
    "aplicativo": (_spider(StaticSpider, "aplicativo", routes=("sitemap",)), "sitemap"),
}


def _outlet(name: str, articles: int) -> Outlet:
    makes: dict[str, Callable[[int], Outlet]] = {
        "wordpress": lambda count: wordpress_outlets(count)[0],
        "trancado": lambda count: wordpress_outlets(count)[3],
        "ghost": ghost,
        "gazeta": flat_sitemap,
        "folha": numbered_listing,
        "oelo": linked_listing,
        "portal": hashed_classes,
        "diario": sections,
        "caderno": atom_and_older,
        "aplicativo": scripts_with_data,
    }
    return makes[name](articles)


def healthy_sites(rounds: int = 10) -> Iterator[Spidered]:
    """Ten sites a round, each round with other numbers of articles."""
    for number in range(rounds):
        for name, (site, route) in _SPIDERS.items():
            yield Spidered(f"{name}, healthy {number}", _outlet(name, 24 + 7 * number), site, route)


def broken_sites(articles: int = 30) -> Iterator[Spidered]:
    """One breakage each."""
    for name, what, cause, rewrite in _BREAKAGES:
        site, route = _SPIDERS[name]
        outlet = _outlet(name, articles)
        _rewrite(outlet, rewrite)
        yield Spidered(f"{name}: {what}", outlet, site, route, cause)


def _rewrite(outlet: Outlet, rewrite: Rewrite) -> None:
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


_BREAKAGES: tuple[tuple[str, str, str, Rewrite], ...] = (
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
