"""The feed route: RSS and Atom, page after page, and what a feed without pages is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.routes.feed import FeedRoute

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/atom?p=2"/>
<entry><title>Um &amp; dois</title><link rel="replies" href="/r/"/><link href="/um/"/><published>2024-03-02T08:00:00Z</published>
<author><name>Ana</name></author><category term="Rio"/></entry></feed>"""


def paths(got: Any) -> list[str]:
    return ["/" + one.split("/", 3)[3] for one in got.urls]


def test_a_paged_feed_is_read_to_its_end(read: Callable[..., Any]) -> None:
    site = Site.generated(34)
    got = read(FeedRoute, site)
    posts = site.posts("date", descending=True)
    assert paths(got) == [post.story.path for post in posts]
    assert not got.failure
    first = got.found[0]
    assert (first.title, first.authors, first.section) == (
        posts[0].story.title,
        [posts[0].story.byline],
        posts[0].story.section,
    )
    assert (first.published or "")[:10] == posts[0].published.date().isoformat()


def test_a_feed_that_does_not_turn_its_pages_is_left_for_the_next_route(read: Callable[..., Any]) -> None:
    site = Site.generated(34)
    got = read(FeedRoute, site, feed="/feed/")
    assert len(got.urls) == 10
    assert "only the 10 newest" in got.failure


def test_a_feed_that_repeats_its_first_page_is_left_for_the_next_route(read: Callable[..., Any]) -> None:
    site = Site.generated(34)
    got = read(FeedRoute, site, feed="/feed/?page={page}")
    assert len(got.urls) == 10
    assert "whatever page is asked for" in got.failure


def test_newest_articles_suffice_for_an_update(read: Callable[..., Any]) -> None:
    site = Site.generated(34)
    known = {post.story.path for post in site.posts("date", descending=True)[2:]}
    got = read(FeedRoute, site, known=lambda url: "/" + url.split("/", 3)[3] in known)
    assert not got.failure
    assert got.requests == 3


def test_atom_with_links_to_the_next_page(read: Callable[..., Any]) -> None:
    site = Site()
    second = ATOM.replace("/um/", "/dois/").replace('<link rel="next" href="/atom?p=2"/>', "")
    site.on_request = lambda path: Answer((second if "p=2" in path else ATOM).encode(), "application/atom+xml")
    got = read(FeedRoute, site, feed="/atom")
    assert paths(got) == ["/um/", "/dois/"]
    assert (got.found[0].title, got.found[0].authors, got.found[0].section) == ("Um & dois", ["Ana"], "Rio")


def test_what_is_no_feed_fails_with_its_reason(read: Callable[..., Any]) -> None:
    site = Site()
    site.on_request = lambda path: Answer(b"<html>Um momento</html>")
    assert "is no feed" in read(FeedRoute, site).failure
