"""Hostile inputs for the readers of `benchmarks/hostile.py`: a name, and what makes the input and hands back what reads it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from functools import partial

from scrapy.http import HtmlResponse, TextResponse

from aurora_crawl.budget import within_budget
from aurora_crawl.crawling.archived_answer import PassedOver, articles_in
from aurora_crawl.crawling.archived_words import HostWords, word_in
from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.article_page import read_page
from aurora_crawl.crawling.documents import files_on
from aurora_crawl.crawling.site_spider import reading_of, scope_of
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.extraction.answer import MOST_PAGE, BrokenBody, TooLarge, declared_encoding, right_letters
from aurora_crawl.extraction.books.work_index import WorkTemplate, links_on
from aurora_crawl.extraction.books.work_page import read_work_page
from aurora_crawl.extraction.bot_wall import is_challenge
from aurora_crawl.extraction.optout import (
    meta_signals,
    reservation_signals,
    reservations_in,
    robots_rules,
    robots_signals,
)
from aurora_crawl.extraction.rest_answer import NotRows, posts_in, read_rows
from aurora_crawl.extraction.wordpress_post import read_post
from aurora_crawl.inspection.answers import got
from aurora_crawl.inspection.front_page import read_front_page
from aurora_crawl.inspection.learned_listing import learn_listing
from aurora_crawl.items import Article
from aurora_crawl.routes.cards import Cards, read_listing
from aurora_crawl.routes.feed_items import read_feed
from aurora_crawl.routes.sitemap_files import NotASitemap, read_sitemap, sitemaps_in_robots
from aurora_crawl.routes.xmltree import NotXml
from aurora_crawl.storage.archive import capture_in
from aurora_crawl.text.clean import Rules, clean

SIZE = 3 << 20
"""Bytes of an input; a third of DOWNLOAD_MAXSIZE, which a page of text never has."""
URL = "https://farol.example/2020/01/materia/"
SITE = "https://farol.example"
EXPECTED = (NotRows, NotASitemap, NotXml, BrokenBody, TooLarge, PassedOver)
"""How reading may end, beside the budget of time: the caller fails the page, or tries the next route."""
CARDS = Cards(card="article", title="h2, h3", date="time")

PIECES = {
    "paragraphs": "<p>a", "divs": "<div>", "spans": "<span>a", "bold": "<b>a", "headings": "<h1>Um título da matéria</h1>",
    "metas": '<meta property="og:title" content="Um título">', "open meta": "<meta ", "scripts": "<script ", "comments": "<!--", "cdata": "<![CDATA[",
    "json-ld": '<script type="application/ld+json">{"@type":"NewsArticle"}</script>', "lists": "<ul><li>", "tables": "<table><tr><td>",
    "attributes": " a=b", "amp;": "&amp;", "only amp;": "amp;", "entities": "&eacute;", "numbers": "&#233;", "spaces": " ", "lines": "\n", "nbsp": "\u00a0",
    "letters": "a", "capitals": "A", "stops": ". ", "dashes": "- ", "commas": "a, ", "names": "Ana Lima ", "by": "Por Ana ", "mails": "a@a.br ", "digits": "1",
    "dates": "12 de março de 2020 ", "mojibake": "Ã£", "broken": "Ã ", "invisible": "\u200b", "combining": "a\u0301\u0302", "shortcodes": "[caption]", "brackets": "[[", "braces": "{", "quotes": '"',
    "backslashes": "\\", "images": '<img src="a.jpg" alt="Foto: Ana">', "links": '<a href="/2020/01/outra/">Outra matéria</a>', "notes": '<sup><a href="#n1">1</a></sup>',
    "blocks": "<blockquote>", "iframes": "<iframe>", "figures": "<figure><figcaption>Foto: Ana Lima", "less": "<", "times": '<time datetime="2020-01-01">', "phones": "(11) 91234-5678 ",
}  # fmt: skip
"""By name: what an input repeats until it is full."""
FILES = {
    "locs": b"<url><loc>https://farol.example/a</loc></url>", "open locs": b"<url><loc>", "entities": b"&amp;", "declared": b'<!ENTITY a "&b;">', "nested": b"<a>",
    "attributes": b' a="b"', "items": b"<item><title>a</title>", "zeros": b"\0", "stops": b"* ", "lines": b"\n", "disallow": b"Disallow: /a*b*c*d*e*f*\n", "sitemaps": b"Sitemap: /a.xml\n",
}  # fmt: skip
ROWS = {
    "deep": lambda: b"[" * SIZE,
    "objects": lambda: b'{"a":' * (SIZE // 5),
    "rows": lambda: b"[" + b"{}," * (SIZE // 3) + b"{}]",
    "digits": lambda: b"[" + b"9" * SIZE + b"]",
    "broken rows": lambda: b"[" + b'{"id":1,"link":"http://[x"},' * (SIZE // 28) + b"{}]",
    "notices": lambda: b"<br>[" * (SIZE // 5),
    "escapes": lambda: b'["' + b"\\ud800" * (SIZE // 6) + b'"]',
    "open strings": lambda: b'["' * (SIZE // 2),
    "wrapped": lambda: b'{"posts":' * 500 + b"[]" + b"}" * 500,
    "backslashes": lambda: b'[{"id":1,"link":"' + b"\\\\" * (SIZE // 2) + b'"}]',
}
RULES = {
    "rules": b"User-agent: *\n" + b"Disallow: /a\n" * 40_000,
    "rules of all robots": b"".join(b"User-agent: %s\nDisallow: /a%d*b\n" % (name, number) for number in range(3000) for name in (b"GPTBot", b"CCBot", b"*")),
    "stars": b"User-agent: *\n" + b"Disallow: /" + b"*a" * 200_000,
    "agents": b"User-agent: a\n" * 40_000,
    "400,000 lines": b"\n" * 400_000,
    "carriage returns": b"\r" * 400_000,
    "long line": b"User-agent: *\nDisallow: /" + b"a" * 500_000,
    "percent": b"User-agent: *\n" + b"Disallow: /%E0%A4%A\n" * 25_000,
    "no text": bytes(range(256)) * 2000,
}  # fmt: skip
RESERVATIONS = {
    "deep": b"[" * 400_000,
    "deep objects": b'{"location":' * 80_000,
    "locations": b"[" + b'{"location":"/a","tdm-reservation":1},' * 25_000 + b"{}]",
    "stars": b'[{"location":"' + b"*a" * 400_000 + b'","tdm-reservation":1}]',
    "number": b'[{"location":"/","tdm-reservation":' + b"1" * 400_000 + b"}]",
    "surrogates": b'[{"location":"\\ud800","tdm-reservation":1}]',
}
CHARSETS = "hex zlib idna punycode undefined unicode_escape raw_unicode_escape utf-7 base64 bz2 rot13 uu quopri mbcs x-user-defined utf-16 utf-32 none".split()
"""What pages name as their letters and what is none, or none that a page should be read in."""

Reader = Callable[[], object]
Input = tuple[str, Callable[[], Reader]]
"""A name, and what makes the input and gives what reads it."""


def page(piece: str) -> str:
    """A page that holds a sentence, and a piece over and over."""
    body = piece * (SIZE // len(piece.encode()))
    return f"<html><head><title>Um título</title></head><body><article class='entry-content'><p>Uma frase da matéria.</p>{body}</article></body></html>"


def filled(piece: str) -> str:
    """A piece over and over."""
    return (piece * (SIZE // len(piece.encode())))[:SIZE]


def read_as_page(html: str) -> None:
    """As a crawl reads a page, and what its middlewares look for in it."""
    reading = reading_of(OfaroldovaleSpider, CrawlArguments())
    is_challenge(html)
    meta_signals(html)
    article = read_page(html, URL, reading, route="sitemap").article
    with within_budget():
        clean(article, Rules())


def read_as_text(text: str) -> None:
    """As a text that came whole is cleaned."""
    moment = "2024-01-01T00:00:00+00:00"
    article = Article("0" * 16, URL, "ofaroldovale", title=text[:2000], text=text, route="rest", crawled_at=moment)
    with within_budget():
        clean(article, Rules())


def read_as_post(html: str) -> None:
    """As a post of a REST answer is read."""
    told = {"title": {"rendered": html[:5000]}, "content": {"rendered": html}, "date": "2020-01-01T00:00:00"}
    read_post({"id": 1, "link": URL, **told}, site="ofaroldovale", site_url=SITE, license=None)


def read_as_listing(html: str) -> None:
    """As a crawl reads a listing, and as newsite learns one and looks at a front page."""
    read_listing(html, URL, CARDS, "a.next")
    read_front_page(got(HtmlResponse(URL, body=html.encode(), encoding="utf-8")), SITE)
    learn_listing(html, URL, SITE, lambda url: True)


def read_as_work(html: str) -> None:
    """As pages of a library's works and of its files are read."""
    read_work_page(html, URL, WorkTemplate())
    links_on(html, URL)
    files_on(html, URL)


