"""The articles in an answer that an archive holds, by a site's own rules: a page, or a list of posts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC

from scrapy.http import HtmlResponse

from aurora_crawl.addresses import path_of
from aurora_crawl.budget import OverBudget, within_budget
from aurora_crawl.crawling.article_page import read_article_page
from aurora_crawl.crawling.site_reading import SiteReading
from aurora_crawl.extraction.answer import BrokenBody, TooLarge, archived_body, declared_encoding, right_letters
from aurora_crawl.extraction.bot_wall import is_challenge
from aurora_crawl.extraction.optout import HEAD_LETTERS, header_signals, meta_signals
from aurora_crawl.extraction.rest_answer import NotRows, Row, read_rows
from aurora_crawl.extraction.wordpress_post import is_protected, read_post
from aurora_crawl.items import ArchivedAt, Article, article_id
from aurora_crawl.routes.route import Scope
from aurora_crawl.storage.archive import Capture
from aurora_crawl.storage.generation import FROM_ARCHIVES

_POSTS = re.compile(r"/wp-json/wp/v2/[\w-]+/?$")


class PassedOver(Exception):  # noqa: N818 - it says what became of the answer
    """An answer holds no article, for the reason that the message tells."""


def articles_in(
    capture: Capture, reading: SiteReading, scope: Scope, most: int, route: str = FROM_ARCHIVES
) -> Iterator[tuple[Article, bool]]:
    """The articles of an answer with status 200, and whether it declares them; `most` bytes of a page. Raises PassedOver."""
    kind = next((value for key, value in capture.headers if key.lower() == "content-type"), "text/html").lower()
    try:
        body = archived_body(capture.headers, capture.body, most)
    except (BrokenBody, TooLarge) as error:
        raise PassedOver("broken answer") from error
    moment = capture.date.astimezone(UTC).isoformat(timespec="seconds")
    stamp = ArchivedAt(capture.archive, moment, capture.truncated) if capture.archive else None
    if "json" in kind and _POSTS.search(path_of(capture.url)):
        for row in _posts(body):
            try:
                with within_budget():
                    article = read_post(row, site=reading.site, site_url=scope.site_url, license=scope.license)
            except OverBudget:
                # It costs itself; its page may stand in another answer.
                continue
            article.id, article.crawled_at = article_id(reading.canonical(article.url)), moment
            article.capture, article.opt_out = stamp, header_signals(capture.headers)
            yield article, True
        return
    if "html" not in kind or not scope.has_article(capture.url):
        raise PassedOver("not a page")
    if scope.is_listing(capture.url):
        raise PassedOver("a listing")
    encoding, body = right_letters(body, declared_encoding(kind, body))
    html = HtmlResponse(capture.url, headers=dict(capture.headers), encoding=encoding, body=body).text
    if is_challenge(html):
        raise PassedOver("bot wall")
    try:
        article = read_article_page(html, capture.url, reading, route=route)
    except OverBudget as error:
        raise PassedOver("too slow to read") from error
    article.crawled_at, article.capture = moment, stamp
    article.opt_out = [*header_signals(capture.headers), *meta_signals(html[:HEAD_LETTERS])]
    yield article, 'content="article"' in html or "Article" in html


def _posts(body: bytes) -> list[Row]:
    try:
        rows = read_rows(body).rows
    except NotRows as error:
        raise PassedOver("broken answer") from error
    return [row for row in rows if "content" in row and not is_protected(row)]
