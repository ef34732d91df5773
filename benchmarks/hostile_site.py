"""Whole crawls, and looks, of servers that lie: the live rows of `benchmarks/hostile.py`.

Each row has a server of its own on the loopback, in a process of its own: an invented newspaper of eight articles that says of one path, or
of some, what no honest server says. The command runs in the measured process. Afterwards no traceback and nothing that steers a terminal
stands in what it said, shards and ledger agree, and every article that the lie is not about is stored, or still due.
"""

from __future__ import annotations

import gzip
import io
import json
import multiprocessing
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import partial
from html import escape
from multiprocessing.connection import Connection
from pathlib import Path

from hostile_inputs import PIECES, Input, packed
from loopback import ROOT, SITE, SPIDERS, given

from aurora_crawl.demo.server import answer
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.messages import _STEERING
from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.verify import verify_site

ARTICLES = 8
MB = 1 << 20
FAST = {
    "SPIDER_MODULES": SPIDERS, "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": 0, "RETRY_BACKOFF": 0.05, "CRAWL_DELAY_MAX": 0.05, "DOWNLOAD_TIMEOUT": 3,
    "RETRY_AFTER_MAX": 1, "AURORA_LANG": "en",
}  # fmt: skip
"""As fast as the loopback allows; waits as short as they can be and still be waits."""

Said = bytes | Iterator[bytes] | None
Lie = Callable[[str, "Liar"], Said]
"""What a server says in the place of the truth, for a path; None where it says the truth."""


class Lost(Exception):  # noqa: N818 - it says what became of something
    """A promise that a crawl did not keep."""