def read_as_archived(body: bytes) -> None:
    """As an answer out of an archive is read."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + (
        b"Content-Encoding: gzip\r\n" if body[:2] == b"\x1f\x8b" else b""
    )
    capture = capture_in(URL, head + body[:0] + (body if body.startswith(b"a: b") else b"\r\n" + body), None)
    if capture is not None:
        reading, scope = (
            reading_of(OfaroldovaleSpider, CrawlArguments()),
            scope_of(OfaroldovaleSpider, CrawlArguments()),
        )
        list(articles_in(capture, reading, scope, MOST_PAGE))


def read_as_archived_rows(body: bytes) -> None:
    """As a list of posts out of an archive is read, and looked through by forget."""
    url = f"{SITE}/wp-json/wp/v2/posts"
    capture = capture_in(url, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body, None)
    assert capture is not None
    posts_in(body)
    reading, scope = reading_of(OfaroldovaleSpider, CrawlArguments()), scope_of(OfaroldovaleSpider, CrawlArguments())
    list(articles_in(capture, reading, scope, MOST_PAGE))


def read_as_rules(body: bytes) -> None:
    """As robots.txt is read and asked for a hundred articles, in a crawl and in an archive."""
    allowed = robots_rules(body)
    for number in range(100):
        robots_signals(allowed, f"{URL}{number}/")
    sitemaps_in_robots(body, f"{SITE}/robots.txt")
    capture = capture_in(f"{SITE}/robots.txt", b"HTTP/1.1 200 OK\r\n\r\n" + body, None)
    word = word_in(capture) if capture is not None else None
    if word is not None:
        words = HostWords()
        words.hear(word)
        words.of(URL)


def read_as_reservations(body: bytes) -> None:
    """As tdmrep.json is read and asked for a hundred articles."""
    rules = reservations_in(body)
    for number in range(100):
        reservation_signals(rules, f"{URL}{number}/")


def read_in_letters(name: str) -> None:
    """As a page in some letters is read."""
    body = f"<meta charset={name}><p>Não é água.</p>".encode() * 1000
    encoding, mended = right_letters(body, declared_encoding(f"text/html; charset={name}", body))
    html = TextResponse(URL, body=mended, encoding=encoding).text
    assert "gua" in html
    read_as_page(html)


def packed(size: int) -> bytes:
    """So many zeros, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


