"""Fifty outlets of known size for a census, which answer as their systems do, without a story behind them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs

from aurora_crawl.demo.outlets.outlet import NOT_FOUND, index, plain, urlset
from aurora_crawl.demo.wordpress_site import Answer, Site

WORDS = 620
_SENTENCE = "A assembleia do bairro decidiu ontem que a ponte volta a abrir antes da chuva . "


@dataclass
class CountedOutlet:
    """An outlet for a census: what is served, its kind, and how many articles it has."""

    name: str
    kind: str
    site: Site
    articles: int


def counted_outlets(seed: int = 1) -> Iterator[CountedOutlet]:
    """Fifty: open, without totals (in the head, or anywhere), locked, capped, with sitemaps only; of 120 to 30,000 articles."""
    rng = random.Random(seed)
    kinds = (
        [("open", _open)] * 20
        + [("no total in the head", _stripped)] * 6
        + [("no total anywhere", _without_total)] * 4
        + [("locked, WordPress' sitemaps", _locked_core)] * 5
        + [("locked, Yoast's sitemaps", _locked_yoast)] * 4
        + [("capped", _capped)] * 5
        + [("one sitemap", _one_sitemap)] * 3
        + [("an index of sitemaps", _own_index)] * 3
    )
    for number, (kind, make) in enumerate(kinds):
        most = 5_000 if make is _one_sitemap else 30_000
        articles = round(120 * (most / 120) ** rng.random())
        name = f"outlet{number}"
        site = Site([], name)
        site.on_request = _answering(site, articles, make)
        yield CountedOutlet(name, kind, site, articles)


Make = Callable[[str, int, str, dict[str, list[str]]], Answer | None]


def _answering(site: Site, articles: int, make: Make) -> Callable[[str], Answer]:
    def on_request(target: str) -> Answer:
        path, _, query = target.partition("?")
        return make(site.address, articles, path, parse_qs(query)) or NOT_FOUND

    return on_request


def _rows(at: str, articles: int, count: int) -> list[dict[str, object]]:
    rng = random.Random(articles)
    rows = []
    for number in range(min(count, articles)):
        words = max(60, round(rng.gauss(WORDS, WORDS / 3)))
        text = " ".join((_SENTENCE * (words // 14 + 1)).split()[:words])
        rows.append(
            {
                "id": articles - number,
                "link": f"{at}/2024/01/materia-de-numero-{articles - number}/",
                "date": "2024-01-05T10:00:00",
                "title": {"rendered": f"Matéria {articles - number}"},
                "content": {"rendered": f"<p>{text}</p>", "protected": False},
            }
        )
    return rows


def _posts(at: str, articles: int, asked: dict[str, list[str]], *, in_head: bool, in_envelope: bool) -> Answer:
    rows = _rows(at, articles, int(asked.get("per_page", ["10"])[0]))
    body: object = rows
    if "_envelope" in asked:
        body = {"body": rows, "status": 200, "headers": {"X-WP-Total": articles} if in_envelope else {}}
    return Answer(
        json.dumps(body).encode(), "application/json", headers={"X-WP-Total": str(articles)} if in_head else None
    )


def _refused(asked: dict[str, list[str]], status: int, code: str) -> Answer:
    body: dict[str, object] = {"code": code, "message": "não", "data": {"status": status}}
    if "_envelope" in asked and status == 400:
        return Answer(json.dumps({"body": body, "status": status, "headers": {}}).encode(), "application/json")
    return Answer(json.dumps(body).encode(), "application/json", status)


def _addresses(at: str, first: int, last: int) -> list[str]:
    return [f"{at}/2024/01/materia-de-numero-{number}/" for number in range(first, last)]


def _files(at: str, articles: int, size: int, pattern: str, path: str) -> Answer | None:
    """A file of sitemaps, of `size` addresses each."""
    for number in range(-(-articles // size)):
        if path == pattern.format(number=number + 1):
            return urlset(_addresses(at, number * size, min(articles, (number + 1) * size)))
    return None


def _index_of(at: str, articles: int, size: int, pattern: str, others: tuple[str, ...] = ()) -> Answer:
    files = [at + pattern.format(number=number + 1) for number in range(-(-articles // size))]
    return index([*files, *(at + one for one in others)])


def _wordpress_robots(at: str, sitemap: str) -> Answer:
    return plain(f"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\nSitemap: {at}{sitemap}\n")


def _open(at: str, articles: int, path: str, asked: dict[str, list[str]]) -> Answer | None:
    if path == "/robots.txt":
        return _wordpress_robots(at, "/wp-sitemap.xml")
    return _posts(at, articles, asked, in_head=True, in_envelope=True) if path == "/wp-json/wp/v2/posts" else None


def _stripped(at: str, articles: int, path: str, asked: dict[str, list[str]]) -> Answer | None:
    return _posts(at, articles, asked, in_head=False, in_envelope=True) if path == "/wp-json/wp/v2/posts" else None


def _core(at: str, articles: int, path: str) -> Answer | None:
    if path == "/robots.txt":
        return _wordpress_robots(at, "/wp-sitemap.xml")
    if path == "/wp-sitemap.xml":
        return _index_of(
            at,
            articles,
            2000,
            "/wp-sitemap-posts-post-{number}.xml",
            ("/wp-sitemap-taxonomies-category-1.xml", "/wp-sitemap-users-1.xml"),
        )
    return _files(at, articles, 2000, "/wp-sitemap-posts-post-{number}.xml", path)


def _without_total(at: str, articles: int, path: str, asked: dict[str, list[str]]) -> Answer | None:
    if path == "/wp-json/wp/v2/posts":
        return _posts(at, articles, asked, in_head=False, in_envelope=False)
    return _core(at, articles, path)


def _locked_core(at: str, articles: int, path: str, asked: dict[str, list[str]]) -> Answer | None:
    return _refused(asked, 401, "rest_login_required") if path.startswith("/wp-json") else _core(at, articles, path)


def _locked_yoast(at: str, articles: int, path: str, asked: dict[str, list[str]]) -> Answer | None:
    if path.startswith("/wp-json"):
        return Answer(b"<html><head><title>403 Forbidden</title></head></html>", status=403)
    if path == "/robots.txt":
        return _wordpress_robots(at, "/sitemap_index.xml")
    if path == "/sitemap_index.xml":
        found = _index_of(
            at,
            articles,
            1000,
            "/post-sitemap{number}.xml",
            ("/page-sitemap.xml", "/category-sitemap.xml", "/author-sitemap.xml"),
        )
        found.body += b"<!-- XML Sitemap generated by Yoast SEO -->"
        return found
    return _files(at, articles, 1000, "/post-sitemap{number}.xml", path)


def _capped(at: str, articles: int, path: str, asked: dict[str, list[str]]) -> Answer | None:
    if path == "/robots.txt":
        return _wordpress_robots(at, "/wp-sitemap.xml")
    if path != "/wp-json/wp/v2/posts":
        return None
    if int(asked.get("per_page", ["10"])[0]) > 5:
        return _refused(asked, 400, "rest_invalid_param")
    return _posts(at, articles, asked, in_head=True, in_envelope=True)


def _one_sitemap(at: str, articles: int, path: str, asked: dict[str, list[str]]) -> Answer | None:
    if path == "/robots.txt":
        return plain(f"User-agent: *\nDisallow: /painel/\nSitemap: {at}/mapa.xml\n")
    return urlset([f"{at}/", f"{at}/contato", *_addresses(at, 0, articles)]) if path == "/mapa.xml" else None


def _own_index(at: str, articles: int, path: str, asked: dict[str, list[str]]) -> Answer | None:
    if path == "/robots.txt":
        return plain(f"User-agent: *\nSitemap: {at}/sitemap.xml\n")
    if path == "/sitemap.xml":
        return _index_of(at, articles, 5000, "/sitemap-noticias-{number}.xml", ("/sitemap-paginas.xml",))
    return _files(at, articles, 5000, "/sitemap-noticias-{number}.xml", path)
