"""Static sites whose articles are found on pages that list them."""

from __future__ import annotations

import gzip
from html import escape

from aurora_crawl.demo.newspaper import Story
from aurora_crawl.demo.outlets.outlet import (
    Outlet,
    day,
    index,
    ld,
    page,
    rss,
    served,
    slug,
    stories_of,
    urlset,
    xml,
)
from aurora_crawl.demo.outlets.page_parts import ABOUT, FOOTER, NAV, PLEA
from aurora_crawl.demo.wordpress_site import Answer


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
