"""Outlets that need scripts, are locked, or do not want to be read."""

from __future__ import annotations

import json

from aurora_crawl.demo.outlets.outlet import (
    Outlet,
    ld,
    page,
    plain,
    served,
    slug,
    stories_of,
    urlset,
)
from aurora_crawl.demo.outlets.page_parts import ABOUT
from aurora_crawl.demo.outlets.sitemaps import flat_sitemap
from aurora_crawl.demo.wordpress_site import Answer


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
