"""Outlets of further makes: addresses by number in a query, pages counted from zero, Blogger's and Joomla's forms, WordPress in a folder."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import parse_qs

from aurora_crawl.demo.outlets.outlet import (
    NOT_FOUND,
    Outlet,
    day,
    index,
    page,
    plain,
    rss,
    served,
    slug,
    stories_of,
    urlset,
)
from aurora_crawl.demo.outlets.page_parts import ABOUT, FOOTER, NAV, PLEA
from aurora_crawl.demo.outlets.wordpress import wordpress_outlets
from aurora_crawl.demo.wordpress_site import Answer


def more_outlets(articles: int = 30) -> list[Outlet]:
    """The six."""
    return [
        by_query(articles),
        from_zero(articles),
        blogger(articles),
        joomla(articles),
        themed(articles),
        in_a_folder(articles),
    ]


def by_query(articles: int) -> Outlet:
    """An own system of 2004: everything is `noticia.php?id=`, ISO-8859-1, a listing by offset, no sitemap."""
    stories = stories_of(articles, 61)
    paths = {f"/noticia.php?id={number + 10}": story for number, story in enumerate(stories)}
    size = 10

    def serve(path: str, query: str) -> Answer | None:
        target = f"{path}?{query}" if query else path
        if path in ("/", "/lista.php"):
            number = int(parse_qs(query).get("pagina", ["1"])[0])
            rows = list(paths.items())[::-1][(number - 1) * size : number * size]
            links = "".join(
                f'<tr><td class="titulo"><a href="{one}">{escape(story.title)}</a></td><td>{story.published:%d/%m/%Y}</td></tr>'
                for one, story in rows
            )
            turns = " ".join(
                f'<a href="lista.php?pagina={one}">{one}</a>' for one in range(1, -(-articles // size) + 1)
            )
            return (
                page(
                    "O Antigo",
                    f'<a href="fale.php">Fale conosco</a><table class="noticias">{links}</table>{turns}',
                    encoding="iso-8859-1",
                )
                if rows
                else None
            )
        if path == "/fale.php":
            return page("Fale conosco", ABOUT, encoding="iso-8859-1")
        if story := paths.get(target):
            body = f'<table><tr><td class="texto"><h2>{escape(story.title)}</h2><i>{day(story)}</i><br>{story.body}</td></tr></table>'
            return page(f"O Antigo - {story.title}", body, encoding="iso-8859-1")
        return None

    return served("oantigo", serve, stories, paths=paths)


def from_zero(articles: int) -> Outlet:
    """Drupal's way: pages counted from zero, no sitemap, nodes behind readable addresses."""
    stories = stories_of(articles, 62)
    paths = {f"/noticias/{slug(story)}": story for story in stories}
    size = 9
    last = -(-articles // size) - 1

    def serve(path: str, query: str) -> Answer | None:
        head = '<meta name="Generator" content="Drupal 10 (https://www.drupal.org)">'
        if path in ("/", "/noticias"):
            number = int(parse_qs(query).get("page", ["0"])[0])
            rows = list(paths.items())[::-1][number * size : (number + 1) * size]
            cards = "".join(
                f'<div class="views-row"><h3><a href="{one}" hreflang="pt-br">{escape(story.title)}</a></h3><time datetime="{story.published.isoformat()}">{day(story)}</time></div>'
                for one, story in rows
            )
            pages = "".join(
                f'<li class="pager__item"><a href="/noticias?page={one}">{one + 1}</a></li>' for one in range(last + 1)
            )
            following = (
                f'<li class="pager__item--next"><a href="/noticias?page={number + 1}" rel="next">Próxima</a></li>'
                if number < last
                else ""
            )
            return (
                page(
                    "Coletivo",
                    f"{NAV}<div class='view-content'>{cards}</div><ul class='pager'>{pages}{following}</ul>{FOOTER}",
                    head,
                )
                if rows
                else None
            )
        if path in ("/quem-somos/", "/contato/"):
            return page("Quem somos", f"{NAV}<h1>Quem somos</h1>{ABOUT}{FOOTER}", head)
        if story := paths.get(path):
            body = (
                f'{NAV}<article class="node node--type-article"><h1 class="page-title">{escape(story.title)}</h1><div class="node__meta"><time datetime="{story.published.isoformat()}">{day(story)}</time></div>'
                f'<div class="field field--name-body field__item">{story.body}</div><div class="field--name-apoio"><p>{PLEA}</p></div></article>{FOOTER}'
            )
            return page(story.title, body, head)
        return None

    return served("coletivo", serve, stories, paths=paths)


def blogger(articles: int) -> Outlet:
    """Blogger: a sitemap by pages in the query, an Atom feed that is not asked for pages, and a search that robots.txt forbids."""
    stories = stories_of(articles, 63)
    paths = {
        f"/{story.published:%Y/%m}/{slug(story)[:39].rstrip('-')}-{number}.html": story
        for number, story in enumerate(stories)
    }

    def serve(path: str, query: str) -> Answer | None:
        at = outlet.site.address
        head = '<meta content="blogger" name="generator"><link rel="alternate" type="application/rss+xml" title="RSS" href="/feeds/posts/default?alt=rss">'
        if path == "/robots.txt":
            return plain(
                f"User-agent: Mediapartners-Google\nDisallow:\n\nUser-agent: *\nDisallow: /search\nAllow: /\n\nSitemap: {at}/sitemap.xml\n"
            )
        if path == "/sitemap.xml":
            if "page=" in query:
                return urlset([at + one for one in paths])
            return index([f"{at}/sitemap.xml?page=1"])
        if path == "/feeds/posts/default":
            return rss("Blogue", [(at + one, story) for one, story in list(paths.items())[::-1][:20]], whole=True)
        if path == "/":
            posts = "".join(
                f'<div class="post"><h3 class="post-title entry-title"><a href="{at}{one}">{escape(story.title)}</a></h3><div class="post-body">{story.body}</div></div>'
                for one, story in list(paths.items())[::-1][:5]
            )
            return page(
                "Blogue",
                f'<div class="blog-posts">{posts}</div><a class="blog-pager-older-link" href="/search?updated-max=2012">Postagens mais antigas</a>',
                head,
            )
        if path == "/p/sobre.html":
            return page("Sobre", ABOUT, head)
        if story := paths.get(path):
            body = (
                f'<h2 class="date-header"><span>{day(story)}</span></h2><div class="post hentry"><h3 class="post-title entry-title">{escape(story.title)}</h3><div class="post-body entry-content" id="post-body-{abs(hash(path)) % 10**12}">{story.body}'
                f'</div><div class="post-footer"><span class="post-author">Postado por {story.byline}</span></div></div>'
            )
            return page(f"Blogue: {story.title}", body, head)
        return None

    outlet = served("blogue", serve, stories, paths=paths)
    return outlet


def joomla(articles: int) -> Outlet:
    """Joomla: numbers before the slug, pages by `start=`, which no number of a page is."""
    stories = stories_of(articles, 64)
    paths = {f"/index.php/noticias/{number + 300}-{slug(story)}": story for number, story in enumerate(stories)}
    size = 6

    def serve(path: str, query: str) -> Answer | None:
        head = '<meta name="generator" content="Joomla! - Open Source Content Management">'
        if path in ("/", "/index.php/noticias"):
            start = int(parse_qs(query).get("start", ["0"])[0])
            rows = list(paths.items())[::-1][start : start + size]
            cards = "".join(
                f'<div class="com-content-category-blog__item blog-item"><div class="item-content"><h2><a href="{one}">{escape(story.title)}</a></h2><p>{day(story)}</p></div></div>'
                for one, story in rows
            )
            following = (
                f'<a aria-label="Ir para a próxima página" class="page-link next" href="/index.php/noticias?start={start + size}">Próximo</a>'
                if start + size < articles
                else ""
            )
            numbers = "".join(
                f'<a class="page-link" href="/index.php/noticias?start={one * size}">{one + 1}</a>'
                for one in range(1, -(-articles // size))
            )
            return (
                page("Sindicato", f"{NAV}{cards}<nav class='pagination'>{numbers}{following}</nav>{FOOTER}", head)
                if rows
                else None
            )
        if path in ("/quem-somos/", "/contato/"):
            return page("Quem somos", f"{NAV}<h1>Quem somos</h1>{ABOUT}{FOOTER}", head)
        if story := paths.get(path):
            body = (
                f'{NAV}<div class="com-content-article item-page"><div class="page-header"><h1>{escape(story.title)}</h1></div><dl class="article-info"><dd class="published">Publicado: {day(story)}</dd></dl>'
                f'<div class="com-content-article__body">{story.body}</div></div>{FOOTER}'
            )
            return page(story.title, body, head)
        return None

    return served("sindicato", serve, stories, paths=paths)


def themed(articles: int) -> Outlet:
    """WordPress with the theme Newspaper, its interface behind a firewall."""
    outlet = wordpress_outlets(articles)[0]
    outlet.name = "comtema"
    inner = outlet.site.on_request

    def on_request(target: str) -> Answer:
        assert inner is not None, "the outlet below answers"
        found = inner(target) or NOT_FOUND
        outlet.site.on_request = on_request
        if target.startswith("/wp-json") or "rest_route" in target:
            return Answer(b"<html><head><title>403 Forbidden</title></head><body>nginx</body></html>", status=403)
        if story := outlet.paths.get(target):
            body = (
                f'<div class="td-post-header"><h1 class="entry-title">{escape(story.title)}</h1><div class="td-post-author-name"><a href="/author/a/">{story.byline}</a></div>'
                f'<span class="td-post-date"><time class="entry-date" datetime="{story.published.isoformat()}">{day(story)}</time></span></div>'
                f'<div class="td-post-content"><div class="td-a-rec"><p>{PLEA}</p></div>{story.body}</div>'
            )
            head = '<link rel="stylesheet" href="/wp-content/themes/Newspaper/style.css"><meta name="generator" content="WordPress 6.4">'
            return page(story.title, body, head)
        if found.content_type.startswith("text/html"):
            text = re.sub(r"wp-content/themes/\w+/", "wp-content/themes/Newspaper/", found.body.decode())
            return Answer(
                text.replace(
                    "</head>", '<link rel="stylesheet" href="/wp-content/themes/Newspaper/style.css"></head>'
                ).encode(),
                found.content_type,
                found.status,
                found.headers,
            )
        return found

    outlet.site.on_request = on_request
    return outlet


def in_a_folder(articles: int) -> Outlet:
    """WordPress below `/jornal`; at the root stands a page that leads there."""
    outlet = wordpress_outlets(articles)[0]
    outlet.name = "napasta"
    inner = outlet.site.on_request

    def on_request(target: str) -> Answer:
        assert inner is not None, "the outlet below answers"
        root = outlet.site.address
        if not target.startswith("/jornal"):
            return (
                plain("User-agent: *\nDisallow: /painel/\n")
                if target == "/robots.txt"
                else Answer(b"", status=302, headers={"Location": f"{root}/jornal/"})
            )
        outlet.site.address = f"{root}/jornal"
        try:
            found = inner(target.removeprefix("/jornal") or "/") or NOT_FOUND
        finally:
            outlet.site.address = root
            outlet.site.on_request = on_request
        return found

    outlet.site.on_request = on_request
    return outlet
