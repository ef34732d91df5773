"""The feed route: RSS and Atom, page after page, and what a feed without pages is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.routes.feed import FeedRoute
from aurora_crawl.routes.feed_items import read_feed

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


RSS = """<b>Notice</b>: a & b
<rss version="2.0"><channel><link>https://exemplo.invalid</link>{}</channel></rss>"""


@pytest.mark.parametrize(
    ("item", "url", "field", "value"),
    [
        ("<guid>https://exemplo.invalid/1/</guid>", "1/", "title", None),
        ("<link></link><guid isPermaLink='true'>https://exemplo.invalid/1/</guid>", "1/", "title", None),
        (
            "<guid isPermaLink='false'>https://exemplo.invalid/?p=9</guid><link>/1/?a=1&copy=2</link>",
            "1/?a=1&copy=2",
            "title",
            None,
        ),
        ("<link>https://exemplo.invalid/?p=7</link>", "?p=7", "section", None),
        (
            "<link>/1/</link><dc:creator><![CDATA[Ana]]></dc:creator><dc:creator>Rui</dc:creator>",
            "1/",
            "authors",
            ["Ana", "Rui"],
        ),
        ("<link>/1/</link><author>redacao@exemplo.invalid (Ana Lima)</author>", "1/", "authors", ["Ana Lima"]),
        ("<link>/1/</link><author>redacao@exemplo.invalid</author>", "1/", "authors", []),
        (
            "<link>/1/</link><media:title>Foto</media:title><title><![CDATA[Um <b>dia</b>]]></title>",
            "1/",
            "title",
            "Um dia",
        ),
        ("<link>/1/</link><title>&amp;#8220;Um&amp;#8221; &eacute; &#55357;</title>", "1/", "title", "“Um” é \ufffd"),
        ("<link>/1/</link><title>Um &lt; dois</title>", "1/", "title", "Um < dois"),
        (
            "<link>/1/</link><pubDate>Wed, 10 Feb 21 10:00:00 PST</pubDate>",
            "1/",
            "published",
            "2021-02-10T10:00:00-08:00",
        ),
        (
            "<link>/1/</link><pubDate>2013-03-17T12:44:00 00:00</pubDate>",
            "1/",
            "published",
            "2013-03-17T12:44:00+00:00",
        ),
        ("<link>/1/</link><pubDate>quando der</pubDate><dc:date>2021-02-10</dc:date>", "1/", "published", "2021-02-10"),
        (
            "<link>/1/</link><content:encoded><![CDATA[<item><link>/2/</link></item>]]></content:encoded>",
            "1/",
            "title",
            None,
        ),
        (
            "<link>/1/</link><description><p>a<br>b</description><category>Rio &amp; mar</category>",
            "1/",
            "section",
            "Rio & mar",
        ),
    ],
)
def test_items_of_real_feeds(item: str, url: str, field: str, value: object) -> None:
    body = RSS.format(f"<item><title>Sem endereço</title></item><item>{item}</item>")
    page = read_feed(body.encode(), "https://exemplo.invalid/feed/")
    assert [(one.url, getattr(one, field)) for one in page.items] == [(f"https://exemplo.invalid/{url}", value)]
    assert page.without_address == 1


def test_an_item_s_impossible_address_is_handed_on_to_be_refused_with_its_reason() -> None:
    page = read_feed(RSS.format("<item><link>http://[x</link></item>").encode(), "https://exemplo.invalid/feed/")
    assert [one.url for one in page.items] == ["http://[x"]


def test_an_entry_of_atom_that_was_only_updated_and_its_links() -> None:
    entry = '<entry><link rel="replies" href="/c"/><link rel="alternate" type="application/pdf" href="/1.pdf"/><link href="/1/">'
    entry += "</link><author><name>Ana</name></author><author><name>Rui</name></author><updated>2021-02-10T10:00:00Z</updated></entry>"
    page = read_feed(
        f'<a:feed xmlns:a="x"><link rel=next href="/n"/>{entry}</a:feed>'.encode(), "https://exemplo.invalid/f"
    )
    assert [(one.url, one.published, one.authors) for one in page.items] == [
        ("https://exemplo.invalid/1/", "2021-02-10T10:00:00+00:00", ["Ana", "Rui"])
    ]


def test_pages_that_name_what_they_are_asked_for_by_bring_nothing_new(read: Callable[..., Any]) -> None:
    site = Site.generated(12)
    item = "<item><link>http://</link></item><item><link>?paged=7</link></item><item><link>file:///a</link></item>"
    page = f"<rss><channel>{item}<item><link>{{}}</link></item></channel></rss>"
    site.on_request = lambda path: (
        Answer(page.format(site.link(site.posts()[0])).encode()) if "paged=" in path else None
    )
    got = read(FeedRoute, site)
    assert len(got.urls) == 1
    assert got.requests == 2
