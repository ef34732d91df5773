"""Learns which paths of a site are articles', from addresses that are and addresses that are not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from aurora_crawl.addresses import path_of
from aurora_crawl.inspection.front_page import looks_like_article

_SHAPES = (
    r"^/\d{4}/\d{2}/\d{2}/.",
    r"^/\d{4}/\d{2}/.",
    r"^/\d{4}/.",
    r"/\d{4}/\d{2}/\d{2}/.",
    r"/\d{4}/\d{2}/.",
)
_LAST_SHAPES = (r"/\d{3,}(?:[-_/]|$)", r"[-_]\d{3,}(?:\.\w+|/)?$", r"\.html?$", r"\.s?html?$|\.php$|\.aspx?$")
_MOST_SECTIONS = 8
_MOST_NAMED = 15
_LEAST = 3
_STATIC = re.compile(
    r"^/(?:quem-?somos|sobre(?:-n[oó]s)?|contato|fale-?conosco|apoie|doe|assine|anuncie|expediente|equipe|privacidade|pol[ií]tica[\w-]*|termos[\w-]*|"
    r"busca|login|cadastro|mapa-do-site|newsletter|faq|loja|about|contact|privacy[\w-]*|nossa-hist[oó]ria|o-jornal|institucional)(?:\.\w+)?/?$",
    re.IGNORECASE,
)


def learn_paths(known: Sequence[str], listed: Sequence[str], places: Iterable[str] = ()) -> str:
    """A regular expression for the paths of articles; empty where nothing that is listed has to be kept out.

    `known`: addresses of articles. `listed`: what the site's sitemap or listing names, articles and others. `places`: addresses of
    pages that list articles. What is neither known nor of an article's form, or is one of the pages that every site has, has to be
    kept out, where one form tells it from the articles; else by name.
    """
    known_paths = {_path(url) for url in known}
    groups = {_path(url) for url in places} - known_paths
    paths = list(dict.fromkeys(_path(url) for url in listed))
    surely = [path for path in paths if (_STATIC.search(path) or path in groups) and path not in known_paths]
    doubtful = [
        path
        for path in paths
        if path not in known_paths and path not in surely and not looks_like_article(f"https://site{path}")
    ]
    articles = list(
        dict.fromkeys([*known_paths, *(path for path in paths if path not in surely and path not in doubtful)])
    )
    if not (surely or doubtful) or len(articles) < _LEAST:
        return ""
    others = [*surely, *doubtful]
    for shape in (*_SHAPES, *_by_sections(articles), *_LAST_SHAPES):
        pattern = re.compile(shape)
        if all(map(pattern.search, articles)) and not any(map(pattern.search, others)):
            return shape
    if surely and len(surely) <= _MOST_NAMED:
        names = "|".join(sorted(re.escape(path.strip("/")).replace(r"\-", "-") for path in surely))
        return rf"^/(?!(?:{names})/?$)."
    return ""


def _by_sections(articles: Sequence[str]) -> list[str]:
    """The sections that all articles lie in, where they are few and have something behind them."""
    parts = [path.split("/") for path in articles]
    if not all(len(one) > 2 and one[2] for one in parts):
        return []
    sections = sorted({one[1] for one in parts})
    if len(sections) == 1:
        return [rf"^/{re.escape(sections[0])}/.".replace(r"\-", "-")]
    if len(sections) <= _MOST_SECTIONS:
        return [rf"^/(?:{'|'.join(map(re.escape, sections))})/.".replace(r"\-", "-")]
    return [r"^/[^/]+/."]


def _path(url: str) -> str:
    return path_of(url) or "/"
