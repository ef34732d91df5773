"""The invented newspaper for machines: robots.txt, the sitemaps with their index, and the feed with its pages."""

from __future__ import annotations

import re
from email.utils import format_datetime
from hashlib import md5
from html import escape
from urllib.parse import parse_qs

from aurora_crawl.demo.wordpress_site import STATIC_PAGES, Answer, Post, Site
from aurora_crawl.demo.wp_records import excerpt

ADDRESSES_A_SITEMAP = 2000
"""WordPress' own limit."""

POSTS_A_FEED = 10
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XML = "application/xml; charset=UTF-8"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def answer(site: Site, path: str, query: str) -> Answer | None:
    """What is at a path that only machines read; None where no such thing is."""
    if path == "/robots.txt":
        return Answer(robots(site).encode(), "text/plain; charset=utf-8")
    if path == "/wp-sitemap.xml":
        return _dated(_index(site), _XML, site.posts("modified", descending=True)[:1])
    if path == "/feed/":
        return _feed(site, parse_qs(query).get("paged", ["1"])[-1])
    found = re.fullmatch(r"/wp-sitemap-posts-(post|page)-(\d+)\.xml", path)
    if not found:
        return None
    kind, number = found[1], int(found[2])
    if kind == "page":
        return Answer(_urls([(site.address + page.path, None) for page in STATIC_PAGES]), _XML) if number == 1 else None
    posts = site.posts()[(number - 1) * ADDRESSES_A_SITEMAP : number * ADDRESSES_A_SITEMAP] if number else []
    if not posts:
        return None
    listed = _urls([(site.link(post), f"{post.modified:%Y-%m-%dT%H:%M:%S+00:00}") for post in posts])
    return _dated(listed, _XML, sorted(posts, key=lambda post: post.modified, reverse=True)[:1])


def robots(site: Site) -> str:
    """The newspaper's robots.txt."""
    return (
        "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\n"
        f"Sitemap: {site.address}/wp-sitemap.xml\n"
    )


def _index(site: Site) -> bytes:
    count = -(-len(site.posts()) // ADDRESSES_A_SITEMAP)
    names = [f"posts-post-{number}" for number in range(1, count + 1)] + ["posts-page-1"]
    listed = "".join(f"<sitemap><loc>{site.address}/wp-sitemap-{name}.xml</loc></sitemap>" for name in names)
    return f'{_HEAD}<sitemapindex xmlns="{_SITEMAP}">{listed}</sitemapindex>\n'.encode()


def _urls(addresses: list[tuple[str, str | None]]) -> bytes:
    listed = "".join(
        f"<url><loc>{escape(address)}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</url>"
        for address, changed in addresses
    )
    return f'{_HEAD}<urlset xmlns="{_SITEMAP}">{listed}</urlset>\n'.encode()


def _feed(site: Site, paged: str) -> Answer:
    number = max(1, int(paged)) if paged.isdigit() else 1
    latest = site.posts("date", descending=True)
    posts = latest[(number - 1) * POSTS_A_FEED : number * POSTS_A_FEED]
    items = "".join(_item(site, post) for post in posts)
    changed = f"<lastBuildDate>{format_datetime(posts[0].modified)}</lastBuildDate>" if posts else ""
    text = (
        f'{_HEAD}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>{escape(site.name)}</title>\n"
        f'<atom:link href="{site.address}/feed/" rel="self" type="application/rss+xml" />\n'
        f"<link>{site.address}</link>\n<description>Notícias do vale</description>\n{changed}\n"
        f"<language>pt-BR</language>\n<generator>https://wordpress.org/?v=6.1.9</generator>\n{items}</channel>\n</rss>\n"
    )
    found = _dated(text.encode(), "application/rss+xml; charset=UTF-8", latest[:1])
    if not posts:
        found.status = 404
    return found


def _item(site: Site, post: Post) -> str:
    story = post.story
    categories = "".join(f"<category><![CDATA[{name}]]></category>" for name in (story.section, *story.tags))
    return (
        f"<item>\n<title>{escape(story.title)}</title>\n<link>{site.link(post)}</link>\n"
        f"<dc:creator><![CDATA[{story.byline}]]></dc:creator>\n<pubDate>{format_datetime(post.published)}</pubDate>\n"
        f'{categories}\n<guid isPermaLink="false">{site.address}/?p={post.id}</guid>\n'
        f"<description><![CDATA[{excerpt(story.body)}]]></description>\n"
        f"<content:encoded><![CDATA[{site.content(post).replace(']]>', ']]&gt;')}]]></content:encoded>\n</item>\n"
    )


def _dated(body: bytes, content_type: str, latest: list[Post]) -> Answer:
    etag = f'"{md5(body, usedforsecurity=False).hexdigest()}"'
    return Answer(body, content_type, modified=latest[0].modified if latest else None, etag=etag)
