"""The REST route on sites that withhold names, have no readable addresses, or know other kinds of posts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode

from aurora_crawl.demo.server import answer
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.routes.rest import RestRoute

Rewrite = Callable[[str, Answer], Answer]


def rewritten(site: Site, rewrite: Rewrite) -> None:
    """Let every answer of the site go through a function."""

    def on_request(path: str) -> Answer:
        site.on_request = None
        try:
            return rewrite(path, answer(site, path))
        finally:
            site.on_request = on_request

    site.on_request = on_request


def without_embedded(path: str, found: Answer) -> Answer:
    if "/posts" not in path or found.status != 200:
        return found
    rows = [{key: value for key, value in row.items() if key != "_embedded"} for row in json.loads(found.body)]
    return Answer(json.dumps(rows).encode(), "application/json", headers=found.headers)


def test_names_are_looked_up_where_posts_come_without_them(read: Callable[..., Any]) -> None:
    site = Site.generated(130)
    rewritten(site, without_embedded)
    got = read(RestRoute, site)
    by_title = {post.story.title: post.story for post in site.posts()}
    assert len(got.found) == 130
    for found in got.found:
        story = by_title[found.title]
        assert (found.authors, found.section) == ([story.byline], story.section)
        assert set(found.article.tags) == set(story.tags)
    # Two pages of posts, and the names of each kind once: those of the second page are known by then.
    assert got.requests <= 2 + 3


def test_names_that_are_withheld_cost_one_request_and_no_article(read: Callable[..., Any]) -> None:
    site = Site.generated(130)

    def locked_users(path: str, found: Answer) -> Answer:
        return (
            Answer(b'{"code": "rest_user_cannot_view"}', status=401)
            if "/users" in path
            else without_embedded(path, found)
        )

    rewritten(site, locked_users)
    got = read(RestRoute, site)
    assert len(got.found) == 130
    assert {tuple(found.authors) for found in got.found} == {()}
    assert all(found.section for found in got.found)
    assert sum("names of users" in line for line in got.told) == 1


def test_a_site_without_readable_addresses_is_read_through_rest_route(read: Callable[..., Any]) -> None:
    site = Site.generated(120)

    def plain(path: str) -> Answer:
        site.on_request = None
        try:
            if path.startswith("/wp-json"):
                return Answer("<h1>Página não encontrada</h1>".encode(), status=404)
            query = parse_qs(path.partition("?")[2])
            route = query.pop("rest_route", [""])[0]
            return answer(site, f"/wp-json{route}?{urlencode(query, doseq=True)}")
        finally:
            site.on_request = plain

    site.on_request = plain
    got = read(RestRoute, site)
    assert len(got.found) == 120
    assert any("rest_route" in line for line in got.told)


def test_a_kind_of_posts_that_the_site_does_not_know_is_passed_over_and_told(read: Callable[..., Any]) -> None:
    site = Site.generated(20)
    got = read(RestRoute, site, post_types=("posts", "dossies"))
    assert len(got.found) == 20
    assert not got.failure
    assert any("dossies" in line and "passed over" in line for line in got.told)


def test_every_kind_of_posts_is_read(read: Callable[..., Any]) -> None:
    site = Site.generated(20)

    def two_kinds(path: str, found: Answer) -> Answer:
        if "/wp-json/wp/v2/dossies" not in path:
            return found
        site_answer = answer(site, path.replace("/dossies", "/posts"))
        rows = [row | {"link": row["link"] + "dossie/"} for row in json.loads(site_answer.body)]
        return Answer(json.dumps(rows).encode(), "application/json", headers=site_answer.headers)

    rewritten(site, two_kinds)
    got = read(RestRoute, site, post_types=("posts", "dossies"))
    assert len(set(got.urls)) == 40
    assert got.expected == 40
    assert {found.key.partition("/")[0] for found in got.found} == {"posts", "dossies"}
