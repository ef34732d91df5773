"""Pages without end, and names that hide where they lead."""

import asyncio
import random
import socket
from typing import Any

import pytest
from scrapy.resolver import dnscache

from aurora_crawl.demo.server import answer
from aurora_crawl.web.ssrf import _private_number


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
