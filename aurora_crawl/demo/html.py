"""The invented newspaper's HTML: its article pages, its listings and its static pages, marked up as WordPress themes do."""

from __future__ import annotations

import json
import re
from html import escape
from urllib.parse import parse_qs

from aurora_crawl.demo.wordpress_site import STATIC_PAGES, Answer, Post, Site, StaticPage, Taxonomy, local
from aurora_crawl.demo.wp_records import excerpt, rendered_title, term_link

POSTS_A_PAGE = 10
LATEST = 5
_MONTHS = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split()
_LISTED: dict[str, Taxonomy] = {"category": "category", "tag": "post_tag", "author": "user"}


def answer(site: Site, path: str, query: str) -> Answer:
    """The page at a path: listing, article or static page; 404 where there is none, 301 to the form with a slash."""
    asked = parse_qs(query, keep_blank_values=True)
    if path == "/" and "p" in asked:
        post = site.post(int(asked["p"][-1])) if asked["p"][-1].isdigit() else None
        return _moved(site.link(post)) if post else missing(site)
    listing = re.fullmatch(r"/(?:(category|tag|author)/([^/]+)/)?(?:page/(\d+)/)?", path)
    if listing:
        kind, slug, page = listing.groups()
        number = int(page or 1)
        if "s" in asked:
            return _search(site, asked["s"][-1], number)
        return _listing(site, kind, slug, number)
    for page_at in STATIC_PAGES:
        if path == page_at.path:
            return _page(site, page_at.title, _static(page_at), site.address + path)
    post = site.post_at(path)
    if post:
        return _article(site, post)
    if not path.endswith("/") and answer(site, path + "/", query).status == 200:
        return _moved(f"{site.address}{path}/{'?' + query if query else ''}")
    return missing(site)


def missing(site: Site) -> Answer:
    """The page that says that there is no such page, with status 404."""
    body = "<h1>Página não encontrada</h1><p>O endereço mudou, ou nunca existiu. Tente a busca.</p>"
    found = _page(site, "Página não encontrada", f'<main id="main" class="site-main">{body}</main>', None)
    found.status = 404
    return found


