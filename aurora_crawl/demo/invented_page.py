"""An invented article page in the structure that a site's reading rules name, for tests: with all that is not the article."""

from __future__ import annotations

import json
import re
from html import escape
from zlib import crc32

from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.demo.newspaper import Story, read_newspaper
from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.extraction.rules import Rules

WORDPRESS_STRUCTURE = Rules(
    name="wordpress",
    container=("article.post .entry-content",),
    title=("header.entry-header h1.entry-title",),
    authors=(".posted-by .byline a",),
    published=(".posted-on time.entry-date",),
    section=(".post-taxonomies .cat-links a",),
    tags=(".post-taxonomies .tags-links a",),
)
"""What WordPress' own themes have in common, for sites whose theme is not known."""

_SIMPLE = re.compile(r"([a-z][a-z0-9]*)?((?:[.#\[][^.#\[]+)*)", re.IGNORECASE)
_PART = re.compile(r"([.#])([\w-]+)|\[([\w-]+)[~|^$*]?=?[\"']?([^\"'\[\]]*)[\"']?\]")


def story_for(site: type[SiteSpider]) -> Story:
    """The story that a site's page tells: one of the invented newspaper's Portuguese ones, the same for the same name."""
    stories = [story for story in read_newspaper() if story.language == "pt"]
    return stories[crc32(site.name.encode()) % len(stories)]


def invented_page(site: type[SiteSpider], story: Story) -> str:
    """The page, as HTML."""
    rules = site.rules or WORDPRESS_STRUCTURE
    moment = story.published.isoformat()
    head = [
        _nested(rules.title, escape(story.title)),
        *(_nested(rules.authors, escape(name)) for name in story.authors),
        _nested(rules.published, f"{story.published:%d/%m/%Y}", f' datetime="{moment}"'),
        _nested(rules.section, escape(story.section)),
        *(_nested(rules.tags, escape(tag)) for tag in story.tags),
    ]
    inside = [
        *(_nested((css,), "<p>Assine o nosso boletim e receba tudo no seu correio.</p>") for css in rules.exclude[:1]),
        story.body,
        *(_nested((css,), "Compartilhe") + "<p>Leia também: outra notícia do dia.</p>" for css in rules.until[:1]),
    ]
    about = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title, "datePublished": moment}
    declared = json.dumps(about, ensure_ascii=False).replace("</", "<\\/")
    return f"""<!DOCTYPE html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<title>{escape(story.title)} - {site.name}</title>
<link rel="canonical" href="{page_address(site, story)}">
<meta property="og:type" content="article">
<meta property="og:title" content="{escape(story.title, quote=True)}">
<meta property="article:published_time" content="{moment}">
<script type="application/ld+json">{declared}</script>
</head>
<body>
<nav><ul><li><a href="/">Capa</a></li><li><a href="/quem-somos/">Quem somos</a></li></ul></nav>
{chr(10).join(head)}
{_nested(rules.container or WORDPRESS_STRUCTURE.container, chr(10).join(inside))}
<section class="related-posts"><h2>Leia também</h2><ul><li><a href="/outra/">Outra notícia do dia</a></li></ul></section>
<div id="comments"><h3>Comentários</h3><p>Um leitor: gostei muito desta matéria.</p></div>
<footer><p>Todos os direitos de {site.name}</p></footer>
</body>
</html>
"""


def page_address(site: type[SiteSpider], story: Story) -> str:
    """Where the page would stand: below the wanted part of the site."""
    return f"{site.site_url}{site.only.rstrip('/')}{story.path}"


def expected_of(site: type[SiteSpider], story: Story) -> dict[str, object]:
    """What reading the page must give: what the story's author wrote."""
    return {
        "url": page_address(site, story),
        "title": story.title,
        "authors": list(story.authors),
        "published": story.published.isoformat(),
        "section": story.section,
        "text": paragraphs(story.body),
    }


def _nested(selectors: tuple[str, ...], inside: str, attributes: str = "") -> str:
    """The elements that the first selector names, one in the other, around some HTML."""
    if not selectors:
        return ""
    html = inside
    steps = [step for step in re.split(r"[\s>+~]+", selectors[0]) if step]
    for place, step in enumerate(reversed(steps)):
        found = _SIMPLE.fullmatch(step)
        assert found is not None, f"{step!r} is a selector that no element can be made of"
        classes, others = [], []
        for mark, name, key, value in _PART.findall(found[2] or ""):
            if mark == ".":
                classes.append(name)
            else:
                others.append(f' {"id" if mark else key}="{name or value}"')
        tag = found[1] or ("time" if attributes and not place else "div")
        shown = f' class="{" ".join(classes)}"' if classes else ""
        html = f"<{tag}{shown}{''.join(others)}{'' if place else attributes}>{html}</{tag}>"
    return html
