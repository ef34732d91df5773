"""The sitemap route: index files, gzip, what changed, and what strangers put there."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aurora_crawl.budget import OverBudget
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.routes.sitemap import SitemapRoute
from aurora_crawl.routes.sitemap_files import Entry, read_sitemap, sitemaps_in_robots, sitemaps_of_articles

URLSET = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
INDEX = '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'


def url(address: str, *more: str) -> str:
    return f"<url><loc>{address}</loc>{''.join(more)}</url>"


def child(address: str, *more: str) -> str:
    return f"<sitemap><loc>{address}</loc>{''.join(more)}</sitemap>"


def serve_files(site: Site, files: dict[str, str | bytes]) -> None:
    """Let the site answer with these files, and with nothing else."""

    def on_request(path: str) -> Answer:
        body = files.get(path)
        if body is None:
            return Answer(b"", status=404)
        text = body if isinstance(body, bytes) else body.replace("SITE", site.address).encode()
        return Answer(text, "application/xml")

    site.on_request = on_request


def paths(got: Any) -> list[str]:
    return ["/" + one.split("/", 3)[3] for one in got.urls]


def test_every_article_and_no_static_page(read: Callable[..., Any]) -> None:
    site = Site.generated(230)
    got = read(SitemapRoute, site)
    assert sorted(paths(got)) == sorted(post.story.path for post in site.posts())
    assert got.expected == 230


def test_an_update_hands_out_only_what_changed(read: Callable[..., Any]) -> None:
    site = Site.generated(50)
    edited = site.posts()[7]
    site.edit(edited.id, title="Outro título")
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    assert paths(read(SitemapRoute, site, changed_since=yesterday)) == [edited.story.path]


def test_only_sitemaps_of_articles_are_read(read: Callable[..., Any]) -> None:
    site = Site()
    kinds = ("post-sitemap", "post-sitemap2", "page-sitemap", "category-sitemap", "post_tag-sitemap", "author-sitemap")
    files = {"/robots.txt": "Sitemap: SITE/sitemap_index.xml"}
    files["/sitemap_index.xml"] = INDEX.format("".join(child(f"SITE/{kind}.xml") for kind in kinds))
    files |= {f"/{kind}.xml": URLSET.format(url(f"SITE/{kind}/texto/")) for kind in kinds}
    serve_files(site, files)
    got = read(SitemapRoute, site)
    assert paths(got) == ["/post-sitemap/texto/", "/post-sitemap2/texto/"]
    assert got.requests == 4


def test_an_index_says_which_files_did_not_change(read: Callable[..., Any]) -> None:
    site = Site()
    files = {
        "/sitemap.xml": INDEX.format(
            child("SITE/post-sitemap1.xml", "<lastmod>2019-05-01T10:00:00Z</lastmod>")
            + child("SITE/post-sitemap2.xml", "<lastmod>2024-05-01T10:00:00Z</lastmod>")
        ),
        "/post-sitemap1.xml": URLSET.format(url("SITE/velho/")),
        "/post-sitemap2.xml": URLSET.format(url("SITE/novo/")),
    }
    serve_files(site, files)
    assert paths(read(SitemapRoute, site, changed_since="2024-01-01T00:00:00Z")) == ["/novo/"]


def test_gzipped_files_and_news_with_their_dates(read: Callable[..., Any]) -> None:
    site = Site()
    news = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        "<url><loc>SITE/a/</loc><news:news><news:publication_date>2024-03-02T08:00:00-03:00</news:publication_date>"
        "<news:title>Um título</news:title></news:news></url></urlset>"
    )
    serve_files(site, {"/sitemap.xml": INDEX.format(child("SITE/news.xml.gz"))})
    plain = site.on_request
    assert plain is not None
    site.on_request = lambda path: (
        Answer(gzip.compress(news.replace("SITE", site.address).encode()), "application/gzip")
        if path == "/news.xml.gz"
        else plain(path)
    )
    (found,) = read(SitemapRoute, site).found
    assert (found.title, found.published) == ("Um título", "2024-03-02T08:00:00-03:00")


def test_a_moment_that_all_share_says_nothing_about_changes(read: Callable[..., Any]) -> None:
    site = Site()
    now = "<lastmod>2024-05-01T10:00:00Z</lastmod>"
    serve_files(site, {"/sitemap.xml": URLSET.format("".join(url(f"SITE/{n}/", now) for n in range(40)))})
    got = read(SitemapRoute, site)
    assert len(got.found) == 40
    assert {found.modified for found in got.found} == {None}


def test_a_reading_goes_on_with_the_files_that_are_left(read: Callable[..., Any]) -> None:
    site = Site()
    files = {"/sitemap.xml": INDEX.format("".join(child(f"SITE/post-sitemap{n}.xml") for n in range(1, 5)))}
    files |= {f"/post-sitemap{n}.xml": URLSET.format(url(f"SITE/{n}/")) for n in range(1, 5)}
    serve_files(site, files)
    first = read(SitemapRoute, site, stop_after=5)
    rest = read(SitemapRoute, site, position=first.position)
    assert sorted({*paths(first), *paths(rest)}) == ["/1/", "/2/", "/3/", "/4/"]
    assert len(rest.urls) < 4


def test_hostile_sitemaps_end(read: Callable[..., Any]) -> None:
    site = Site()
    loop = INDEX.format(child("SITE/sitemap.xml") + child("SITE/post-a.xml") + child("http://10.0.0.1/post-x.xml"))
    bomb = gzip.compress(b"<urlset>" + b" " * (60 << 20))
    entity = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + URLSET.format(url("SITE/&a;x/"))
    serve_files(site, {"/sitemap.xml": loop, "/post-a.xml": URLSET.format(url("SITE/certo/"))})
    got = read(SitemapRoute, site)
    assert paths(got) == ["/certo/"]
    assert any("another site" in line for line in got.told)
    serve_files(site, {"/sitemap.xml": bomb})
    assert "larger than 50 MB" in read(SitemapRoute, site).failure
    serve_files(site, {"/sitemap.xml": entity})
    assert not any("root:" in one for one in read(SitemapRoute, site).urls)


def test_a_site_without_a_sitemap_fails_and_says_where_it_looked(read: Callable[..., Any]) -> None:
    site = Site()
    serve_files(site, {})
    failure = read(SitemapRoute, site).failure
    assert all(name in failure for name in ("no sitemap", "wp-sitemap.xml", "sitemap_index.xml", "HTTP 404"))


def test_a_page_of_html_is_no_sitemap(read: Callable[..., Any]) -> None:
    site = Site()
    serve_files(
        site, dict.fromkeys(("/wp-sitemap.xml", "/sitemap_index.xml", "/sitemap.xml"), "<html><p>Oi</p></html>")
    )
    assert "HTML page" in read(SitemapRoute, site).failure


WHOLE = "".join(url(f"https://exemplo.invalid/{n}/") for n in range(1, 4))


@pytest.mark.parametrize(
    "body",
    [
        "\ufeff\n\ufeff" + URLSET.format(WHOLE),
        "<br /><b>Warning</b>: a < b in <b>x</b>\n" + URLSET.format(WHOLE),
        "<!-- Mapa <html> do site -->" + URLSET.format(WHOLE),
        URLSET.format(WHOLE) + "<!-- gerado em 0.4 s",
        URLSET.format(
            WHOLE.replace("<loc>", "<image:image><image:loc>https://x.invalid/1.jpg</image:loc></image:image><loc>")
        ),
        URLSET.format(WHOLE)
        .replace("<url", "<s:url")
        .replace("</url", "</s:url")
        .replace("<loc", "<s:loc")
        .replace("</loc", "</s:loc"),
        URLSET.format(WHOLE).replace("https", " <![CDATA[https").replace("/</loc>", "/]]>\n</loc>"),
        URLSET.format(WHOLE)[:-9] + "<url><loc>https://exemplo.inv",
        URLSET.format(url("&nbsp;") + WHOLE + "<url></url>"),
        "https://exemplo.invalid/1/\r\nhttps://exemplo.invalid/2/\rhttps://exemplo.invalid/3/",
        "# mapa\nhttps://exemplo.invalid/1/\nhttps://exemplo.invalid/2/\nhttps://exemplo.invalid/3/\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_files_that_are_not_quite_xml_give_every_whole_entry(body: str, encoding: str) -> None:
    file = read_sitemap(body.encode(encoding), "https://exemplo.invalid/sitemap.xml")
    assert [entry.url for entry in file.entries] == [f"https://exemplo.invalid/{n}/" for n in (1, 2, 3)]


def test_of_a_cut_gzip_what_was_whole_counts_and_is_said() -> None:
    entries = "".join(url(f"https://exemplo.invalid/{n * 7919}/") for n in range(3000))
    packed = gzip.compress(URLSET.format(entries).encode())
    file = read_sitemap(packed[: len(packed) // 2], "https://exemplo.invalid/s.xml.gz")
    assert 500 < len(file.entries) < 2500
    assert "cut short" in file.remarks[0]
    both = gzip.compress(URLSET.format("")[:-9].encode()) + gzip.compress(f"{WHOLE}</urlset>".encode()) + b"\0\0"
    assert len(read_sitemap(both, "https://exemplo.invalid/s.xml.gz").entries) == 3


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        *(
            (name, True)
            for name in (
                "post-sitemap.xml",
                "reportagem-sitemap.xml",
                "texto-autoral-sitemap.xml",
                "noticia-local-sitemap.xml",
            )
        ),
        *(
            (name, True)
            for name in ("sitemap-2021-03.xml", "news-sitemap.xml", "heritage-sitemap.xml", "sitemap-archive-2015.xml")
        ),
        *(
            (name, True)
            for name in (
                "wp-sitemap-posts-coluna-1.xml",
                "sitemapNoticias.xml",
                "sitemap-pt-post-2021-03.xml",
                "sitemap1.xml.gz",
            )
        ),
        *(
            (name, False)
            for name in ("post_tag-sitemap.xml", "wp-sitemap-taxonomies-category-1.xml", "wp-sitemap-users-1.xml")
        ),
        *(
            (name, False)
            for name in ("page-sitemap2.xml", "local-sitemap.xml", "web-story-sitemap.xml", "post-archive-sitemap.xml")
        ),
        *(
            (name, False)
            for name in (
                "sitemap-tags.xml",
                "autor-sitemap.xml",
                "video-sitemap.xml",
                "noticias-categorias-sitemap.xml",
            )
        ),
    ],
)
def test_names_are_judged_by_whole_words(name: str, holds: bool) -> None:
    index = [Entry("https://exemplo.invalid/post-sitemap9.xml", True), Entry(f"https://exemplo.invalid/{name}", True)]
    assert (index[1] in sitemaps_of_articles(index, ("posts",))) is holds


def test_sitemap_lines_of_robots_txt_after_a_mark_and_with_old_line_ends() -> None:
    body = b"\xef\xbb\xbfSitemap: /a.xml\rUser-agent: *\r\n  SITEMAP : https://exemplo.invalid/b.xml # x\nSitemap: http://[x\n"
    found = sitemaps_in_robots(body, "https://exemplo.invalid/robots.txt")
    assert found == ["https://exemplo.invalid/a.xml", "https://exemplo.invalid/b.xml"]


def test_one_sitemap_that_cannot_be_read_costs_itself_and_is_said(read: Callable[..., Any]) -> None:
    site = Site()
    index = INDEX.format(child("SITE/a.xml") + child("SITE/b.xml") + child("SITE/c.xml"))
    page = "<!doctype html><html><body>Ops</body></html>"
    files = {
        "/sitemap.xml": index,
        "/a.xml": URLSET.format(url("SITE/um/")),
        "/b.xml": page,
        "/c.xml": URLSET.format(url("SITE/dois/")),
    }
    serve_files(site, files)
    got = read(SitemapRoute, site)
    assert paths(got) == ["/um/", "/dois/"]
    assert "/b.xml is no sitemap: it is an HTML page" in got.failure


def test_articles_by_their_number_are_articles_and_the_front_page_is_none(read: Callable[..., Any]) -> None:
    site = Site()
    entries = "".join(map(url, ("SITE/", "SITE/?p=1", "SITE/index.php?p=2", "SITE/?utm_source=x", "SITE/?page_id=7")))
    serve_files(site, {"/sitemap.xml": URLSET.format(entries)})
    assert paths(read(SitemapRoute, site)) == ["/?p=1", "/index.php?p=2"]


def test_what_an_index_names_that_is_no_address_costs_itself(read: Callable[..., Any]) -> None:
    site = Site.generated(3)
    named = ["http://[x", "file:///etc/passwd", "//[", "{address}/wp-sitemap-posts-post-1.xml", "http://10.0.0.1/a.xml"]
    index = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in named)
    site.on_request = lambda path: (
        Answer(f"<sitemapindex>{index}</sitemapindex>".format(address=site.address).encode(), "application/xml")
        if path == "/wp-sitemap.xml"
        else None
    )
    got = read(SitemapRoute, site)
    assert len(got.urls) == 3
    assert not got.failure


def test_a_file_of_more_entries_than_are_read_leaves_the_rest_to_the_next_route(
    read: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aurora_crawl.routes.sitemap_files.MOST_ENTRIES", 2)
    got = read(SitemapRoute, Site.generated(5))
    assert len(got.urls) == 2
    assert "more than 2 entries" in got.failure


def test_a_file_that_takes_too_long_costs_itself(read: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(body: bytes, url: str) -> object:
        raise OverBudget

    monkeypatch.setattr("aurora_crawl.routes.sitemap_files._read_sitemap", slow)
    got = read(SitemapRoute, Site.generated(3))
    assert "takes more than 8 s to read" in got.failure