def inputs() -> Iterator[Input]:
    """All of them. Nothing is made before it is wanted: inputs are large."""
    for name, piece in PIECES.items():
        yield f"page: {name}", lambda piece=piece: partial(read_as_page, page(piece))
        yield f"post: {name}", lambda piece=piece: partial(read_as_post, filled(piece))
        yield f"text: {name}", lambda piece=piece: partial(read_as_text, filled(piece))
        yield f"listing: {name}", lambda piece=piece: partial(read_as_listing, page(piece))
        yield f"work: {name}", lambda piece=piece: partial(read_as_work, page(piece))
    for name, piece in FILES.items():

        def body(piece: bytes = piece) -> bytes:
            return b"<?xml version='1.0'?><urlset>" + piece * (SIZE // len(piece))

        yield f"sitemap: {name}", lambda body=body: partial(read_sitemap, body(), URL)
        yield f"feed: {name}", lambda body=body: partial(read_feed, body().replace(b"urlset", b"rss", 1), URL)
        yield f"robots.txt: {name}", lambda body=body: partial(read_as_rules, body())
    for name, body in ROWS.items():
        yield f"rest: {name}", lambda body=body: partial(read_rows, body())
        yield f"archived rest: {name}", lambda body=body: partial(read_as_archived_rows, body())
    for name, rules in RULES.items():
        yield f"robots.txt: {name}", lambda rules=rules: partial(read_as_rules, rules)
    for name, rules in RESERVATIONS.items():
        yield f"tdmrep.json: {name}", lambda rules=rules: partial(read_as_reservations, rules)
    for name in CHARSETS:
        yield f"letters: {name}", lambda name=name: partial(read_in_letters, name)
    bodies: dict[str, Callable[[], bytes]] = {
        "gzip members": lambda: zlib.compress(b"", wbits=31) * 200_000,
        "bomb": lambda: packed(300 << 20),
        "headers": lambda: b"a: b\r\n" * (SIZE // 6),
        "chunks": lambda: b"1\r\na\r\n" * (SIZE // 6),
    }
    for name, make in bodies.items():
        yield f"archived page: {name}", lambda make=make: partial(read_as_archived, make())
        yield f"sitemap.gz: {name}", lambda make=make: partial(read_sitemap, make(), f"{URL}sitemap.xml.gz")
