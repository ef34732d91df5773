"""Ghost, static sites in eight shapes, pages that need scripts, and sites that are closed or do not want to be read."""

from __future__ import annotations

import gzip
import json
from html import escape

from aurora_crawl.demo.newspaper import Story
from aurora_crawl.demo.outlets.outlet import (
    Outlet,
    day,
    index,
    ld,
    page,
    plain,
    rss,
    served,
    slug,
    stories_of,
    urlset,
    xml,
)
from aurora_crawl.demo.wordpress_site import Answer

ABOUT = (
    "<p>Somos um jornal de bairro feito por moradores desde 2009, sem dono e sem anúncio, com reuniões abertas toda terça-feira na sede.</p>"
    * 3
)
PLEA = "Apoie o jornalismo independente: com dez reais por mês você ajuda a manter as portas abertas e a luz acesa."
NAV = '<nav><a href="/">Capa</a> <a href="/quem-somos/">Quem somos</a> <a href="/contato/">Contato</a></nav>'
FOOTER = "<footer><p>Todos os direitos reservados. Redação: rua da Estação, 41.</p></footer>"


def other_outlets(articles: int = 30) -> list[Outlet]:
    """The fourteen."""
    return [
        ghost(articles),
        flat_sitemap(articles),
        yearly_sitemaps(articles),
        numbered_listing(articles),
        linked_listing(articles),
        one_index(articles),
        hashed_classes(articles),
        sections(articles),
        atom_and_older(articles),
        scripts_with_data(articles),
        scripts_only(),
        locked(),
        forbidden(),
        opted_out(articles),
    ]


def ghost(articles: int) -> Outlet:
    """Ghost with its theme Source."""
    stories = stories_of(articles, 21)
    paths = {f"/{slug(story)}/": story for story in stories}
    newest = list(paths.items())[::-1]

    def serve(path: str, query: str) -> Answer | None:
        at = outlet.site.address
        head = '<meta name="generator" content="Ghost 5.130"><link rel="alternate" type="application/rss+xml" href="/rss/">'
        if path == "/":
            cards = "".join(
                f'<article class="gh-card post"><a class="gh-card-link" href="{one}"><h3 class="gh-card-title">{escape(story.title)}</h3></a></article>'
                for one, story in newest[:12]
            )
            return page("Revista Ghost", f'<div class="gh-feed">{cards}</div>', head)
        if path == "/sitemap.xml":
            return index([f"{at}/sitemap-{kind}.xml" for kind in ("pages", "posts", "authors", "tags")])
        if path == "/sitemap-posts.xml":
            return urlset([at + one for one in paths])
        if path == "/rss/":
            return rss("Revista Ghost", [(at + one, story) for one, story in newest[:15]], whole=True)
        if path == "/robots.txt":
            return plain(f"User-agent: *\nSitemap: {at}/sitemap.xml\nDisallow: /ghost/\n")
        if story := paths.get(path):
            body = (
                f'<article class="gh-article post"><header class="gh-article-header"><a class="gh-article-tag" href="/tag/x/">{story.section}</a>'
                f'<h1 class="gh-article-title">{escape(story.title)}</h1><h4 class="gh-article-author-name"><a href="/author/a/">{story.byline}</a></h4>'
                f'<time class="gh-article-meta-date" datetime="{story.published:%Y-%m-%d}">{day(story)}</time></header>'
                f'<section class="gh-content gh-canvas">{story.body}</section></article>'
            )
            return page(story.title, body, head + ld(story))
        return None

    outlet = served("fantasma", serve, stories, platform="Ghost", paths=paths)
    return outlet


