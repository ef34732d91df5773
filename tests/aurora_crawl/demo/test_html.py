"""Article pages, listings, sitemaps, feed, and the manners of the server itself, over a real socket."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from datetime import datetime
from http.client import HTTPConnection
from threading import Thread
from typing import Any

import pytest
from lxml import etree, html

from aurora_crawl.demo.feeds import answer
from aurora_crawl.demo.newspaper import LOCAL_TIME, Story
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site

STORY = Story(
    "Água & luz", "agua", ("Ana", "Bia"), datetime(2030, 1, 2, 23, tzinfo=LOCAL_TIME), "Saúde", "<p>Oi.</p>", ("SUS",)
)
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_article_page_holds_body_and_metadata(client: Any) -> None:
    post = client.site.posts()[0]
    reply = client.get(client.site.link(post))
    page = html.fromstring(reply.text)
    assert reply.status == 200
    assert page.xpath("string(//link[@rel='canonical']/@href)") == client.site.link(post)
    content = page.xpath("//div[@class='entry-content']")
    assert len(content) == 1
    assert "".join(content[0].text_content().split()) == "".join(
        html.fromstring(client.site.content(post)).text_content().split()
    )
    assert page.xpath("string(//h1[@class='entry-title'])") == post.story.title
    data = json.loads(page.xpath("string(//script[@type='application/ld+json'])"))["@graph"][0]
    assert (data["headline"], data["articleSection"]) == (post.story.title, [post.story.section])
    assert datetime.fromisoformat(data["datePublished"]) == post.published
    assert page.xpath("string(//meta[@property='article:section']/@content)") == post.story.section
    for clutter in ("//nav//a", "//aside//a", "//form[@id='commentform']", "//footer[@id='colophon']"):
        assert page.xpath(clutter)


def test_authors_stand_singly_in_the_metadata_and_together_in_the_byline(small: Any) -> None:
    small.site.add(STORY)
    page = html.fromstring(small.get("/2030/01/02/agua/").text)
    data = json.loads(page.xpath("string(//script[@type='application/ld+json'])"))["@graph"][0]
    assert [author["name"] for author in data["author"]] == ["Ana", "Bia"]
    assert page.xpath("string(//article//a[@rel='author'])") == "Ana e Bia"


def walk(client: Any, path: str) -> tuple[list[str], int]:
    """Every card of a listing, by its links to the next page; and the number of pages."""
    found: list[str] = []
    pages = 0
    while path:
        reply = client.get(path)
        assert reply.status == 200
        page = html.fromstring(reply.text)
        found += page.xpath("//main//h2[@class='entry-title']/a/@href")
        path = page.xpath("string(//a[@class='next page-numbers']/@href)")
        pages += 1
    return found, pages


def test_listing_leads_to_every_article_once(client: Any) -> None:
    found, pages = walk(client, "/")
    assert pages == 7
    assert found == [client.site.link(post) for post in client.site.posts("date", descending=True)]
    assert client.get("/page/8/").status == 404


def test_sections_tags_and_authors_have_listings(client: Any) -> None:
    found = [link for term in client.site.terms("category") for link in walk(client, f"/category/{term.slug}/")[0]]
    assert sorted(found) == sorted(client.site.link(post) for post in client.site.posts())
    assert walk(client, "/author/redacao/")[0]
    assert client.get("/tag/nao-existe/").status == 404


def test_search_lists_pages_that_are_no_articles(client: Any) -> None:
    found, _ = walk(client, "/?s=")
    assert len(found) == 66 + 3
    assert f"{client.site.address}/quem-somos/" in found
    assert client.get("/quem-somos/").status == 200


def test_sitemaps_name_every_article_with_its_date(client: Any) -> None:
    maps = [loc.text for loc in etree.fromstring(client.get("/wp-sitemap.xml").body).iter(f"{SITEMAP}loc")]
    assert maps == [f"{client.site.address}/wp-sitemap-posts-{name}-1.xml" for name in ("post", "page")]
    urls = etree.fromstring(client.get(maps[0]).body)
    assert [url.findtext(f"{SITEMAP}loc") for url in urls] == [client.site.link(post) for post in client.site.posts()]
    dates = [datetime.fromisoformat(url.findtext(f"{SITEMAP}lastmod") or "") for url in urls]
    assert dates == [post.modified for post in client.site.posts()]
    assert client.get("/wp-sitemap-posts-post-2.xml").status == 404
    assert maps[0].rsplit("/", 1)[0] + "/wp-sitemap.xml" in client.get("/robots.txt").text


def test_large_sites_have_several_sitemaps() -> None:
    site = Site.generated(2001, words=5)
    assert b"wp-sitemap-posts-post-2.xml" in answer(site, "/wp-sitemap.xml", "").body  # type: ignore[union-attr]
    assert answer(site, "/wp-sitemap-posts-post-2.xml", "").body.count(b"<url>") == 1  # type: ignore[union-attr]


def test_feed_has_pages_of_whole_articles(client: Any) -> None:
    items = []
    for number in range(1, 8):
        reply = client.get(f"/feed/?paged={number}")
        assert reply.status == 200
        items += list(etree.fromstring(reply.body).iter("item"))
    posts = client.site.posts("date", descending=True)
    assert [item.findtext("title") for item in items] == [post.story.title for post in posts]
    encoded = "{http://purl.org/rss/1.0/modules/content/}encoded"
    assert [item.findtext(encoded) for item in items] == [client.site.content(post) for post in posts]
    assert items[0].findtext("{http://purl.org/dc/elements/1.1/}creator") == posts[0].story.byline
    assert client.get("/feed/?paged=8").status == 404


def test_missing_slash_and_short_link_lead_to_the_article(small: Any) -> None:
    post = small.site.posts()[0]
    for path in (post.story.path.rstrip("/"), f"/?p={post.id}"):
        reply = small.get(path)
        assert (reply.status, reply.headers["location"]) == (301, small.site.link(post))
    assert small.get("/2020/01/01/nada/").status == 404
    assert small.get("/nada").status == 404


def test_posts_come_change_and_go_while_served(small: Any) -> None:
    number = small.site.add(STORY)
    path = STORY.path
    assert path == "/2030/01/02/agua/"
    assert "Oi." in small.get(path).text
    small.site.edit(number, title="Outro", body="<p>Tchau.</p>")
    assert "Tchau." in small.get(path).text
    small.site.delete(number)
    assert small.get(path).status == 404
    with pytest.raises(KeyError):
        small.site.delete(number)


@pytest.mark.parametrize("path", ["article", "/feed/", "/wp-sitemap.xml", "/wp-sitemap-posts-post-1.xml"])
def test_unchanged_pages_are_not_sent_again_and_changed_ones_are(small: Any, path: str) -> None:
    post = small.site.posts("date", descending=True)[0]
    path = post.story.path if path == "article" else path
    first = small.get(path)
    again = small.get(path, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert small.get(path, If_Modified_Since=first.headers["last-modified"]).status == 304
    small.site.edit(post.id, body="<p>Outra coisa.</p>")
    if path != "/wp-sitemap.xml":
        assert small.get(path, If_None_Match=first.headers["etag"]).status == 200
    assert small.get(path, If_Modified_Since=first.headers["last-modified"]).status == 200
    assert small.get(path, If_None_Match='"x"', If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT").status == 200


def test_gzip_only_if_asked(small: Any) -> None:
    plain, packed = small.get("/"), small.get("/", Accept_Encoding="gzip, br")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert int(packed.headers["content-length"]) == len(packed.body) < len(plain.body)


def test_connection_is_kept_and_head_sends_no_body(small: Any) -> None:
    small.get("/")
    socket = small.connection.sock
    head = small.get("/", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["content-length"]) == len(small.get("/").body)
    assert small.connection.sock is socket


def test_requests_are_logged_with_their_queries(small: Any) -> None:
    small.get("/robots.txt")
    small.rest("posts?per_page=2")
    assert small.site.requests == ["/robots.txt", "/wp-json/wp/v2/posts?per_page=2"]


def test_slow_site_answers_many_at_once(small: Any) -> None:
    small.site.delay = 0.3
    start = datetime.now(LOCAL_TIME)
    clients = [type(small)(small.site) for _ in range(6)]
    threads = [Thread(target=client.get, args=("/robots.txt",)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.3 <= (datetime.now(LOCAL_TIME) - start).total_seconds() < 1.5


def test_command_prints_its_address_and_serves() -> None:
    command = [sys.executable, "-m", "aurora_crawl.demo.server", "--port", "0", "--generated", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
            connection = HTTPConnection(address.removeprefix("http://"), timeout=10)
            connection.request("GET", "/wp-json/wp/v2/posts")
            assert connection.getresponse().getheader("X-WP-Total") == "3"
        finally:
            process.terminate()


def test_command_names_a_taken_port() -> None:
    with serve(Site()) as address:
        port = address.rsplit(":", 1)[1]
        command = [sys.executable, "-m", "aurora_crawl.demo.server", "--port", port]
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert f"port {port}" in finished.stderr
    assert len(finished.stderr.strip().splitlines()) == 1
