"""One invented outlet: a function from paths to answers, over the stories that it publishes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from aurora_crawl.demo.generate import generated_stories
from aurora_crawl.demo.newspaper import Story, slugify
from aurora_crawl.demo.wordpress_site import Answer, Site

NOT_FOUND = Answer(
    b"<html><head><title>404</title></head><body><h1>N\xc3\xa3o encontrado</h1></body></html>", status=404
)
MONTHS = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split()

Serve = Callable[[str, str], Answer | None]
"""From a path and a query to an answer; None where there is no such page."""


@dataclass
class Outlet:
    """An invented outlet.

    `site` is what the demo's server serves. `paths`: where each story stands. `writes`: whether a spider is to be written for it;
    `platform`: its make, as a proposal names it; `total`: how many articles a census should count.
    """

    name: str
    site: Site
    stories: list[Story]
    writes: bool = True
    platform: str = "Static"
    paths: dict[str, Story] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many articles it has."""
        return len(self.stories)


def stories_of(count: int, seed: int, words: int = 160) -> list[Story]:
    """Stories, no two alike."""
    return list(generated_stories(count, seed, words))


def served(name: str, serve: Serve, stories: list[Story], **facts: object) -> Outlet:
    """An outlet that answers by a function; what that does not know is not found."""
    site = Site([], name)
    outlet = Outlet(name, site, stories, **facts)  # type: ignore[arg-type]

    def on_request(target: str) -> Answer:
        path, _, query = target.partition("?")
        return serve(path, query) or NOT_FOUND

    site.on_request = on_request
    return outlet


def page(title: str, body: str, head: str = "", *, language: str = "pt-BR", encoding: str = "utf-8") -> Answer:
    """An HTML page."""
    text = (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="{encoding}"><title>{escape(title)}</title>{head}</head>\n'
        f"<body>{body}</body></html>"
    )
    return Answer(text.encode(encoding, "xmlcharrefreplace"), f"text/html; charset={encoding}")


def xml(text: str) -> Answer:
    """A file of XML."""
    return Answer(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode(), "application/xml")


def plain(text: str) -> Answer:
    """A file of text."""
    return Answer(text.encode(), "text/plain")


def urlset(addresses: list[str]) -> Answer:
    """A sitemap."""
    rows = "".join(f"<url><loc>{escape(one)}</loc></url>" for one in addresses)
    return xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>')


def index(addresses: list[str]) -> Answer:
    """An index of sitemaps."""
    rows = "".join(f"<sitemap><loc>{escape(one)}</loc></sitemap>" for one in addresses)
    return xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>')


def rss(name: str, items: list[tuple[str, Story]], *, whole: bool) -> Answer:
    """A feed, with whole texts or teasers."""
    rows = []
    for address, story in items:
        teaser = escape(story.body[:90].partition("<p>")[2])
        content = f"<content:encoded><![CDATA[{story.body}]]></content:encoded>" if whole else ""
        rows.append(
            f"<item><title>{escape(story.title)}</title><link>{address}</link><pubDate>{story.published:%a, %d %b %Y %H:%M:%S %z}</pubDate>"
            f"<description>{teaser}…</description>{content}</item>"
        )
    return xml(
        f'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>{escape(name)}</title>'
        f"{''.join(rows)}</channel></rss>"
    )


def ld(story: Story, *, body: bool = False) -> str:
    """The page's JSON-LD, with the whole text where `body`."""
    about = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.published.isoformat(),
        "author": {"@type": "Person", "name": story.byline},
    }
    if body:
        about["articleBody"] = "\n\n".join(one.partition("</p>")[0] for one in story.body.split("<p>")[1:])
    return f'<script type="application/ld+json">{json.dumps(about, ensure_ascii=False)}</script>'


def slug(story: Story) -> str:
    """A story's title as part of an address."""
    return slugify(story.title)


def day(story: Story) -> str:
    """The day of a story in words."""
    return f"{story.published.day} de {MONTHS[story.published.month - 1]} de {story.published.year}"