def http(body: bytes = b"", status: str = "200 OK", *headers: str, kind: str = "text/html; charset=UTF-8") -> bytes:
    """A whole answer with a true length."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


class Liar:
    """A server that answers with bytes: those that `lie` gives for a path, else what the invented newspaper says."""

    def __init__(self, lie: Lie) -> None:
        self.site, self._lie = Site.generated(ARTICLES), lie
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = self.site.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.paths = [post.story.path for post in self.site.posts()]

    def serve(self, ready: Connection) -> None:
        """Answer until the process is killed."""
        ready.send((self.address, self.paths))
        while True:
            connection, _ = self._socket.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(30)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            path = head.split(b" ", 2)[1].decode("latin-1")
            said = self._lie(path, self)
            for piece in [self.truth(path)] if said is None else [said] if isinstance(said, bytes) else said:
                connection.sendall(piece)

    def truth(self, path: str) -> bytes:
        """What the newspaper says."""
        found = answer(self.site, path)
        extra = [f"{name}: {value}" for name, value in (found.headers or {}).items()]
        return http(found.body, f"{found.status} X", *extra, kind=found.content_type)


@dataclass(frozen=True)
class Crawl:
    """A row: what the server says, and what is to come of it. `untouched`: how many articles the lie is not about."""

    name: str
    lie: Lie
    untouched: int = ARTICLES
    via: str = ""
    settings: tuple[tuple[str, object], ...] = ()
    command: tuple[str, ...] = ()
    """In the crawl's place; `{address}` is the server's."""
    opted_out: bool = False
    never: bool = False
    """Whether what the server says of the article must not be stored."""

    def prepared(self) -> Callable[[], str]:
        """Start the server; what runs the command."""
        here, there = multiprocessing.Pipe()
        liar = Liar(self.lie)
        multiprocessing.get_context("fork").Process(target=liar.serve, args=(there,), daemon=True).start()
        address, paths = here.recv()
        return partial(self._run, address, paths)

    def _run(self, address: str, paths: list[str]) -> str:
        from scrapy.cmdline import execute

        os.chdir(ROOT)
        os.environ["SCRAPY_SETTINGS_MODULE"] = "aurora_crawl.settings"
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            words = [word.format(address=address, folder=folder) for word in self.command] or [
                "crawl",
                SITE,
                "-a",
                f"site_url={address}",
            ]
            if self.command[:1] == ("census",):
                (data / "outlets.txt").write_text(f"host\n{address}\n", encoding="utf-8")
            words += given({**FAST, "DATA_DIR": folder, **dict(self.settings)}) + (
                ["-a", f"via={self.via}"] if self.via else []
            )
            said = io.StringIO()
            with redirect_stdout(said), redirect_stderr(said):
                try:
                    execute(["scrapy", *words])
                    status: object = 0
                except SystemExit as end:
                    status = end.code or 0
            return self._judged(data, address, paths, status, said.getvalue())

    def _judged(self, data: Path, address: str, paths: list[str], status: object, said: str) -> str:
        told = " ".join(said.split())
        if "Traceback" in said or status not in (0, 1):
            raise Lost(f"status {status}: {told[-1500:]}")
        if found := next((line for line in said.split("\n") if _STEERING.search(line)), ""):
            raise Lost(f"steers the terminal: {found!r}")
        if self.command:
            return f"status {status}: {told[-100:]}"
        if problems := verify_site(data, SITE).problems:
            raise Lost(f"shards and ledger: {problems[:3]}")
        shards = sorted((data / "articles" / SITE).glob("*.jsonl.gz"))
        rows = [row for path in shards for row in read_shard(path)]
        if len({row["id"] for row in rows}) < len(rows):
            raise Lost("an article is stored twice")
        ledger = Ledger(data / "ledger" / f"{SITE}.sqlite")
        entries = {entry.url.removeprefix(address): entry for entry in ledger.entries()}
        ledger.close()
        kept = {row["url"].removeprefix(address) for row in rows}
        waiting = {path for path in paths if path in entries and entries[path].due}
        if self.opted_out and kept:
            raise Lost(f"{len(kept)} articles of a site that opted out are stored")
        whole = kept | (waiting if status else set())
        if wrong := kept & {paths[3]} if self.never else set():
            raise Lost(f"stored what is no whole page: {wrong}")
        # A site whose rules cannot be had, or that asks for it, is left alone, and that is said.
        is_left_alone = status and not kept and ("robots.txt" in said or "asks to be left alone" in said)
        if not self.opted_out and len(whole) < self.untouched and not is_left_alone:
            raise Lost(f"{len(kept)} of {self.untouched} stored, {len(waiting)} due, status {status}: {told[-1200:]}")
        reasons = {str(entry.reason)[:60] for entry in entries.values() if entry.reason}
        return f"status {status}, {len(kept)} stored, {len(waiting)} due{': ' if reasons else ''}{'; '.join(sorted(reasons))[:120]}"


def at(path: str, said: Callable[[Liar], Said]) -> Lie:
    """A lie about one path, whatever its query."""
    return lambda asked, liar: said(liar) if asked.partition("?")[0] == path else None


def at_article(said: Callable[[Liar], Said]) -> Lie:
    """A lie about one article."""
    return lambda asked, liar: said(liar) if asked.partition("?")[0] == liar.paths[3] else None


TEXT = "A prefeitura não explicou à população por que a água faltou três dias na região. " * 12


def page(head: str = "", body: str = "", title: str = "A água que faltou") -> bytes:
    """An article, with something more in its head or body."""
    text = f"<!doctype html><html lang=pt-BR><head><title>{title}</title>{head}</head><body><article><h1 class=entry-title>{title}</h1>"
    text += f"<div class=entry-content><p>{TEXT}</p><p>{TEXT} E mais.</p>{body}</div></article></body></html>"
    return text.encode("utf-8", "surrogatepass")


def endless(kind: str, piece: bytes, count: int = 64) -> Iterator[bytes]:
    """An answer of 64 MB without a length."""
    yield f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode()
    whole = piece * (MB // len(piece))
    for _ in range(count):
        yield whole


def slow(kind: str) -> Iterator[bytes]:
    """An answer of which a byte comes now and then."""
    yield f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: 100000\r\n\r\n".encode()
    while True:
        time.sleep(0.2)
        yield b"a"


ELSEWHERE = (
    "file:///etc/passwd", "FILE:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/", "data:text/html,<p>a", "javascript:alert(1)", "jar:file:///a!/b", "s3://bucket/a",
    "//169.254.169.254/latest/", "http://169.254.169.254/", "http://127.0.0.1:1/", "http://localhost:22/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/",
    "http://[fec0::1]/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://10.0.0.1/", "http://user:word@127.0.0.1/", "http://a@b@127.0.0.1/", "http://127.0.0.1:99999/",
    "http://127.0.0.1:0/", "http://[x", "http://", "http://\\127.0.0.1/", "http:///etc/passwd", "http://127.0.0.1\t:80/", "http://localhost./", "http://①②⑦.0.0.1/", "http://[::1%25lo]/", "http://a..b/", "\x1b]0;dono\x07http://a/",
    "http://127.0.0.1:1/\r\nSet-Cookie: a", "http://\u202e127.0.0.1/", "http://" + "a" * 3000 + "/", "about:blank", "view-source:http://127.0.0.1/", "http://0/", "http://0.0.0.0:1/", "http://224.0.0.1/", "http://255.255.255.255/", "http://100.64.0.1/", "http://192.0.0.8/",
)  # fmt: skip
"""Addresses that no crawl opens, in every form."""
URLSET = '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'


def sitemap(liar: Liar, more: str = "") -> bytes:
    """The articles, and whatever else is listed."""
    rows = "".join(f"<url><loc>{liar.address}{path}</loc></url>" for path in liar.paths)
    return http(f"{URLSET}{rows}{more}</urlset>".encode("utf-8", "replace"), kind="application/xml")


def all_elsewhere(before: str, after: str) -> str:
    """All of those addresses, each between two pieces of markup."""
    return "".join(f"{before}{escape(one)}{after}" for one in ELSEWHERE)


def posts(liar: Liar, change: Callable[[int, dict[str, object]], object]) -> Callable[[str], Said]:
    """The answer about posts, with each post as `change` leaves it."""

    def said(asked: str) -> Said:
        found = answer(liar.site, asked)
        rows = json.loads(found.body)
        if found.status != 200 or not isinstance(rows, list):
            return None
        body = json.dumps([change(number, row) for number, row in enumerate(rows)]).encode()
        return http(body, "200 OK", f"X-WP-Total: {ARTICLES}", "X-WP-TotalPages: 1", kind="application/json")

    return said


def changed_rows(change: Callable[[int, dict[str, object]], object]) -> Lie:
    """A lie about the posts of the REST interface."""
    return lambda asked, liar: posts(liar, change)(asked) if asked.startswith("/wp-json/wp/v2/posts") else None


def with_first(**fields: object) -> Lie:
    """The same: the first post has other things in some fields."""
    return changed_rows(lambda number, row: row | fields if not number else row)


PAGES: dict[str, Callable[[Liar], Said]] = {
    "205": lambda liar: http(page(), "205 Reset Content"),
    "206": lambda liar: http(page(), "206 Partial Content", "Content-Range: bytes 0-99/100000"),
    "202": lambda liar: http(page(), "202 Accepted"),
    "204": lambda liar: http(b"", "204 No Content"),
    "999": lambda liar: http(page(), "999 Denied"),
    "000": lambda liar: http(page(), "000 X"),
    "no status line": lambda liar: page(),
    "garbled status line": lambda liar: b"HTTP/9.9 zweihundert\r\n\r\n" + page(),
    "nothing at all": lambda liar: b"",
    "zeros": lambda liar: bytes(MB),
    "early hints": lambda liar: b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 200 + http(page()),
    "endless hints": lambda liar: (b"HTTP/1.1 100 Continue\r\n\r\n" * 1000 for _ in range(2000)),
    "negative length": lambda liar: http(page()).replace(b"Content-Length: ", b"Content-Length: -"),
    "two lengths": lambda liar: http(page(), "200 OK", "Content-Length: 3"),
    "length of 1e30": lambda liar: http(page()).replace(b"Content-Length: ", b"Content-Length: 1" + b"0" * 30),
    "garbled chunks": lambda liar: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "chunk of 1e30": lambda liar: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\nabc",
    "endless head": lambda liar: (b"HTTP/1.1 200 OK\r\n" if not n else b"X-A: " + b"a" * 1000 + b"\r\n" for n in range(100_000)),
    "one endless header": lambda liar: (b"HTTP/1.1 200 OK\r\nX-A: " if not n else b"a" * MB for n in range(64)),
    "10,000 headers": lambda liar: http(page(), "200 OK", *(f"X-{n}: a" for n in range(10_000))),
    "headers without a colon": lambda liar: http(page(), "200 OK", "nada", "\x1b[2J", ": a"),
    "steering headers": lambda liar: http(page(), "200 OK", "X-Robots-Tag: \x1b]0;dono\x07\u202e", "Server: \x1b[2J"),
    "packed fifty times": lambda liar: http(page(), "200 OK", "Content-Encoding: " + ", ".join(["gzip"] * 50)),
    "packed as br": lambda liar: http(page(), "200 OK", "Content-Encoding: br"),
    "packed as nonsense": lambda liar: http(page(), "200 OK", "Content-Encoding: \x1b[2Jzip"),
    "bomb": lambda liar: http(packed(1200 * MB), "200 OK", "Content-Encoding: gzip"),
    "bomb within a bomb": lambda liar: http(gzip.compress(packed(1200 * MB)), "200 OK", "Content-Encoding: gzip, gzip"),
    "gzip members": lambda liar: http(gzip.compress(b"") * 200_000, "200 OK", "Content-Encoding: gzip"),
    "endless": lambda liar: endless("text/html", b"<p>" + b"a" * 1000),
    "slow": lambda liar: slow("text/html"),
    "600,000 paragraphs": lambda liar: http(page(body="<p>a" * 600_000)),
    "500,000 attributes": lambda liar: http(page(body="<p" + " a=b" * 500_000 + ">")),
    "100,000 divisions": lambda liar: http(page(body="<div>" * 100_000)),
    "3,000 titles": lambda liar: http(page('<meta property="og:title" content="A água">' * 3000, "<h1>A água</h1>" * 3000)),
    "open meta": lambda liar: http(b"<meta " + b"a" * 190_000),
    "open wall": lambda liar: http(b"<title>Just a moment" + b"<script " * 40_000),
    "amp;": lambda liar: http(page(body="&" + "amp;" * 50_000)),
    "shortcodes": lambda liar: http(page(body="[caption]" * 60_000)),
    "JSON-LD deep": lambda liar: http(page('<script type="application/ld+json">' + '{"@graph":[' * 50_000 + "</script>")),
    "JSON-LD @id": lambda liar: http(
        page(
            '<script type="application/ld+json">{"@type":"NewsArticle","@id":{"a":[1]},"url":5,"headline":[[]],"author":{"@id":[3]},'
            '"datePublished":{},"articleSection":7,"keywords":{"a":1},"image":[null]}</script>'
        )
    ),
    "title of 1 MB": lambda liar: http(page(title="A água " * 150_000)),
    "steering title": lambda liar: http(page(title="A \x1b[2J\x9b31m\u202e água\r\nque\u2028faltou")),
    "lone surrogates": lambda liar: http(page(title="A \ud800 água")),
    "base elsewhere": lambda liar: http(page('<base href="file:///etc/">')),
    **{f"refresh {number}": lambda liar, one=one: http(page(f'<meta http-equiv="refresh" content="0;url={escape(one)}">')) for number, one in enumerate(ELSEWHERE[::5])},
    **{f"redirect {number}": lambda liar, one=one: http(b"", "302 Found", f"Location: {one}") for number, one in enumerate(ELSEWHERE[::4])},
    "canonicals": lambda liar: http(page("".join(f'<link rel="canonical" href="{escape(one)}">' for one in ELSEWHERE))),
    "redirect to itself": lambda liar: http(b"", "301 X", f"Location: {liar.paths[3]}"),
    "endless redirects": lambda liar: http(b"", "302 X", f"Location: {liar.paths[3]}?n={time.monotonic_ns()}"),
    **{f"Retry-After {value[:12]}": lambda liar, value=value: http(b"", "429 X", f"Retry-After: {value}") for value in (
        "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 400, "-5", "abc", "1e9", "Fri, 99 Foo 0000 99:99:99 GMT", "\x1b[2J", "0x10", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359")},
    **{f"letters {name}": lambda liar, name=name: http(page(), kind=f"text/html; charset={name}") for name in ("hex", "idna", "punycode", "\x1b[2J")},
    "no type": lambda liar: http(page(), kind=""),
    "type of a picture": lambda liar: http(page(), kind="image/png"),
    "type of 1 MB": lambda liar: http(page(), kind="text/html; charset=" + "a" * 60_000),
}  # fmt: skip
NEVER = {
    "205", "206", "202", "204", "999", "000", "nothing at all", "zeros", "negative length", "two lengths", "length of 1e30", "garbled chunks", "chunk of 1e30", "endless head",
    "packed fifty times", "packed as br", "packed as nonsense", "bomb", "bomb within a bomb", "gzip members", "endless", "slow", "open meta", "open wall",
}  # fmt: skip
"""What holds no whole article."""
ROBOTS: dict[str, Callable[[Liar], Said]] = {
    "400,000 lines": lambda liar: http(b"\n" * 400_000, kind="text/plain"),
    "endless": lambda liar: endless("text/plain", b"Disallow: /a*b*c*d\n"),
    "bomb": lambda liar: http(packed(300 * MB), "200 OK", "Content-Encoding: gzip", kind="text/plain"),
    "slow": lambda liar: slow("text/plain"),
    "rules": lambda liar: http(b"User-agent: *\n" + b"Disallow: /a*b\n" * 40_000, kind="text/plain"),
    "stars": lambda liar: http(b"User-agent: *\nDisallow: /" + b"*a" * 200_000 + b"\n", kind="text/plain"),
    "sitemaps elsewhere": lambda liar: http(("\n".join(f"Sitemap: {one}" for one in ELSEWHERE) + f"\nSitemap: {liar.address}/wp-sitemap.xml").encode("utf-8", "replace"), kind="text/plain"),
    "50,000 sitemaps": lambda liar: http("".join(f"Sitemap: {liar.address}/{n}.xml\n" for n in range(50_000)).encode(), kind="text/plain"),
    "crawl-delay of 1e308": lambda liar: http(b"User-agent: *\nCrawl-delay: 1e308\n", kind="text/plain"),
    "crawl-delay of nan": lambda liar: http(b"User-agent: *\nCrawl-delay: nan\nCrawl-delay: inf\nCrawl-delay: -1\n", kind="text/plain"),
    "205": lambda liar: http(b"", "205 X", kind="text/plain"),
    "206": lambda liar: http(b"User-agent: *\nAllow: /", "206 X", kind="text/plain"),
    "redirect to a file": lambda liar: http(b"", "302 X", "Location: file:///etc/passwd"),
    "redirect inside": lambda liar: http(b"", "302 X", "Location: http://169.254.169.254/robots.txt"),
    "endless redirects": lambda liar: http(b"", "302 X", f"Location: /robots.txt?n={time.monotonic_ns()}"),
    "Retry-After 9999": lambda liar: http(b"", "503 X", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"),
    "no text": lambda liar: http(bytes(range(256)) * 1000, kind="text/plain"),
    "a page": lambda liar: http(page(), kind="text/html"),
}  # fmt: skip
TDMREP = "/.well-known/tdmrep.json"
RESERVATIONS: dict[str, tuple[bytes, bool]] = {
    "deep": (b"[" * 400_000, False),
    "deep objects": (b'{"location":' * 80_000, False),
    "stars": (b'[{"location":"' + b"*a" * 20 + b'b$","tdm-reservation":1}]', False),
    "everything": (b'[{"location":"/","tdm-reservation":1}]', True),
    "one object": (b'{"location":"/","tdm-reservation":1}', True),
    "by stars": (b'[{"location":"*","tdm-reservation":1}]', True),
    "the longest counts": (b'[{"location":"/","tdm-reservation":0},{"location":"/20*","tdm-reservation":1}]', True),
    "no numbers": (b'[{"location":["/"],"tdm-reservation":{}},5,null,"a",[[]]]', False),
    "with a mark": (b"\xef\xbb\xbf" + b'[{"location":"/","tdm-reservation":1}]', True),
}
SITEMAPS: dict[str, Callable[[Liar], Said]] = {
    "elsewhere": lambda liar: sitemap(liar, all_elsewhere("<url><loc>", "</loc></url>")),
    "index of 50,000": lambda liar: http(
        ("<sitemapindex>" + "".join(f"<sitemap><loc>{liar.address}/posts-{n}.xml</loc></sitemap>" for n in range(50_000)) + "</sitemapindex>").encode(), kind="application/xml"
    ),
    "index elsewhere": lambda liar: http(
        ("<sitemapindex>" + all_elsewhere("<sitemap><loc>", "</loc></sitemap>") + f"<sitemap><loc>{liar.address}/wp-sitemap-posts-post-1.xml</loc></sitemap></sitemapindex>").encode("utf-8", "replace"),
        kind="application/xml",
    ),
    "50,000 addresses of others": lambda liar: sitemap(liar, "".join(f"<url><loc>https://outro.example/{n}/</loc></url>" for n in range(50_000))),
    "endless": lambda liar: endless("application/xml", b"<url><loc>a</loc></url>"),
    "bomb": lambda liar: http(packed(300 * MB), kind="application/gzip"),
    "slow": lambda liar: slow("application/xml"),
    "entities": lambda liar: sitemap(liar, "<!DOCTYPE a [" + '<!ENTITY a "&b;&b;">' * 50_000 + "]><url><loc>&a;</loc></url>"),
    "206": lambda liar: sitemap(liar).replace(b"200 OK", b"206 X"),
    "moments": lambda liar: sitemap(liar, "<url><loc>/a/</loc><lastmod>99999-99-99T99:99:99+99:99</lastmod></url>" * 1000),
    "steering": lambda liar: sitemap(liar, "<url><loc>http://[\x1b[2J\u202e</loc><title>\x9b</title></url>" * 100),
}  # fmt: skip
REST: dict[str, Lie] = {
    "deep": at("/wp-json/wp/v2/posts", lambda liar: http(b"[" * 100_000, kind="application/json")),
    "endless": at("/wp-json/wp/v2/posts", lambda liar: endless("application/json", b'[{"id":1},')),
    "slow": at("/wp-json/wp/v2/posts", lambda liar: slow("application/json")),
    "bomb": at("/wp-json/wp/v2/posts", lambda liar: http(packed(300 * MB), "200 OK", "Content-Encoding: gzip", kind="application/json")),
    "error that steers": at("/wp-json/wp/v2/posts", lambda liar: http(b'{"code":"rest_x\\u001b[2J\\u202e","message":"a"}', "401 X", kind="application/json")),
    "206": at("/wp-json/wp/v2/posts", lambda liar: http(b"[]", "206 X", kind="application/json")),
    "total of 1e30": at("/wp-json/wp/v2/posts", lambda liar: liar.truth("/wp-json/wp/v2/posts?per_page=100").replace(b"X-WP-Total: 8", b"X-WP-Total: 1" + b"0" * 30)),
    "links elsewhere": changed_rows(lambda number, row: row | {"link": ELSEWHERE[number]}),
    "authors": with_first(author=[[[5]]], _embedded={"author": 5}),
    "terms": with_first(categories=[[1, [2]], 5, {"id": 3}], tags="a", _embedded={"author": [None], "wp:term": [[5], None, [[{}]]]}),
    "embedded": changed_rows(lambda number, row: row | {"_embedded": [5, None, "a", {"author": 7}, 1e300][number % 5]}),
    "dates": changed_rows(lambda number, row: row | {"date": ["9999-12-31T23:59:59", 5, None, {}, "0000-00-00T00:00:00"][number % 5], "date_gmt": "0001-01-01T00:00:00"}),
    "null": with_first(title=None, excerpt=None, yoast_head_json=[]),
    "titles": with_first(title={"rendered": "A \x1b[2J\u202e\ud800 água\nque faltou"}),
    "rows": lambda asked, liar: http(b'[5,null,"a",[],{"id":"x"},{"id":-1},{"id":1e400}]', kind="application/json") if asked.startswith("/wp-json/wp/v2/posts") else None,
    "one id": changed_rows(lambda number, row: row | {"id": 7}),
    "huge ids": changed_rows(lambda number, row: row | {"id": 10**400 + number}),
    "a long post": with_first(content={"rendered": "<p>a</p>" * 1_000_000}),
    **{f"post of {name}": with_first(content={"rendered": PIECES[name] * (2 * MB // len(PIECES[name]))}) for name in ("brackets", "paragraphs", "open meta", "tables", "quotes", "amp;", "figures")},
    "Retry-After 9999": at("/wp-json/wp/v2/posts", lambda liar: http(b"", "429 X", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT")),
}  # fmt: skip
FEEDS: dict[str, Callable[[Liar], Said]] = {
    "elsewhere": lambda liar: http(f"<rss><channel>{all_elsewhere('<item><link>', '</link></item>')}</channel></rss>".encode("utf-8", "replace"), kind="application/rss+xml"),
    "items": lambda liar: http(b"<rss><channel>" + b"<item><title>a" * 300_000, kind="application/rss+xml"),
    "CDATA": lambda liar: http(b"<rss><channel><item><title><![CDATA[" * 100_000, kind="application/rss+xml"),
    "entities": lambda liar: http(b'<!DOCTYPE a [<!ENTITY a "' + b"&a;" * 100_000 + b'">]><rss><item><link>&a;</link></item></rss>', kind="application/rss+xml"),
    "next elsewhere": lambda liar: http(f'<feed><link rel="next" href="file:///etc/passwd"/><entry><link href="{liar.address}{liar.paths[0]}"/></entry></feed>'.encode(), kind="application/atom+xml"),
    "next round": lambda liar: http(f'<feed><link rel="next" href="/feed/?paged={time.monotonic_ns()}"/><entry><link href="/{time.monotonic_ns()}/"/></entry></feed>'.encode(), kind="application/atom+xml")
    if time.monotonic_ns() % 50
    else http(b"", "404 X"),
    "endless": lambda liar: endless("application/rss+xml", b"<item><link>a</link></item>"),
    "dates": lambda liar: http("".join(f"<item><link>{liar.address}{path}</link><pubDate>{'9' * 5000}</pubDate></item>" for path in liar.paths).join(("<rss><channel>", "</channel></rss>")).encode(), kind="application/rss+xml"),
    "a page": lambda liar: http(page()),
}  # fmt: skip
LISTINGS: dict[str, Callable[[Liar], Said]] = {
    "elsewhere": lambda liar: http(page(body=all_elsewhere('<article class="post"><h2><a href="', '">A água</a></h2></article>'))),
    "cards": lambda liar: http(page(body='<article class="post"><h2><a href="/2020/01/a/">A água</a></h2>' * 60_000)),
    "next elsewhere": lambda liar: http(page('<link rel="next" href="file:///etc/passwd">', '<a class="next" href="http://169.254.169.254/">»</a>')),
    "deep": lambda liar: http(page(body="<article>" * 50_000)),
    "endless": lambda liar: endless("text/html", b"<article><a href=/2020/01/a/>a</a>"),
}  # fmt: skip
LOOKS: dict[str, tuple[str, ...]] = {
    "newsite": ("newsite", "{address}", "--dry-run", "--name", "hostil"),
    "census": ("census", "{folder}/outlets.txt"),
    "checkup": ("checkup", SITE, "-a", "site_url={address}"),
    "discover": ("discover", SITE, "-a", "site_url={address}"),
    "discover --count": ("discover", SITE, "-a", "site_url={address}", "--count", "--every-route"),
}
OF_LOOKS: dict[str, Lie] = {
    "front page steers": at("/", lambda liar: http(page('<meta name="generator" content="a\x1b[2J\u202e"><meta property="og:site_name" content="\x9b31m">', title="\x1b]0;dono\x07"))),
    "front page of links": at("/", lambda liar: http(page(body='<a href="/2020/01/uma-materia-de-nome-longo/">a</a>' * 100_000))),
    "front page is endless": at("/", lambda liar: endless("text/html", b"<a href=/2020/01/a/>a</a>")),
    "front page leads elsewhere": at("/", lambda liar: http(b"", "302 X", "Location: file:///etc/passwd")),
    "types": at("/wp-json/wp/v2/types", lambda liar: http(b"[" * 200_000, kind="application/json")),
    "rows": changed_rows(lambda number, row: row | {"link": ELSEWHERE[number], "content": {"rendered": ["<p>a" * 300_000, None, 5, [], "\x1b[2J"][number % 5]}}),
    "deep": at("/wp-json/wp/v2/posts", lambda liar: http(b'{"headers":' * 100_000, kind="application/json")),
    "sitemap elsewhere": at("/wp-sitemap.xml", SITEMAPS["elsewhere"]),
    "index of 50,000": at("/wp-sitemap.xml", SITEMAPS["index of 50,000"]),
    "robots.txt": at("/robots.txt", ROBOTS["sitemaps elsewhere"]),
    "robots.txt that steers": at("/robots.txt", lambda liar: http(b"", "503 \x1b[2J", kind="text/plain")),
    "redirect that steers": at("/", lambda liar: http(b"", "302 X", "Location: http://\x1b[2J.example/\u202e")),
}  # fmt: skip


def crawls() -> Iterator[Input]:
    """All of them."""
    for one in _crawls():
        yield one.name, one.prepared


def _crawls() -> Iterator[Crawl]:
    for name, said in PAGES.items():
        yield Crawl(
            f"crawl: page: {name}",
            at_article(said),
            ARTICLES - 1,
            "sitemap",
            never=name in NEVER or name.startswith(("redirect", "Retry-After")),
        )
    # What Scrapy itself says of answers, when it is asked to talk.
    for name in (
        one for one in PAGES if "steering" in one or "nonsense" in one or one.startswith(("redirect", "letters"))
    ):
        yield Crawl(
            f"crawl, all said: {name}", at_article(PAGES[name]), ARTICLES - 1, "sitemap", (("LOG_LEVEL", "DEBUG"),)
        )
    for name, said in ROBOTS.items():
        yield Crawl(f"crawl: robots.txt: {name}", at("/robots.txt", said))
    for name, (body, opted_out) in RESERVATIONS.items():
        yield Crawl(
            f"crawl: tdmrep.json: {name}",
            at(TDMREP, lambda liar, body=body: http(body, kind="application/json")),
            opted_out=opted_out,
        )
    for name, said in SITEMAPS.items():
        # The next route brings what a sitemap does not.
        yield Crawl(
            f"crawl: sitemap: {name}",
            lambda asked, liar, said=said: (
                said(liar) if asked == "/wp-sitemap.xml" else http(b"", "404 X") if "wp-json" in asked else None
            ),
        )
    for name, lie in REST.items():
        yield Crawl(f"crawl: rest: {name}", lie, ARTICLES - 1)
    for name, said in FEEDS.items():
        yield Crawl(f"crawl: feed: {name}", at("/feed/", said), 0, "feed")
    for name, said in LISTINGS.items():
        yield Crawl(
            f"crawl: listing: {name}",
            lambda asked, liar, said=said: said(liar) if asked.startswith("/page/") else None,
            0,
            "listing",
        )
    for look, command in LOOKS.items():
        for name, lie in OF_LOOKS.items():
            yield Crawl(f"{look}: {name}", lie, command=command)
