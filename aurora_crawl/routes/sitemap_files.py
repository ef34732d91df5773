"""Sitemap files: what stands in one, which of an index hold articles, and those that robots.txt names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import unquote

from aurora_crawl.addresses import joined, path_of, resolved
from aurora_crawl.budget import PAGE_SECONDS, OverBudget, within_budget
from aurora_crawl.extraction.answer import utf8_text
from aurora_crawl.extraction.dates import parse_date
from aurora_crawl.extraction.plain_title import text_of_title
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.feed_items import read_feed
from aurora_crawl.routes.route import RouteFailed
from aurora_crawl.routes.xmltree import Element, Markup, NotXml

MOST_ENTRIES = 100_000
"""Of one file; the protocol allows half of it."""
MOST_SECONDS = 3 * PAGE_SECONDS
"""For one file: the largest that the protocol allows, 50 MB of 50,000 addresses with their pictures, takes 4 s on a fast machine."""
_SAME_MOMENT_SAYS_NOTHING = 20
"""So many addresses with one and the same moment: it is when the file was made, not when they changed."""
_LINES_THAT_ARE_ADDRESSES = 0.5
"""Share of a text's lines from which it is a sitemap of plain lines."""

_WORD = re.compile(r"[^\W\d_]+")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

_GROUPS = set(
    "category categories categoria categorias cat cats tag tags author authors autor autores autora autoras user users usuario"
    " usuarios taxonomy taxonomies taxonomia taxonomias tax format formats term terms".split()
)
"""Words of sitemaps that list groups of articles: with one of them, no other word counts."""
_ARCHIVES = {"archive", "archives"}
"""Lists of months, unless a year stands in the name: then the articles of that year."""
_ARTICLES = set(
    "post posts article articles artigo artigos news noticia noticias notícia notícias materia materias matéria matérias"
    " reportagem reportagens entrevista entrevistas coluna colunas opiniao opinião story stories historia historias blog".split()
)
_OTHER = set(
    "page pages pagina paginas página páginas attachment attachments anexo anexos media midia image images imagem imagens photo"
    " photos foto fotos video videos vídeo vídeos product products produto produtos banner banners popup popups template templates"
    " elementor webstory webstories misc form forms menu widget location locations".split()
)
_WEB_STORIES = re.compile(r"\bweb[\W_]?(?:story|stories|historia|historias)\b")


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


@dataclass(slots=True, frozen=True)
class SitemapFile:
    """What stands in a sitemap; `remarks` are lines for people about what of it could not be used."""

    entries: list[Entry]
    remarks: tuple[str, ...] = ()
    is_whole: bool = True
    """False where it has more entries than are read."""


def read_sitemap(body: bytes, url: str) -> SitemapFile:
    """The entries of a sitemap or of an index: XML, plain or gzipped, a feed, or lines of text. Raises NotASitemap.

    A moment that many entries share is left out.
    """
    try:
        with within_budget(MOST_SECONDS):
            return _read_sitemap(body, url)
    except OverBudget as error:
        raise NotASitemap(N_("{url}: {why}"), url=url, why=error) from error


def _read_sitemap(body: bytes, url: str) -> SitemapFile:
    try:
        markup = Markup(body)
        is_markup = b"<" in body[:1000] or body[:1] == b"\x1f"
        read = list(islice(_in_markup(markup, url), MOST_ENTRIES + 1) if is_markup else ())
        if not read and markup.roots & {"rss", "feed", "rdf"}:
            read = [Entry(one.url, False, None, one.published, one.title) for one in read_feed(body, url).items]
        if not read and not markup.roots:
            read = list(islice(_in_lines(markup.text, url), MOST_ENTRIES + 1))
            if not read:
                raise NotASitemap(N_("{url} is no sitemap: it is not XML"), url=url)
    except NotXml as error:
        raise NotASitemap(N_("{url} is no sitemap: {why}"), url=url, why=error) from error
    is_whole = len(read) <= MOST_ENTRIES
    entries = [entry for entry in read[:MOST_ENTRIES] if entry is not None]
    if markup.remark and not entries:
        raise NotASitemap(N_("{url} is no sitemap: {remark}"), url=url, remark=markup.remark)
    remarks = (
        [
            Message(
                "{url}: {remark}; the {count} entries before that are used",
                url=url,
                remark=markup.remark,
                count=len(entries),
            )
        ]
        if markup.remark
        else []
    )
    if not is_whole:
        remarks.append(Message("{url}: more than {most} entries; the others are left out", url=url, most=MOST_ENTRIES))
    elif len(entries) < len(read):
        remarks.append(
            Message(
                "{url}: {number} entries have no address that can be asked for, and are left out",
                url=url,
                number=len(read) - len(entries),
            )
        )
    if len(entries) >= _SAME_MOMENT_SAYS_NOTHING and len({entry.changed for entry in entries}) == 1:
        entries = [replace(entry, changed=None) for entry in entries]
    return SitemapFile(entries, tuple(remarks), is_whole)


