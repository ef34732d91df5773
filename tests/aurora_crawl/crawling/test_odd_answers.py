"""Answers that are neither a page nor an error, and faults that nobody thought of: each costs itself, and the crawl goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web._newclient import HTTP11ClientProtocol, ResponseFailed
from twisted.web._newclient import Request as Asked
from twisted.web.http_headers import Headers

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.routes.rest import RestRoute
from aurora_crawl.routes.route import Page
from aurora_crawl.storage.ledger import Ledger, LedgerError
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.web.heads import MOST_HEAD, HeadTooLong, _Counted

NAME = OfaroldovaleSpider.name


@pytest.fixture
def site() -> Site:
    return Site.generated(5)


@pytest.fixture
def kept(site: Site, settings: Settings, crawl: Callable[..., Crawler]) -> Callable[..., list[str]]:
    """Crawls the site; the paths of what is stored."""

    def run(**given: str) -> list[str]:
        with serve(site) as address:
            crawl(OfaroldovaleSpider, site_url=address, **given)
            paths = (Path(settings["DATA_DIR"]) / "articles" / NAME).glob("*.gz")
            return sorted(row["url"].removeprefix(address) for path in paths for row in read_shard(path))

    return run


def test_what_is_no_whole_page_is_asked_for_again(
    site: Site, settings: Settings, kept: Callable[..., list[str]]
) -> None:
    paths = [post.story.path for post in site.posts()]
    odd = dict(zip(paths, (202, 204, 205, 206), strict=False))
    body = b"<html><article><h1>Um titulo</h1><p>" + b"Uma frase da materia, inteira. " * 20 + b"</p></article></html>"
    site.on_request = lambda path: Answer(body, status=odd[path]) if path in odd else None
    assert kept(via="sitemap") == [paths[4]]
    ledger = Ledger(Path(settings["DATA_DIR"]) / "ledger" / f"{NAME}.sqlite")
    found = {entry.reason for entry in ledger.entries() if entry.due}
    ledger.close()
    assert found == {"HTTP 202", "HTTP 204", "HTTP 205", "HTTP 206"}


@pytest.mark.parametrize("status", [200, 206])
def test_rules_hold_with_whatever_success_they_come(site: Site, kept: Callable[..., list[str]], status: int) -> None:
    body = b"User-agent: *\nDisallow: /20\n"
    site.on_request = lambda path: Answer(body, "text/plain", status) if path == "/robots.txt" else None
    assert kept(via="sitemap") == []
    assert not [path for path in site.requests if path.startswith("/20")]


@pytest.mark.parametrize("letters", ["idna", "punycode", "hex", "utf-7"])
def test_a_page_in_letters_that_are_none_is_read(site: Site, kept: Callable[..., list[str]], letters: str) -> None:
    path = site.posts()[0].story.path
    text = b"<html><title>Um titulo</title><article><h1>Um titulo</h1><div class=entry-content>"
    text += (
        b"<p>A prefeitura disse que a obra fica pronta em maio, e que a rua abre antes.</p>" * 9
        + b"</div></article></html>"
    )
    kind = f"text/html; charset={letters}"
    site.on_request = lambda asked: Answer(text, kind) if asked == path else None
    assert path in kept(via="sitemap")


def test_a_fault_in_a_route_costs_the_route(
    site: Site, kept: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pages(self: RestRoute, position: object, changed_since: object) -> AsyncIterator[Page]:
        raise KeyError("nobody thought of it")
        yield

    monkeypatch.setattr(RestRoute, "pages", pages)
    assert kept() == sorted(post.story.path for post in site.posts())


def test_a_head_without_end_ends_the_connection() -> None:
    def answered(*pieces: bytes) -> object:
        connection = HTTP11ClientProtocol()
        connection.makeConnection(StringTransport())
        connection.dataReceived = _Counted(connection)
        got: list[object] = []
        connection.request(Asked(b"GET", b"/", Headers({b"host": [b"a.example"]}), None)).addBoth(got.append)
        for piece in pieces:
            connection.dataReceived(piece)
        return got[0] if got else None

    for piece in (b"X-A: " + b"a" * 1000 + b"\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"):
        failed = answered(b"HTTP/1.1 200 OK\r\n" if piece[:1] == b"X" else b"", *[piece * 10] * (MOST_HEAD // 200))
        assert isinstance(failed, Failure)
        assert failed.check(ResponseFailed)
        assert isinstance(failed.value.reasons[-1].value, HeadTooLong)
    long_body = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n", *[b"a" * 60_000] * 20)
    assert not isinstance(long_body, Failure)


def test_a_ledger_of_somebody_else_is_not_to_be_moved_away(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").mkdir()
    with pytest.raises(LedgerError, match="this user may not write there"):
        Ledger(tmp_path / "x.sqlite")