def _listing(site: Site, kind: str | None, slug: str | None, number: int) -> Answer:
    title, base, posts = site.name, f"{site.address}/", site.posts("date", descending=True)
    if kind:
        term = next((term for term in site.terms(_LISTED[kind]) if term.slug == slug), None)
        if term is None:
            return missing(site)
        title, base, posts = term.name, term_link(site, term), site.posts_of(term)
    first = (number - 1) * POSTS_A_PAGE
    if number < 1 or (number > 1 and first >= len(posts)):
        return missing(site)
    cards = [_card(site, post) for post in posts[first : first + POSTS_A_PAGE]]
    return _page(site, title, _cards(title, cards, base, "", number, -(-len(posts) // POSTS_A_PAGE)), base)


def _search(site: Site, words: str, number: int) -> Answer:
    """What `/?s=` lists: every post and static page with the words in it; all of them for no words."""
    wanted = words.casefold()
    found = [_static_card(site, page) for page in STATIC_PAGES if wanted in page.title.casefold()]
    found += [
        _card(site, post)
        for post in site.posts("date", descending=True)
        if wanted in f"{post.story.title} {post.story.body}".casefold()
    ]
    first = (number - 1) * POSTS_A_PAGE
    if number < 1 or (number > 1 and first >= len(found)):
        return missing(site)
    cards, pages = found[first : first + POSTS_A_PAGE], -(-len(found) // POSTS_A_PAGE)
    return _page(site, "Busca", _cards("Busca", cards, f"{site.address}/", f"?s={escape(words)}", number, pages), None)


def _cards(title: str, cards: list[str], base: str, query: str, number: int, pages: int) -> str:
    links = [
        f'<a class="{name} page-numbers" href="{base}{f"page/{target}/" if target > 1 else ""}{query}">{text}</a>'
        for name, target, text in (("prev", number - 1, "Anterior"), ("next", number + 1, "Próximo"))
        if 1 <= target <= pages
    ]
    listed = "\n".join(cards) or '<p class="no-results">Nenhum resultado</p>'
    return (
        f'<main id="main" class="site-main"><h1 class="page-title">{escape(title)}</h1>\n{listed}\n'
        f'<nav class="navigation pagination"><div class="nav-links">{" ".join(links)}</div></nav></main>'
    )


def _card(site: Site, post: Post) -> str:
    return (
        f'<article id="post-{post.id}" class="post-{post.id} post type-post status-publish hentry">\n'
        f'<header class="entry-header"><h2 class="entry-title"><a href="{site.link(post)}" rel="bookmark">'
        f"{rendered_title(post.story.title)}</a></h2>\n{_meta(site, post)}</header>\n"
        f'<div class="entry-summary">{excerpt(site.content(post))}</div>\n</article>'
    )


def _static_card(site: Site, page: StaticPage) -> str:
    return (
        f'<article class="page type-page hentry"><h2 class="entry-title"><a href="{site.address}{page.path}">'
        f'{page.title}</a></h2><div class="entry-summary">{page.body}</div></article>'
    )


def _meta(site: Site, post: Post) -> str:
    when = local(post.published)
    author, section = site.terms_of(post, "user")[0], site.terms_of(post, "category")[0]
    return (
        f'<div class="entry-meta"><time class="entry-date published" datetime="{when.isoformat()}">'
        f"{when.day} de {_MONTHS[when.month - 1]} de {when.year}</time> "
        f'<span class="byline">Por <a href="{term_link(site, author)}" rel="author">{escape(author.name)}</a></span> '
        f'<span class="cat-links"><a href="{term_link(site, section)}" rel="category tag">{escape(section.name)}</a>'
        "</span></div>"
    )


def _article(site: Site, post: Post) -> Answer:
    story, link = post.story, site.link(post)
    tags = ", ".join(
        f'<a href="{term_link(site, tag)}" rel="tag">{escape(tag.name)}</a>' for tag in site.terms_of(post, "post_tag")
    )
    body = (
        f'<main id="main" class="site-main"><article id="post-{post.id}" class="post-{post.id} post type-post hentry">\n'
        f'<header class="entry-header"><h1 class="entry-title">{rendered_title(story.title)}</h1>\n'
        f"{_meta(site, post)}</header>\n"
        f'<div class="entry-content">\n{site.content(post)}\n</div><!-- .entry-content -->\n'
        f'<footer class="entry-footer"><span class="tags-links">Marcado como {tags}</span></footer>\n</article>\n'
        f"{_comment_form(site, post)}</main>"
    )
    found = _page(site, story.title, body, link, _metadata(site, post))
    found.modified = post.modified
    # The page's side bar changes with every new post; what says whether the article changed is its own date.
    found.etag = f'W/"{post.id}-{post.modified:%Y%m%d%H%M%S}"'
    return found


def _metadata(site: Site, post: Post) -> str:
    story, link = post.story, site.link(post)
    published, modified = post.published.isoformat(), post.modified.isoformat()
    pairs = [
        ("og:locale", "pt_BR"),
        ("og:type", "article"),
        ("og:title", story.title),
        ("og:url", link),
        ("og:site_name", site.name),
        ("article:published_time", published),
        ("article:modified_time", modified),
        ("article:section", story.section),
        *(("article:tag", tag) for tag in story.tags),
    ]
    about = {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "NewsArticle",
                "@id": f"{link}#article",
                "headline": story.title,
                "datePublished": published,
                "dateModified": modified,
                "author": [{"@type": "Person", "name": author} for author in story.authors],
                "articleSection": [story.section],
                "keywords": list(story.tags),
                "inLanguage": "pt-BR",
                "mainEntityOfPage": {"@id": link},
                "publisher": {"@id": f"{site.address}/#organization"},
            },
            {"@type": "NewsMediaOrganization", "@id": f"{site.address}/#organization", "name": site.name},
        ],
    }
    lines = [f'<meta property="{name}" content="{escape(value)}" />' for name, value in pairs]
    text = json.dumps(about, ensure_ascii=False).replace("</", "<\\/")
    return "\n".join([*lines, f'<script type="application/ld+json" class="yoast-schema-graph">{text}</script>'])


def _comment_form(site: Site, post: Post) -> str:
    return (
        '<div id="comments" class="comments-area"><div id="respond" class="comment-respond">'
        '<h2 id="reply-title" class="comment-reply-title">Deixe um comentário</h2>'
        f'<form action="{site.address}/wp-comments-post.php" method="post" id="commentform" class="comment-form">'
        '<p class="comment-notes">O seu endereço de e-mail não será publicado. Campos obrigatórios são marcados com *</p>'
        '<p><label for="comment">Comentário *</label> <textarea id="comment" name="comment"></textarea></p>'
        '<p><input type="checkbox" name="wp-comment-cookies-consent" /> Salvar meus dados neste navegador para a próxima '
        "vez que eu comentar.</p>"
        f'<input type="hidden" name="comment_post_ID" value="{post.id}" /></form></div></div>\n'
    )


def _static(page: StaticPage) -> str:
    return (
        f'<main id="main" class="site-main"><article class="page type-page hentry"><h1 class="entry-title">{page.title}'
        f'</h1><div class="entry-content">{page.body}</div></article></main>'
    )


def _page(site: Site, title: str, body: str, canonical: str | None, metadata: str = "") -> Answer:
    sections = "".join(
        f'<li class="menu-item"><a href="{term_link(site, term)}">{escape(term.name)}</a></li>'
        for term in site.terms("category")
    )
    pages = "".join(
        f'<li class="menu-item"><a href="{site.address}{page.path}">{page.title}</a></li>' for page in STATIC_PAGES
    )
    latest = "\n".join(
        f'<li><a class="wp-block-latest-posts__post-title" href="{site.link(post)}">{rendered_title(post.story.title)}</a>'
        f"{excerpt(site.content(post))}</li>"
        for post in site.posts("date", descending=True)[:LATEST]
    )
    link = f'<link rel="canonical" href="{canonical}" />' if canonical else ""
    text = f"""<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="UTF-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>{escape(title)} &#8211; {escape(site.name)}</title>
<meta name="robots" content="max-image-preview:large" />
<meta name="generator" content="WordPress 6.1.9" />
<link rel="alternate" type="application/rss+xml" title="Feed de {escape(site.name)}" href="{site.address}/feed/" />
<link rel="https://api.w.org/" href="{site.address}/wp-json/" />
{link}
{metadata}
</head>
<body>
<header id="masthead" class="site-header"><p class="site-title"><a href="{site.address}/">{escape(site.name)}</a></p>
<nav id="site-navigation" class="main-navigation"><ul class="menu">{sections}{pages}</ul></nav></header>
<div id="content" class="site-content">
{body}
<aside class="widget-area"><section class="widget"><h2>Últimas</h2>
<ul class="wp-block-latest-posts">
{latest}
</ul></section>
<section class="widget"><h2>Boletim</h2><p>Receba o Farol todo domingo no seu e-mail.</p></section></aside>
</div>
<footer id="colophon" class="site-footer"><p>{escape(site.name)} · Rua da Estação, 41 · Conteúdo livre com crédito</p>
<ul class="menu">{pages}</ul></footer>
</body>
</html>
"""
    return Answer(text.encode())


def _moved(target: str) -> Answer:
    return Answer(b"", status=301, headers={"Location": target})
