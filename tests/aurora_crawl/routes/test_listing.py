"""The listing route: to the end, not beyond, and no further than what is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest

from aurora_crawl.demo.server import answer
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.routes.listing import Listing, ListingRoute
from aurora_crawl.routes.route import Window
from aurora_crawl.routes.theme_cards import WORDPRESS_CARDS

NUMBERED = (Listing("/page/{page}/", WORDPRESS_CARDS),)
LINKED = (Listing("/", WORDPRESS_CARDS),)


def paths(site: Site) -> list[str]:
    return [post.story.path for post in site.posts("date", descending=True)]


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


@pytest.mark.parametrize("listings", [NUMBERED, LINKED])
def test_every_article_once_with_what_its_card_shows(read: Callable[..., Any], listings: tuple[Listing, ...]) -> None:
    site = Site.generated(47)
    got = read(ListingRoute, site, listings=listings)
    assert [path_of(url) for url in got.urls] == paths(site)
    newest = site.posts("date", descending=True)[0]
    assert got.found[0].title == newest.story.title
    assert (got.found[0].published or "")[:10] == newest.story.published.date().isoformat()
    assert not got.failure


def test_static_pages_are_no_articles(read: Callable[..., Any]) -> None:
    site = Site.generated(12)
    got = read(ListingRoute, site, listings=(Listing("/page/{page}/?s", WORDPRESS_CARDS),), articles=r"^/\d{4}/")
    assert sorted(map(path_of, got.urls)) == sorted(paths(site))


def test_a_site_that_repeats_its_last_page_is_read_once(read: Callable[..., Any]) -> None:
    site = Site.generated(25)

    def on_request(path: str) -> Answer | None:
        site.on_request = None
        try:
            number = path.removeprefix("/page/").strip("/")
            return answer(site, "/page/3/") if number.isdigit() and int(number) > 3 else None
        finally:
            site.on_request = on_request

    site.on_request = on_request
    got = read(ListingRoute, site, listings=NUMBERED)
    assert sorted(set(map(path_of, got.urls))) == sorted(paths(site))
    assert got.requests == 4


def test_an_empty_page_ends_the_listing_whatever_words_stand_on_it(read: Callable[..., Any]) -> None:
    site = Site.generated(15)
    words = b"<html><body><p>Mostrando 10 de 900 resultados</p><a class='next' href='/page/4/'>Mais</a></body></html>"
    site.on_request = lambda path: Answer(words) if path.startswith("/page/3") else None
    got = read(ListingRoute, site, listings=NUMBERED)
    assert len(got.urls) == 15
    assert got.requests == 3


def test_a_first_page_without_cards_is_a_failure_with_its_reason(read: Callable[..., Any]) -> None:
    site = Site.generated(5)
    site.on_request = lambda path: Answer(b"<html><body>Outro tema</body></html>")
    assert "no card" in read(ListingRoute, site, listings=NUMBERED).failure


def test_a_server_error_in_the_middle_is_no_end(read: Callable[..., Any]) -> None:
    site = Site.generated(35)
    site.on_request = lambda path: Answer(b"", status=502) if path == "/page/3/" else None
    stopped = read(ListingRoute, site, listings=NUMBERED)
    assert "HTTP 502" in stopped.failure
    site.on_request = None
    rest = read(ListingRoute, site, listings=NUMBERED, position=stopped.position)
    assert [path_of(url) for url in (*stopped.urls, *rest.urls)] == paths(site)


def test_an_update_stops_at_known_ground(read: Callable[..., Any]) -> None:
    site = Site.generated(80)
    old = set(paths(site)[3:])
    got = read(ListingRoute, site, listings=NUMBERED, known=lambda url: path_of(url) in old)
    assert {path_of(url) for url in got.urls} >= set(paths(site)[:3])
    assert got.requests == 3


def test_a_window_ends_the_reading_where_everything_is_older(read: Callable[..., Any]) -> None:
    site = Site.generated(80)
    days = [post.story.published.date() for post in site.posts("date", descending=True)]
    got = read(ListingRoute, site, listings=NUMBERED, window=Window(since=days[5]))
    assert got.requests == 2
    assert set(paths(site)[:6]) <= set(map(path_of, got.urls))
    whole = read(ListingRoute, site, listings=NUMBERED, window=Window(since=date(1990, 1, 1)))
    assert len(whole.urls) == 80


def test_several_listings_are_read_one_after_the_other(read: Callable[..., Any]) -> None:
    site = Site.generated(60)
    sections = site.terms("category")
    listings = tuple(Listing(f"/category/{term.slug}/page/{{page}}/", WORDPRESS_CARDS) for term in sections)
    first = read(ListingRoute, site, listings=listings, stop_after=2)
    rest = read(ListingRoute, site, listings=listings, position=first.position)
    assert (
        sorted(map(path_of, {*first.urls, *rest.urls})) == sorted(paths(site)) or len(first.urls) + len(rest.urls) == 60
    )


def test_pages_that_name_themselves_bring_nothing_new(read: Callable[..., Any]) -> None:
    site = Site.generated(3)
    cards = "".join(
        f'<article class="post"><h2><a href="{href}">Uma página</a></h2></article>'
        for href in ("?a=1", "/page/9/", "#")
    )
    site.on_request = lambda path: (
        Answer(answer(site, "/").body.replace(b"</body>", f"{cards}<i>{path}</i></body>".encode()))
        if path.startswith("/page/")
        else None
    )
    got = read(ListingRoute, site, listings=NUMBERED)
    assert {urlsplit(url).path for url in got.urls} == {post.story.path for post in site.posts()}
    assert got.requests < 6