def flat_sitemap(articles: int) -> Outlet:
    """Everything at the root and in one sitemap, static pages too; a plea in the middle of each text."""
    stories = stories_of(articles, 31)
    paths = {f"/{slug(story)}/": story for story in stories}

    def serve(path: str, query: str) -> Answer | None:
        at = outlet.site.address
        if path == "/":
            links = "".join(
                f'<h2><a href="{one}">{escape(story.title)}</a></h2>' for one, story in list(paths.items())[:8]
            )
            return page("Gazeta Rasa", NAV + links + FOOTER)
        if path == "/sitemap.xml":
            return urlset([f"{at}/", f"{at}/quem-somos/", f"{at}/contato/", *(at + one for one in paths)])
        if path in ("/quem-somos/", "/contato/"):
            return page("Quem somos", f"{NAV}<div class='texto-da-materia'><h1>Quem somos</h1>{ABOUT}</div>{FOOTER}")
        if story := paths.get(path):
            first, _, rest = story.body.partition("</p>")
            body = (
                f'{NAV}<div class="topo"><h1>{escape(story.title)}</h1><span class="quando">{day(story)}</span></div>'
                f'<div class="texto-da-materia">{first}</p><div class="caixa-doe"><p>{PLEA}</p></div>{rest}</div>{FOOTER}'
            )
            return page(f"{story.title} | Gazeta Rasa", body, ld(story, body=True))
        return None

    outlet = served("gazetarasa", serve, stories, paths=paths)
    return outlet


def yearly_sitemaps(articles: int) -> Outlet:
    """An own system in ISO-8859-1: a sitemap for each year, at a place that robots.txt names; layout by tables."""
    stories = stories_of(articles, 32)
    paths = {f"/noticias/{number + 1000}-{slug(story)}.html": story for number, story in enumerate(stories)}

    def serve(path: str, query: str) -> Answer | None:
        at = outlet.site.address
        years = sorted({story.published.year for story in stories})
        if path == "/robots.txt":
            return plain(f"User-agent: *\nDisallow: /admin/\nSitemap: {at}/mapas/indice.xml\n")
        if path == "/mapas/indice.xml":
            return index([f"{at}/mapas/noticias-{year}.xml" for year in years])
        for year in years:
            if path == f"/mapas/noticias-{year}.xml":
                return urlset([at + one for one, story in paths.items() if story.published.year == year])
        if path == "/":
            rows = "".join(
                f'<tr><td><a href="{one}">{escape(story.title)}</a></td></tr>'
                for one, story in list(paths.items())[-10:]
            )
            return page("Jornal da Tabela", f"<table>{rows}</table>", encoding="iso-8859-1")
        if story := paths.get(path):
            body = (
                '<table width="760"><tr><td class="menu"><a href="/">Capa</a><br><a href="/contato.html">Contato</a></td>'
                f'<td class="materia"><h1>{escape(story.title)}</h1><p class="credito">Por {story.byline}, {day(story)}</p>{story.body}</td></tr></table>'
                "<p align=center>Todos os direitos reservados</p>"
            )
            return page(story.title, body, encoding="iso-8859-1")
        return None

    outlet = served("jornaldatabela", serve, stories, paths=paths)
    return outlet


def _listing(paths: dict[str, Story], number: int, size: int) -> list[tuple[str, Story]]:
    return list(paths.items())[::-1][(number - 1) * size : number * size]


