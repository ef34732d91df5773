"""Posts, authors, sections and tags as WordPress 6.1 writes them in JSON; field by field compared with a real one."""

from __future__ import annotations

import re
from typing import Any

from aurora_crawl.demo.wordpress_site import Post, Site, Term, local

Json = dict[str, Any]

EXCERPT_WORDS = 55
_REST_BASES = {"user": "users", "category": "categories", "post_tag": "tags"}
_ADDRESS_PARTS = {"user": "author", "category": "category", "post_tag": "tag"}
_CURIES = [{"name": "wp", "href": "https://api.w.org/{rel}", "templated": True}]
_ENTITIES = {
    "&": "&#038;",
    "“": "&#8220;",
    "”": "&#8221;",
    "’": "&#8217;",
    "‘": "&#8216;",
    "–": "&#8211;",
    "…": "&#8230;",
}


def rendered_title(title: str) -> str:
    """A title as WordPress renders it: its typographic signs as numbered entities."""
    return "".join(_ENTITIES.get(sign, sign) for sign in title)


def excerpt(body: str) -> str:
    """The first 55 words of an article, in one paragraph of HTML."""
    words = re.sub(r"<[^>]+>", " ", body).split()
    return f"<p>{' '.join(words[:EXCERPT_WORDS])}{' [&hellip;]' if len(words) > EXCERPT_WORDS else ''}</p>\n"


def term_link(site: Site, term: Term) -> str:
    """The address of the listing of an author, a section or a tag."""
    return f"{site.address}/{_ADDRESS_PARTS[term.taxonomy]}/{term.slug}/"


def post_record(site: Site, post: Post) -> Json:
    """A post as `/wp/v2/posts` lists it, with its links, without what could be embedded."""
    story = post.story
    link, api = site.link(post), f"{site.address}/wp-json/wp/v2"
    author = site.terms_of(post, "user")[0]
    return {
        "id": post.id,
        "date": _stamp(local(post.published)),
        "date_gmt": _stamp(post.published),
        "guid": {"rendered": f"{site.address}/?p={post.id}"},
        "modified": _stamp(local(post.modified)),
        "modified_gmt": _stamp(post.modified),
        "slug": story.slug,
        "status": "publish",
        "type": "post",
        "link": link,
        "title": {"rendered": rendered_title(story.title)},
        "content": {"rendered": site.content(post), "protected": False},
        "excerpt": {"rendered": excerpt(story.body), "protected": False},
        "author": author.id,
        "featured_media": 0,
        "comment_status": "open",
        "ping_status": "open",
        "sticky": False,
        "template": "",
        "format": "standard",
        "meta": [],
        "categories": [term.id for term in site.terms_of(post, "category")],
        "tags": [term.id for term in site.terms_of(post, "post_tag")],
        "_links": {
            "self": [{"href": f"{api}/posts/{post.id}"}],
            "collection": [{"href": f"{api}/posts"}],
            "about": [{"href": f"{api}/types/post"}],
            "author": [{"embeddable": True, "href": f"{api}/users/{author.id}"}],
            "replies": [{"embeddable": True, "href": f"{api}/comments?post={post.id}"}],
            "version-history": [{"count": 0, "href": f"{api}/posts/{post.id}/revisions"}],
            "wp:attachment": [{"href": f"{api}/media?parent={post.id}"}],
            "wp:term": [
                {"taxonomy": taxonomy, "embeddable": True, "href": f"{api}/{base}?post={post.id}"}
                for taxonomy, base in _REST_BASES.items()
                if taxonomy != "user"
            ],
            "curies": _CURIES,
        },
    }


def embedded(site: Site, post: Post, relations: set[str] | None) -> Json:
    """What `_embed` adds to a post: its author, its terms; only the named relations, or all of them for None."""
    found: Json = {}
    if relations is None or "author" in relations:
        found["author"] = [_without(term_record(site, term), "meta") for term in site.terms_of(post, "user")]
    if relations is None or "wp:term" in relations:
        found["wp:term"] = [
            [_without(term_record(site, term), "meta", "count", "description", "parent") for term in terms]
            for terms in (site.terms_of(post, "category"), site.terms_of(post, "post_tag"))
        ]
    return found


def term_record(site: Site, term: Term) -> Json:
    """An author, a section or a tag as `/wp/v2/users`, `categories` and `tags` list them."""
    api, base = f"{site.address}/wp-json/wp/v2", _REST_BASES[term.taxonomy]
    links: Json = {"self": [{"href": f"{api}/{base}/{term.id}"}], "collection": [{"href": f"{api}/{base}"}]}
    if term.taxonomy == "user":
        return {
            "id": term.id,
            "name": term.name,
            "url": "",
            "description": "",
            "link": term_link(site, term),
            "slug": term.slug,
            "avatar_urls": {},
            "meta": [],
            "_links": links,
        }
    record: Json = {
        "id": term.id,
        "count": site.count_of(term),
        "description": "",
        "link": term_link(site, term),
        "name": term.name,
        "slug": term.slug,
        "taxonomy": term.taxonomy,
    }
    if term.taxonomy == "category":
        record["parent"] = 0
    links["about"] = [{"href": f"{api}/taxonomies/{term.taxonomy}"}]
    links["wp:post_type"] = [{"href": f"{api}/posts?{base}={term.id}"}]
    links["curies"] = _CURIES
    return {**record, "meta": [], "_links": links}


def chosen(record: Json, fields: list[str]) -> Json:
    """The record with the fields that `_fields` names, `title.rendered` being one inside another; all for none."""
    if not fields:
        return record
    kept: Json = {}
    for name in fields:
        source, target = record, kept
        *outer, last = name.split(".")
        for step in outer:
            if not isinstance(source.get(step), dict):
                break
            source = source[step]
            target = target.setdefault(step, {})
        else:
            if last in source:
                target[last] = source[last]
    return kept


def _without(record: Json, *names: str) -> Json:
    return {name: value for name, value in record.items() if name not in names}


def _stamp(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}"
