"""What hostile inputs cost: python benchmarks/hostile.py [--only WORDS] [--jobs N]

Each row is one input, read by what a crawl reads it with, in a process of its own: a page (read and cleaned), a fragment of a REST
answer, a sitemap, a feed, robots.txt, tdmrep.json, a REST answer, an archived answer. Exit status 1 where one takes more than
10 s of the processor, more than 400 MB, or ends with an error that nobody expects.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

from scrapy.http import TextResponse

from aurora_crawl.budget import OverBudget, within_budget
from aurora_crawl.crawling.arguments import read_arguments
from aurora_crawl.crawling.article_page import read_page
from aurora_crawl.crawling.site_spider import reading_of
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.extraction.answer import BrokenBody, TooLarge, archived_page
from aurora_crawl.extraction.bot_wall import is_challenge
from aurora_crawl.extraction.optout import meta_signals
from aurora_crawl.extraction.rest_answer import NotRows, read_rows
from aurora_crawl.extraction.wordpress_post import read_post
from aurora_crawl.items import Article
from aurora_crawl.routes.feed_items import read_feed
from aurora_crawl.routes.sitemap_files import NotASitemap, read_sitemap, sitemaps_in_robots
from aurora_crawl.routes.xmltree import NotXml
from aurora_crawl.storage.archive import capture_in
from aurora_crawl.text.clean import Rules, clean

MOST_SECONDS, MOST_MEMORY = 10.0, 400 << 20
SIZE = 3 << 20
"""Bytes of an input; a third of DOWNLOAD_MAXSIZE, which a page of text never has."""
URL = "https://farol.example/2020/01/materia/"
SITE = "https://farol.example"
EXPECTED = (NotRows, NotASitemap, NotXml, BrokenBody, TooLarge, OverBudget)
"""How reading may end: the caller fails the page, or tries the next route."""

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


def page(piece: str) -> str:
    body = piece * (SIZE // len(piece.encode()))
    return f"<html><head><title>Um título</title></head><body><article class='entry-content'><p>Uma frase da matéria.</p>{body}</article></body></html>"


def read_as_page(html: str) -> None:
    reading = reading_of(OfaroldovaleSpider, read_arguments({}, OfaroldovaleSpider.route_names()))
    is_challenge(html)
    meta_signals(html)
    article = read_page(html, URL, reading, route="sitemap").article
    with within_budget():
        clean(article, Rules())


def read_as_text(text: str) -> None:
    article = Article(
        id="0" * 16,
        url=URL,
        site="ofaroldovale",
        title=text[:2000],
        text=text,
        route="rest",
        crawled_at="2024-01-01T00:00:00+00:00",
    )
    with within_budget():
        clean(article, Rules())


def read_as_post(html: str) -> None:
    post = {
        "id": 1,
        "link": URL,
        "title": {"rendered": html[:5000]},
        "content": {"rendered": html},
        "date": "2020-01-01T00:00:00",
    }
    with within_budget():
        read_post(post, site="ofaroldovale", site_url=SITE, license=None)


def read_as_archived(body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + body[:5] + b"\r\n\r\n"
    capture = capture_in(URL, head + body, None)
    if capture is not None:
        archived_page(capture.headers, capture.body)


Reader = Callable[[], object]


def inputs() -> Iterator[tuple[str, Reader]]:
    """A name and what reads the input."""
    for name, piece in PIECES.items():
        yield f"page: {name}", lambda piece=piece: read_as_page(page(piece))
        yield f"post: {name}", lambda piece=piece: read_as_post((piece * (SIZE // len(piece.encode())))[:SIZE])
        yield f"text: {name}", lambda piece=piece: read_as_text((piece * (SIZE // len(piece.encode())))[:SIZE])
    files = {
        "locs": b"<url><loc>https://farol.example/a</loc></url>", "open locs": b"<url><loc>", "entities": b"&amp;", "declared": b'<!ENTITY a "&b;">', "nested": b"<a>",
        "attributes": b' a="b"', "items": b"<item><title>a</title>", "zeros": b"\0", "stops": b"* ", "lines": b"\n", "disallow": b"Disallow: /a*b*c*d*e*f*\n", "sitemaps": b"Sitemap: /a.xml\n",
    }  # fmt: skip
    for name, piece in files.items():
        body = b"<?xml version='1.0'?><urlset>" + piece * (SIZE // len(piece))
        yield f"sitemap: {name}", lambda body=body: read_sitemap(body, URL)
        yield f"feed: {name}", lambda body=body: read_feed(body.replace(b"urlset", b"rss", 1), URL)
        yield f"robots.txt: {name}", lambda body=body: sitemaps_in_robots(body, URL)
    rows = {
        "deep": b"[" * SIZE, "objects": b'{"a":' * (SIZE // 5), "rows": b"[" + b"{}," * (SIZE // 3) + b"{}]", "digits": b"[" + b"9" * SIZE + b"]",
        "broken rows": b"[" + b'{"id":1,"link":"http://[x"},' * (SIZE // 28) + b"{}]", "notices": b"<br>[" * (SIZE // 5), "escapes": b'["' + b"\\ud800" * (SIZE // 6) + b'"]', "open strings": b'["' * (SIZE // 2),
    }  # fmt: skip
    for name, body in rows.items():
        yield f"rest: {name}", lambda body=body: read_rows(body)
    packed = {
        "gzip members": zlib.compress(b"", wbits=31) * 20_000,
        "bomb": zlib.compress(bytes(300 << 20), wbits=31),
        "headers": b"a: b\r\n" * (SIZE // 6),
        "chunks": b"1\r\na\r\n" * (SIZE // 6),
    }
    for name, body in packed.items():
        yield f"archive: {name}", lambda body=body: read_as_archived(body)
        yield f"sitemap.gz: {name}", lambda body=body: read_sitemap(body, f"{URL}sitemap.xml.gz")


def measured(read: Reader, out: Connection) -> None:
    """Read in this process, and tell how it ended, with seconds of the processor and bytes."""
    # What libraries say of pages is no part of the table.
    sys.stderr = Path("/dev/null").open("w")  # noqa: SIM115 - until the process ends
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        read()
        how = "read"
    except EXPECTED as error:
        how = f"refused: {type(error).__name__}"
    except BaseException as error:  # noqa: BLE001 - it is what is looked for
        how = f"ERROR {type(error).__name__}: {error}"[:100]
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    out.send((how, time.process_time() - began, after << 10, (after - before) << 10))


def run(named: tuple[str, Reader]) -> dict[str, object]:
    """One row of the table."""
    name, read = named
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=measured, args=(read, there))
    process.start()
    there.close()
    how, seconds, memory, more = here.recv() if here.poll(120) else ("ERROR no end within 120 s", 120.0, 0, 0)
    process.kill()
    process.join()
    bad = how.startswith("ERROR") or seconds > MOST_SECONDS or memory > MOST_MEMORY
    print(f"{'BAD ' if bad else ''}{name:28} {seconds:6.2f} s {memory >> 20:5} MB (+{more >> 20})  {how}", flush=True)
    return {"name": name, "seconds": round(seconds, 2), "memory": memory, "outcome": how, "bad": bad}


def main() -> int:
    """Print the table; 1 where a row is beyond what is allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="rows whose name has these words")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path, help="the table as a file")
    opts = parser.parse_args()
    # Models and modules that every crawl loads are loaded before anything is measured.
    read_as_page(page("<p>Uma frase da matéria, com palavras.</p>")[:5000])
    TextResponse("https://farol.example/", body=b"")
    with ThreadPoolExecutor(opts.jobs) as pool:
        rows = list(pool.map(run, [one for one in inputs() if opts.only in one[0]]))
    if opts.json:
        opts.json.write_text(json.dumps(rows, indent=1))
    bad = sum(bool(row["bad"]) for row in rows)
    slowest = max(rows, key=lambda row: float(str(row["seconds"])))
    print(f"{len(rows)} inputs, {bad} beyond what is allowed; the slowest: {slowest['name']}, {slowest['seconds']} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