def numbered_listing(articles: int) -> Outlet:
    """No sitemap: numbered listing pages, and a feed of teasers."""
    stories = stories_of(articles, 33)
    paths = {f"/materia/{number + 200}/{slug(story)}": story for number, story in enumerate(stories)}
    size = 8
    pages = -(-articles // size)

    def serve(path: str, query: str) -> Answer | None:
        at = outlet.site.address
        head = '<link rel="alternate" type="application/rss+xml" title="Notícias" href="/rss.php">'
        if path in ("/", "/ultimas"):
            number = int(query.partition("pagina=")[2] or 1)
            rows = _listing(paths, number, size)
            cards = "".join(
                f'<li class="chamada"><h3><a href="{one}">{escape(story.title)}</a></h3><span class="data">{story.published:%d/%m/%Y}</span></li>'
                for one, story in rows
            )
            turns = "".join(f'<a href="/ultimas?pagina={one}">{one}</a> ' for one in range(1, pages + 1))
            more = (
                '<p><a href="/ultimas?pagina=1">Últimas notícias</a></p>'
                if path == "/"
                else f'<div class="paginas">{turns}</div>'
            )
            return page("Folha Numerada", f"{NAV}<ul>{cards if path != '/' else cards[:0]}</ul>{more}{FOOTER}", head)
        if path == "/rss.php":
            return rss("Folha Numerada", [(at + one, story) for one, story in _listing(paths, 1, 10)], whole=False)
        if path in ("/quem-somos/", "/contato/"):
            return page("Quem somos", f"{NAV}<h1>Quem somos</h1>{ABOUT}{FOOTER}")
        if story := paths.get(path):
            body = (
                f'{NAV}<div id="conteudo"><h1>{escape(story.title)}</h1><div class="info">Por {story.byline} em {story.published:%d/%m/%Y}</div>'
                f'<div class="corpo">{story.body}</div><div class="mais"><h4>Leia mais</h4><ul><li><a href="{next(iter(paths))}">Outra matéria</a></li></ul></div></div>{FOOTER}'
            )
            return page(story.title, body)
        return None

    outlet = served("folhanumerada", serve, stories, paths=paths)
    return outlet


def linked_listing(articles: int) -> Outlet:
    """No sitemap, no feed: the front page leads by rel=next to the pages behind it."""
    stories = stories_of(articles, 34)
    paths = {f"/{story.published:%Y}/{slug(story)}/": story for story in stories}
    size = 7

    def serve(path: str, query: str) -> Answer | None:
        number = (
            1
            if path == "/"
            else int(path.split("/")[2])
            if path.startswith("/arquivo/") and path.split("/")[2].isdigit()
            else 0
        )
        rows = _listing(paths, number, size) if number else []
        if rows:
            cards = "".join(
                f'<div class="bloco destaque-{place}"><a href="{one}"><h2>{escape(story.title)}</h2></a><time datetime="{story.published.isoformat()}">{day(story)}</time></div>'
                for place, (one, story) in enumerate(rows)
            )
            more = (
                f'<a rel="next" href="/arquivo/{number + 1}/">Próxima</a>' if _listing(paths, number + 1, size) else ""
            )
            return page("O Elo", f"{NAV}<section>{cards}</section>{more}{FOOTER}")
        if path in ("/quem-somos/", "/contato/"):
            return page("Quem somos", f"{NAV}<h1>Quem somos</h1>{ABOUT}{FOOTER}")
        if story := paths.get(path):
            body = f'{NAV}<article><h1>{escape(story.title)}</h1><time datetime="{story.published.isoformat()}">{day(story)}</time>{story.body}</article>{FOOTER}'
            return page(story.title, body)
        return None

    return served("oelo", serve, stories, paths=paths)


def one_index(articles: int) -> Outlet:
    """Plain pages from long ago: one index of links, no class anywhere."""
    stories = stories_of(articles, 35)
    paths = {f"/textos/{story.published:%Y}/{slug(story)}.htm": story for story in stories}

    def serve(path: str, query: str) -> Answer | None:
        if path in ("/", "/index.htm"):
            links = "".join(
                f'<li><a href="{one}">{escape(story.title)}</a> ({story.published:%d/%m/%Y})</li>'
                for one, story in paths.items()
            )
            return page("Arquivo", f"<h1>Arquivo de textos</h1><ul>{links}</ul><hr><a href='/contato.htm'>Contato</a>")
        if story := paths.get(path):
            body = f"<h1>{escape(story.title)}</h1><h3>{story.byline}</h3><h4>{day(story)}</h4><hr>{story.body}<hr><p><a href='/index.htm'>Índice</a></p>"
            return page(story.title, body)
        return None

    return served("arquivo", serve, stories, paths=paths)


def hashed_classes(articles: int) -> Outlet:
    """Classes that a machine made, an index of packed sitemaps, the text in JSON-LD too."""
    stories = stories_of(articles, 36)
    paths = {f"/{slug(story)}-{number + 5000}": story for number, story in enumerate(stories)}

    def serve(path: str, query: str) -> Answer | None:
        at = outlet.site.address
        if path == "/":
            links = "".join(
                f'<div class="sc-1x9k"><a href="{one}">{escape(story.title)}</a></div>'
                for one, story in _listing(paths, 1, 9)
            )
            return page("Portal", f'<div class="css-a1b2c3">{links}</div>')
        if path == "/sitemap_index.xml":
            return index(
                [f"{at}/sitemap-noticias-1.xml.gz", f"{at}/sitemap-noticias-2.xml.gz", f"{at}/sitemap-tags.xml.gz"]
            )
        if path in ("/sitemap-noticias-1.xml.gz", "/sitemap-noticias-2.xml.gz"):
            half = list(paths)[: articles // 2] if "-1." in path else list(paths)[articles // 2 :]
            return Answer(gzip.compress(urlset([at + one for one in half]).body), "application/gzip")
        if story := paths.get(path):
            paragraphs = story.body.replace("<p>", '<p class="css-7f3e1">')
            box = f'<div class="css-9zz1q"><p class="css-7f3e1">{PLEA}</p></div>'
            body = f'<div class="css-q8w7"><h1 class="css-t5">{escape(story.title)}</h1><div class="css-b0dy">{paragraphs}{box}</div></div>'
            return page(story.title, body, ld(story, body=True))
        return None

    outlet = served("portal", serve, stories, paths=paths)
    return outlet


def sections(articles: int) -> Outlet:
    """Microdata, articles by day below sections, and a sitemap that names sections, authors and pages too."""
    stories = stories_of(articles, 37)
    names = ("cidade", "cultura", "economia")
    paths = {
        f"/{names[number % 3]}/{story.published:%Y/%m/%d}/{slug(story)}": story for number, story in enumerate(stories)
    }

    def serve(path: str, query: str) -> Answer | None:
        at = outlet.site.address
        if path == "/":
            links = "".join(f'<p><a href="{one}">{escape(story.title)}</a></p>' for one, story in _listing(paths, 1, 6))
            return page("Diário", "".join(f'<a href="/{one}">{one.capitalize()}</a> ' for one in names) + links)
        if path == "/sitemap.xml":
            pages = ["", *names, "quem-somos", "autores/ana-lima", "cidade/especial-enchentes"]
            return urlset([*(f"{at}/{one}" for one in pages), *(at + one for one in paths)])
        if path in ("/quem-somos", "/autores/ana-lima", "/cidade/especial-enchentes"):
            return page(
                "Quem somos", f'<div itemscope itemtype="https://schema.org/WebPage"><h1>Quem somos</h1>{ABOUT}</div>'
            )
        if story := paths.get(path):
            body = (
                f'<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">{escape(story.title)}</h1>'
                f'<meta itemprop="datePublished" content="{story.published.isoformat()}"><span itemprop="author">{story.byline}</span>'
                f'<div itemprop="articleBody">{story.body}</div></div><div class="veja"><p>Veja também outras matérias da seção.</p></div>'
            )
            return page(story.title, body)
        return None

    outlet = served("diario", serve, stories, paths=paths)
    return outlet


def atom_and_older(articles: int) -> Outlet:
    """An Atom feed with whole texts, and listing pages behind a link to older ones."""
    stories = stories_of(articles, 38)
    paths = {f"/blog/{slug(story)}": story for story in stories}
    size = 6

    def serve(path: str, query: str) -> Answer | None:
        at = outlet.site.address
        head = '<link rel="alternate" type="application/atom+xml" href="/atom.xml">'
        if path in ("/", "/blog"):
            number = int(query.partition("antes=")[2] or 1)
            rows = _listing(paths, number, size)
            cards = "".join(
                f'<section class="resumo"><h2><a href="{one}">{escape(story.title)}</a></h2><p>{story.section}</p></section>'
                for one, story in rows
            )
            older = (
                f'<a class="mais-antigas" href="/blog?antes={number + 1}">Mais antigas</a>'
                if _listing(paths, number + 1, size)
                else ""
            )
            return page("Caderno", f"{NAV}{cards}{older}{FOOTER}", head) if rows else None
        if path == "/atom.xml":
            entries = "".join(
                f'<entry><title>{escape(story.title)}</title><link rel="alternate" href="{at}{one}"/><updated>{story.published.isoformat()}</updated>'
                f'<content type="html">{escape(story.body)}</content></entry>'
                for one, story in _listing(paths, 1, 10)
            )
            return xml(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Caderno</title>{entries}</feed>')
        if path in ("/quem-somos/", "/contato/"):
            return page("Quem somos", f"{NAV}<h1>Quem somos</h1>{ABOUT}{FOOTER}", head)
        if story := paths.get(path):
            body = (
                f'{NAV}<main class="leitura"><header><h1>{escape(story.title)}</h1><p class="assina">{story.byline} · {day(story)}</p></header>'
                f'<div class="prosa">{story.body}<aside class="convite"><p>{PLEA}</p></aside></div></main>{FOOTER}'
            )
            return page(story.title, body, head)
        return None

    outlet = served("caderno", serve, stories, paths=paths)
    return outlet


def scripts_with_data(articles: int) -> Outlet:
    """Pages that a framework draws in the browser; their text lies in its data."""
    stories = stories_of(articles, 41)
    paths = {f"/noticia/{slug(story)}": story for story in stories}

    def serve(path: str, query: str) -> Answer | None:
        at = outlet.site.address
        if path == "/robots.txt":
            return plain(f"User-agent: *\nSitemap: {at}/server-sitemap.xml\n")
        if path == "/server-sitemap.xml":
            return urlset([at + one for one in paths])
        if path == "/":
            return page("App", '<div id="__next"></div><script src="/app.js"></script>')
        if story := paths.get(path):
            data = {
                "props": {
                    "pageProps": {
                        "post": {"title": story.title, "content": story.body, "date": story.published.isoformat()}
                    }
                }
            }
            script = (
                f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data, ensure_ascii=False)}</script>'
            )
            return page(story.title, f'<div id="__next"></div>{script}', ld(story))
        return None

    outlet = served("aplicativo", serve, stories, paths=paths)
    return outlet


def scripts_only() -> Outlet:
    """A shell, whatever is asked for."""
    return served(
        "casca",
        lambda path, query: (
            page("Casca", '<div id="app"></div><script src="/app.js"></script>') if path == "/" else None
        ),
        [],
        writes=False,
    )


def locked() -> Outlet:
    """Nobody comes in."""
    return served(
        "cadeado",
        lambda path, query: plain("") if path == "/robots.txt" else Answer(b"<h1>401</h1>", status=401),
        [],
        writes=False,
    )


def forbidden() -> Outlet:
    """robots.txt forbids everything."""
    return served(
        "proibido",
        lambda path, query: plain("User-agent: *\nDisallow: /\n") if path == "/robots.txt" else page("Não", ABOUT),
        [],
        writes=False,
    )


def opted_out(articles: int) -> Outlet:
    """A site as others are, which does not want its texts in training data."""
    outlet = flat_sitemap(articles)
    inner = outlet.site.on_request

    def on_request(target: str) -> Answer | None:
        if target == "/robots.txt":
            return plain(
                "User-agent: GPTBot\nDisallow: /\n\nUser-agent: CCBot\nDisallow: /\n\nUser-agent: *\nDisallow: /admin/\n"
            )
        return inner(target) if inner else None

    outlet.site.on_request = on_request
    outlet.name, outlet.writes = "reservado", False
    return outlet
