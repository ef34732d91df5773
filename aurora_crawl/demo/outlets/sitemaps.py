"""Static sites that name their articles in sitemaps."""

from __future__ import annotations

from html import escape

from aurora_crawl.demo.outlets.outlet import (
    Outlet,
    day,
    index,
    ld,
    page,
    plain,
    served,
    slug,
    stories_of,
    urlset,
)
from aurora_crawl.demo.outlets.page_parts import ABOUT, FOOTER, NAV, PLEA
from aurora_crawl.demo.wordpress_site import Answer


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
