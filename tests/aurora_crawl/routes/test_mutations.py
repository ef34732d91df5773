"""A server's answers with one thing wrong in each: what is wrong costs itself, and no neighbour.

The seeds are fixed. `AURORA_MUTATIONS=1000 pytest tests/aurora_crawl/routes/test_mutations.py` tries ten times as many.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from aurora_crawl.demo.server import answer
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.routes.cards import Cards
from aurora_crawl.routes.feed import FeedRoute
from aurora_crawl.routes.listing import Listing, ListingRoute
from aurora_crawl.routes.rest import RestRoute
from aurora_crawl.routes.route import Found, Route, RouteFailed, Scope
from aurora_crawl.routes.sitemap import SitemapRoute

EACH = int(os.environ.get("AURORA_MUTATIONS", "100")) // 4
ADDRESS = "https://exemplo.invalid"
DEEP = "aurora-deep"
MANY_DIGITS = "aurora-digits"
POSTS = 24

JUNK: list[Any] = [
    *(None, 5, -1, 1e300, True, "", [], {}, [[1, [2]]], {"a": {"b": 1}}, {"rendered": 5}, {"rendered": None}, DEEP, MANY_DIGITS),
    *("http://[x", "file:///etc/passwd", "javascript:void(0)", "//", "https://exemplo.invalid:0/", f"{ADDRESS}/{'a' * 3000}"),
    *("\ud83d", "a\x00b", "\x1b[2J", "2021-13-45T99:99:99", "0001-01-01T00:00:00", "9999-12-31T23:59:59", "<p", "]]>", "&nbsp;&#0;&#xd83d;"),
]  # fmt: skip
AROUND = [
    (b"", b""),
    (b"\xef\xbb\xbf", b""),
    (b"\xef\xbb\xbf\n\xef\xbb\xbf", b"\n\n"),
    (b"<br />\n<b>Warning</b>:  Undefined index: x[0] in <b>/var/www/a.php</b> on line <b>3</b><br />\n", b""),
    (b"<!-- cache {1} <html> -->\n", b"\n<!-- gerado em 0.4 s [1] -->"),
    (b"Notice: Array [0] & {\"a\"}\n", b"0"),
]  # fmt: skip


def dressed(body: bytes, rng: random.Random) -> bytes:
    before, after = rng.choice(AROUND)
    return before + body + after


class Server:
    """Answers from a site in this process; `mutate` changes an answer's body and headers."""

    def __init__(self, mutate: Callable[[str, bytes, dict[str, str]], bytes]) -> None:
        self.site = Site.generated(POSTS, words=40)
        self.site.address = ADDRESS
        self.asked = 0
        self._mutate = mutate

    async def fetch(self, request: Request) -> Response:
        self.asked += 1
        assert self.asked < 800, "the route does not end"
        found = answer(self.site, request.url.removeprefix(ADDRESS))
        headers = {"Content-Type": found.content_type, **(found.headers or {})}
        body = self._mutate(request.url, found.body, headers) if found.status == 200 else found.body
        kind = HtmlResponse if "html" in found.content_type else Response
        return kind(request.url, found.status, headers, body)

    def read(self, route: type[Route], **scope: Any) -> tuple[list[Found], str]:
        """What the route finds, and why it failed, if it did; every other exception is a fault."""
        found: list[Found] = []

        async def walk() -> None:
            reader = route(Scope("exemplo", ADDRESS, **scope), self.fetch, lambda line: None)
            async for page in reader.pages(None, None):
                found.extend(page.found)
                json.dumps(page.position)

        try:
            asyncio.run(walk())
        except RouteFailed as error:
            return found, str(error) or "failed"
        return found, ""


def storable(found: list[Found]) -> None:
    """What is found can be written to the ledger and to a shard."""
    for one in found:
        assert urlsplit(one.url).scheme in ("http", "https")
        article = one.article
        texts = [one.url, one.key, one.title, one.published, one.modified, one.section, *one.authors]
        texts += [article.title, article.text, *article.authors, *article.tags] if article else []
        for text in texts:
            assert text is None or text.encode("utf-8") is not None


@pytest.mark.parametrize("seed", range(EACH))
def test_rest(seed: int) -> None:
    rng = random.Random(seed)
    site = Site.generated(POSTS, words=40)
    victim = rng.choice(site.posts()).id
    field = rng.choice(
        [
            "link",
            "title",
            "content",
            "author",
            "categories",
            "tags",
            "_embedded",
            "date",
            "date_gmt",
            "modified",
            "type",
            "id",
            "*",
        ]
    )
    junk = rng.choice(JUNK)
    order = rng.choice(["kept", "kept", "kept", "reversed", "random", "sticky"])
    total = rng.choice(["", "", "0", "-3", "1e30", "9" * 5000, "24", "7", None])
    shape = rng.choice(["list", "list", "object", "wrapped", "keyed"])
    shuffled = [post.id for post in site.posts()]
    rng.shuffle(shuffled)

    def mutate(url: str, body: bytes, headers: dict[str, str]) -> bytes:
        if not url.partition("?")[0].endswith("/posts"):
            return body
        query = parse_qs(urlsplit(url).query)
        if order != "kept" and "include" not in query and "after" not in query:
            body = in_other_order(server.site, query, {"reversed": -1, "random": shuffled, "sticky": victim}[order])
        rows = json.loads(body)
        for number, row in enumerate(rows):
            if row["id"] == victim:
                rows[number] = junk if field == "*" else row | {field: junk}
        value: Any = rows
        if shape == "object":
            value = {str(n): row for n, row in enumerate(rows, 7)}
        elif shape == "wrapped":
            value = {"ok": True, "posts": rows}
        elif shape == "keyed":
            value = {"data": {"total": 3, "posts": rows}}
        if total is None:
            headers.pop("X-WP-Total", None)
        elif total:
            headers["X-WP-Total"] = total
        text = json.dumps(value, ensure_ascii=rng.random() < 0.5)
        text = text.replace(f'"{DEEP}"', "[" * 3000 + "]" * 3000).replace(f'"{MANY_DIGITS}"', "9" * 5000)
        return dressed(text.encode("utf-8", "surrogatepass"), rng)

    server = Server(mutate)
    found, failure = server.read(RestRoute)
    keys = {one.key for one in found}
    storable(found)
    assert not failure
    assert {f"posts/{post.id}" for post in site.posts() if post.id != victim} <= keys
    whole = {one.key: one.article for one in found}
    for post in site.posts():
        if post.id != victim:
            article = whole[f"posts/{post.id}"]
            assert article is not None
            assert article.title == post.story.title