def _in_markup(markup: Markup, base: str) -> Iterator[Entry | None]:
    """The entries of XML; None for one without a usable address."""
    for node in markup.elements({"sitemap", "url"}):
        # What is no address is refused where it would be asked for, with its reason.
        url = joined(base, written) if (written := node.child_text("loc")) else None
        if url is None:
            yield None
            continue
        news = next(iter(node.children("news")), None)
        title = _inside(news, "title")
        yield Entry(
            url,
            node.name == "sitemap",
            parse_date(node.child_text("lastmod") or ""),
            parse_date(_inside(news, "publication_date") or ""),
            text_of_title(title) if title else None,
        )


def _inside(node: Element | None, name: str) -> str | None:
    return node.child_text(name) if node is not None else None


def _in_lines(text: str, base: str) -> Iterator[Entry | None]:
    """The entries of a sitemap of plain lines, an address each; nothing where most lines are none."""
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines() if line.strip() and not line.startswith("#")]
    are = [line.lower().startswith(("http://", "https://")) and " " not in line for line in lines]
    if sum(are) < max(1, _LINES_THAT_ARE_ADDRESSES * len(lines)):
        return
    for line, is_one in zip(lines, are, strict=True):
        url = resolved(base, line) if is_one else None
        yield Entry(url, False) if url else None


def sitemaps_of_articles(index: list[Entry], post_types: Iterable[str]) -> list[Entry]:
    """The entries of an index except those whose names say, in whole words, that they hold something else than articles."""
    wanted = _ARTICLES | {name for type_ in post_types for name in (type_, type_.removesuffix("s"))}
    return [entry for entry in index if _holds_articles(entry.url, wanted)]


def _holds_articles(url: str, wanted: set[str]) -> bool:
    name = unquote(path_of(url)).rpartition("/")[2]
    name = re.sub(r"\.(?:xml|gz|txt|php)\b.*$", "", name, flags=re.IGNORECASE)
    words = _WORD.findall(_CAPITAL_INSIDE.sub(" ", name).lower())
    # WordPress' own name of every sitemap of a post type: the type follows.
    if words[:3] == ["wp", "sitemap", "posts"]:
        words = words[3:]
    kinds = [word for word in words if word not in ("wp", "sitemap", "sitemaps", "index", "xml")]
    if _GROUPS.intersection(kinds):
        return False
    if _ARCHIVES.intersection(kinds) and not _YEAR.search(name):
        return False
    if _WEB_STORIES.search(name.lower().replace("_", "-")):
        return False
    if wanted.intersection(kinds):
        return True
    # One plugin calls the addresses of shops so; newspapers, news of the town.
    return not _OTHER.intersection(kinds) and kinds != ["local"]


def sitemaps_in_robots(body: bytes, url: str) -> list[str]:
    """The addresses that the `Sitemap:` lines of a robots.txt name, each once; line ends of every kind, and marks before."""
    found = []
    for line in utf8_text(body).replace("\ufeff", "").splitlines():
        field, colon, value = line.partition(":")
        if colon and field.strip().lower() == "sitemap" and value.strip():
            address = resolved(url, value.split()[0])
            if address is not None:
                found.append(address)
    return list(dict.fromkeys(found))
