"""Pages without end, and names that hide where they lead."""

import asyncio
import random
import socket
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError
from scrapy.resolver import dnscache
from scrapy.utils.test import get_crawler

from aurora_crawl.demo.server import answer
from aurora_crawl.web.refusal import Refused
from aurora_crawl.web.ssrf import ForeignAddresses, _private_number


def test_a_listing_that_shuffles_its_cards_for_ever_ends(server: Any, crawl: Any) -> None:
    cards = [
        f'<article><h2><a href="{post.story.path}">{post.story.title}</a></h2></article>'
        for post in server.site.posts()
    ]
    draw = random.Random(0)

    def lie(asked: str) -> bytes | None:
        return server.http("".join(draw.sample(cards, len(cards))).encode()) if asked.startswith("/page/") else None

    server.lie = lie
    result = crawl(via="listing")
    assert result.status == 0, result.said
    assert "nothing new on 3 pages in a row; the listing goes round in circles" in result.said
    assert len(server.paths("/page/")) <= 5
    assert len(result.kept) == 8


def test_a_feed_that_alternates_between_two_pages_ends(server: Any, crawl: Any) -> None:
    pages = [answer(server.site, "/feed/").body.replace(b"<item>", b"<!-- ", 1).replace(b"</item>", b" -->", 1)]
    pages.append(answer(server.site, "/feed/").body)

    def lie(asked: str) -> bytes | None:
        number = asked.partition("paged=")[2]
        return server.http(pages[int(number) % 2], kind="application/rss+xml") if number else None

    server.lie = lie
    result = crawl(via="feed")
    assert len(server.paths("/feed/")) <= 4
    assert len(result.kept) == 8, result.said


ANSWERS = {
    "publico.invalid": ["93.184.216.34"],
    "privado.invalid": ["10.1.2.3"],
    "misto.invalid": ["93.184.216.34", "192.168.0.7"],
    "nuvem.invalid": ["169.254.169.254"],
    "seis.invalid": ["fd00::1"],
    "embrulhado.invalid": ["::ffff:127.0.0.1"],
}


@pytest.mark.parametrize(
    ("number", "is_public"),
    [
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::10.1.2.3", False),
        ("64:ff9b::93.184.216.34", True),
        ("64:ff9b:1::93.184.216.34", False),
        ("::7f00:1", False),
        ("::93.184.216.34", False),
        ("::ffff:0:127.0.0.1", False),
        ("fec0::1", False),
        ("fe80::1%eth0", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("ff0e::1", False),
        ("100::1", False),
        ("100.64.0.1", False),
        ("0.1.2.3", False),
        ("224.0.0.1", False),
        ("192.0.2.1", False),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
    ],
)
def test_numbers_that_lead_home_are_told_from_public_ones(number: str, is_public: bool) -> None:
    assert (asyncio.run(_private_number(number, resolve=True)) is None) == is_public


def test_a_name_that_does_not_resolve_at_first_is_looked_at_when_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers: list[Any] = [OSError("no name server"), [], [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("10.0.0.1", 0))]]

    def look_up(*_: Any, **__: Any) -> list[Any]:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return list(answer)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    middleware = ForeignAddresses(get_crawler())
    request = Request("http://tarde.invalid/", meta={"redirect_urls": ["http://publico.invalid/"]})
    for _ in range(2):
        with pytest.raises(CannotResolveHostError):
            asyncio.run(middleware.process_request(request))
    with pytest.raises(Refused, match=r"private network \(10\.0\.0\.1\).*-a site_url=http://tarde\.invalid"):
        asyncio.run(middleware.process_request(request))


@pytest.mark.parametrize("name", ANSWERS)
def test_every_number_of_a_name_is_looked_at_and_the_one_that_was_is_connected_to(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No name server can be made to lie here; what it answers stands in its place.
    def look_up(host: str, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (number, 0)) for number in ANSWERS[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    found = asyncio.run(_private_number(name, resolve=True))
    assert found == (None if name == "publico.invalid" else ANSWERS[name][-1])
    assert dnscache.get(name) == ("93.184.216.34" if name == "publico.invalid" else None)