def in_other_order(site: Site, query: dict[str, list[str]], order: int | list[int]) -> bytes:
    """A page of posts of a server that sorts as it likes."""
    path = "/wp-json/wp/v2/posts?per_page=100&_embed=author,wp:term"
    rows = json.loads(answer(site, path).body)
    if isinstance(order, list):
        rows.sort(key=lambda row: order.index(row["id"]))
    else:
        rows.sort(key=lambda row: -row["id"] if order == -1 else (row["id"] != order, row["id"]))
    start = int(query.get("offset", ["0"])[0]) or 100 * (int(query.get("page", ["1"])[0]) - 1)
    return json.dumps(rows[start : start + int(query["per_page"][0])]).encode()


def broken_entry(entry: str, rng: random.Random) -> str:
    """An entry of XML with one thing wrong."""
    junk = rng.choice([text for text in JUNK if isinstance(text, str)]).encode("utf-8", "replace").decode()
    tag = rng.choice(re.findall(r"<([a-zA-Z:]+)[ >]", entry))
    return rng.choice(
        [
            re.sub(rf"(<{tag}[^>]*>)[^<]*", lambda match: match[1] + junk, entry, count=1),
            entry.replace(f"</{tag}>", "", 1),
            entry.replace(f"<{tag}", f'<{tag} x="a>b" \'y', 1),
            entry.replace(f"</{tag}>", f"<foo:bar z=1>&copy &bogus; a & b</foo:bar></{tag}>", 1),
            entry.replace(f"</{tag}>", f"<![CDATA[<item><loc></url>]]></{tag}>", 1),
            entry.replace(f"<{tag}", f"<ns0:{tag}", 1).replace(f"</{tag}>", f"</ns0:{tag}>", 1),
            entry.replace(f"</{tag}>", f"<p>um<br>dois <b>três</p></{tag}>", 1),
        ]
    )


@pytest.mark.parametrize("seed", range(EACH))
@pytest.mark.parametrize(("route", "name"), [(FeedRoute, "item"), (SitemapRoute, "url")], ids=["feed", "sitemap"])
def test_xml(route: type[Route], name: str, seed: int) -> None:
    rng = random.Random(seed)
    victim = rng.randrange(8)
    encoding = rng.choice(["utf-8", "utf-8", "utf-8", "utf-16", "cp1252"])
    cut = rng.random() < 0.2
    lost: list[str] = []

    def mutate(url: str, body: bytes, headers: dict[str, str]) -> bytes:
        text = body.decode()
        entries = re.findall(rf"<{name}>.*?</{name}>", text, re.DOTALL)
        if len(entries) > victim:
            lost.extend(re.findall(r"https://[^<\s]+", entries[victim]))
            text = text.replace(entries[victim], broken_entry(entries[victim], rng), 1)
        if cut and len(entries) > 4:
            last = entries[-1]
            lost.extend(re.findall(r"https://[^<\s]+", last))
            text = text[: text.rindex(last) + rng.randrange(1, len(last) - len(f"</{name}>"))]
        if encoding == "cp1252":
            text = text.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
        data = text.encode(encoding, "replace")
        return data if encoding == "utf-16" else dressed(data, rng)

    server = Server(mutate)
    found, failure = server.read(route)
    storable(found)
    assert not failure
    urls = {one.url for one in found}
    assert {server.site.link(post) for post in server.site.posts()} - set(lost) <= urls


@pytest.mark.parametrize("seed", range(EACH))
def test_listing(seed: int) -> None:
    rng = random.Random(seed)
    victim = rng.randrange(6)
    lost: list[str] = []

    def mutate(url: str, body: bytes, headers: dict[str, str]) -> bytes:
        text = body.decode()
        cards = re.findall(r"<article.*?</article>", text, re.DOTALL)
        if len(cards) > victim:
            card = cards[victim]
            lost.extend(re.findall(r'href="([^"]+)"', card))
            junk = str(rng.choice(JUNK)).encode("utf-8", "replace").decode().replace('"', "")
            changed = rng.choice(
                [
                    re.sub(r'href="[^"]*"', f'href="{junk}"', card),
                    re.sub(r'datetime="[^"]*"', f'datetime="{junk}"', card),
                    card.replace("</a>", f"{junk}</a>", 1),
                    card.replace("<a ", "<a href ", 1),
                    "<article></article>",
                ]
            )
            text = text.replace(card, changed, 1)
        return dressed(text.encode(), rng)

    server = Server(mutate)
    listing = Listing("/page/{page}/", Cards(card="article", title="h2, h3"))
    found, failure = server.read(ListingRoute, settings=(listing,))
    storable(found)
    assert not failure
    assert {server.site.link(post) for post in server.site.posts()} - set(lost) <= {one.url for one in found}
