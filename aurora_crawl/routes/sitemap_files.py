"""Sitemap files: what stands in one, and which of an index hold articles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aurora_crawl.addresses import joined
from aurora_crawl.extraction.dates import parse_date
from aurora_crawl.routes.route import RouteFailed
from aurora_crawl.routes.xmltree import NotXml, child_text, elements, local_name

_FRAME = re.compile(r"^wp-sitemap-(?:posts-)?|sitemaps?|\.xml.*$|\d+(?=\.|$)", re.IGNORECASE)
_NOT_ARTICLES = re.compile(
    r"(?:page|attachment|image|video|product|banner|popup|local|web-?stor)|(?:categor|tag|author|user|autor|archive|taxonom|format)",
    re.IGNORECASE,
)
_ARTICLES = {"post", "posts", "article", "articles", "news", "noticias", "materias"}
_SAME_MOMENT_SAYS_NOTHING = 20
"""So many addresses with one and the same moment: it is when the file was made, not when they changed."""


class NotASitemap(RouteFailed):
    """Something else stands where a sitemap was looked for."""


@dataclass(slots=True, frozen=True)
class Entry:
    """A line of a sitemap or, where `is_sitemap`, of an index."""

    url: str
    is_sitemap: bool
    changed: str | None = None
    published: str | None = None
    title: str | None = None


def read_sitemap(body: bytes, url: str) -> list[Entry]:
    """The entries of a sitemap or of an index, plain or gzipped. Raises NotASitemap.

    A moment that many entries share is left out.
    """
    try:
        entries = [
            Entry(
                joined(url, address),
                local_name(node) == "sitemap",
                parse_date(child_text(node, "lastmod") or ""),
                parse_date(child_text(node, "publication_date") or ""),
                child_text(node, "title") if node.find("{*}news") is not None else None,
            )
            for node in elements(body, {"sitemap", "url"})
            if (address := child_text(node, "loc"))
        ]
    except NotXml as error:
        raise NotASitemap(f"{url} is no sitemap: {error}") from error
    if len(entries) >= _SAME_MOMENT_SAYS_NOTHING and len({entry.changed for entry in entries}) == 1:
        return [Entry(entry.url, entry.is_sitemap, None, entry.published, entry.title) for entry in entries]
    return entries


def sitemaps_of_articles(index: list[Entry], post_types: Iterable[str]) -> list[Entry]:
    """The entries of an index whose names say articles; if none does, those whose names do not say something else."""
    kinds = [
        (entry, _FRAME.sub("", _path(entry.url).rpartition("/")[2]).strip("-_.0123456789").lower()) for entry in index
    ]
    wanted = _ARTICLES | {name for type_ in post_types for name in (type_, type_.removesuffix("s"))}
    named = [entry for entry, kind in kinds if kind in wanted]
    return named or [entry for entry, kind in kinds if not _NOT_ARTICLES.search(kind)]


def _path(url: str) -> str:
    """The path of an address; empty where it is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
