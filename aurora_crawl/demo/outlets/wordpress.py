"""WordPress in six shapes: open, at `?rest_route=` only, without totals, locked, capped, and shy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode

from aurora_crawl.demo.outlets.outlet import NOT_FOUND, Outlet, stories_of
from aurora_crawl.demo.server import answer
from aurora_crawl.demo.wordpress_site import Answer, Site

Rewrite = Callable[[Site, str, Answer], Answer]


def wordpress_outlets(articles: int = 30) -> list[Outlet]:
    """The six."""
    return [
        _outlet("aberto", articles, 11, lambda site, path, found: found),
        _outlet("semenderecos", articles, 12, _without_pretty_addresses),
        _outlet("semtotal", articles, 13, _without_totals),
        _outlet("trancado", articles, 14, _locked),
        _outlet("limitado", articles, 15, _capped),
        # Nothing on it says what it is, so it is read as what it shows.
        _outlet("timido", articles, 16, _shy, platform="Static"),
    ]


def _outlet(name: str, articles: int, seed: int, rewrite: Rewrite, platform: str = "WordPress") -> Outlet:
    stories = stories_of(articles, seed)
    site = Site(stories, name.capitalize())
    outlet = Outlet(name, site, stories, platform=platform, paths={story.path: story for story in stories})

    def on_request(target: str) -> Answer:
        site.on_request = None
        try:
            return rewrite(site, target, answer(site, target))
        finally:
            site.on_request = on_request

    site.on_request = on_request
    return outlet


def _without_pretty_addresses(site: Site, target: str, found: Answer) -> Answer:
    path, _, query = target.partition("?")
    if path.startswith("/wp-json"):
        return NOT_FOUND
    asked = parse_qs(query)
    if "rest_route" in asked:
        route = asked.pop("rest_route")[0]
        return answer(site, f"/wp-json{route}?{urlencode(asked, doseq=True)}")
    return found


def _without_totals(site: Site, target: str, found: Answer) -> Answer:
    if not target.startswith("/wp-json/wp/v2/posts") or found.status != 200:
        return found
    total = (found.headers or {}).get("X-WP-Total", "0")
    body = found.body
    if "_envelope" in target:
        body = json.dumps({"body": json.loads(body), "status": 200, "headers": {"X-WP-Total": int(total)}}).encode()
    return Answer(body, found.content_type)


def _locked(site: Site, target: str, found: Answer) -> Answer:
    if target.startswith("/wp-json") or "rest_route" in target:
        return Answer(
            b'{"code":"rest_not_logged_in","message":"REST API restricted","data":{"status":401}}',
            "application/json",
            401,
        )
    return found


def _capped(site: Site, target: str, found: Answer) -> Answer:
    path, _, query = target.partition("?")
    if path == "/wp-json/wp/v2/types":
        kinds = {"post": {"name": "Posts", "rest_base": "posts"}, "page": {"name": "Páginas", "rest_base": "pages"}}
        kinds["wp_block"] = {"name": "Blocos", "rest_base": "blocks"}
        return Answer(json.dumps(kinds).encode(), "application/json")
    per_page = parse_qs(query).get("per_page", ["10"])[0]
    if path == "/wp-json/wp/v2/posts" and int(per_page) > 4:
        body = {"code": "rest_invalid_param", "message": "Parâmetro inválido: per_page", "data": {"status": 400}}
        return Answer(json.dumps(body).encode(), "application/json", 400)
    return found


def _shy(site: Site, target: str, found: Answer) -> Answer:
    """No mark of the system, no interface, no sitemap; its listing and its feed turn pages."""
    path = target.partition("?")[0]
    if path.startswith("/wp-") or "rest_route" in target or "sitemap" in path:
        return NOT_FOUND
    if b"<html" not in found.body[:200]:
        return found
    text = found.body.decode()
    text = re.sub(r"<(?:link|meta)[^>]*(?:wp-json|api\.w\.org|WordPress|wp-content)[^>]*>", "", text)
    text = re.sub(r"wp-(?:content|includes|json|block)", "cms", text)
    return Answer(
        text.encode(), found.content_type, found.status, {k: v for k, v in (found.headers or {}).items() if k != "Link"}
    )
