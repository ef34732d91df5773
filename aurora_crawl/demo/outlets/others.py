"""Ghost, and all outlets that are not WordPress together."""

from __future__ import annotations

from html import escape

from aurora_crawl.demo.outlets.closed import forbidden, locked, opted_out, scripts_only, scripts_with_data
from aurora_crawl.demo.outlets.listings import (
    atom_and_older,
    hashed_classes,
    linked_listing,
    numbered_listing,
    one_index,
    sections,
)
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
)
from aurora_crawl.demo.outlets.sitemaps import flat_sitemap, yearly_sitemaps
from aurora_crawl.demo.wordpress_site import Answer


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
