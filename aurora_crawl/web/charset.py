"""The right letters where a page's declared encoding is not the one it is written in."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response, TextResponse
from w3lib.encoding import http_content_type_encoding

from aurora_crawl import stat_names as names
from aurora_crawl.extraction.answer import declared_encoding, is_of_text, right_letters


class WrongCharsets:
    """Changes the encoding of pages that are in another than they say, and mends single bytes that are."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> WrongCharsets:
        """Made by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """The page with the encoding that its bytes are in; the archive has recorded the bytes as they came."""
        if not isinstance(response, TextResponse):
            return response
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        if not isinstance(response, HtmlResponse):
            named = http_content_type_encoding(kind)
            return response if named is None or is_of_text(named) else response.replace(encoding="utf-8")
        declared = declared_encoding(kind, response.body)
        right, body = right_letters(response.body, declared)
        if right == declared and body is response.body:
            return response
        if declared is not None:
            self.crawler.stats.inc_value(names.CHARSET_MENDED)
        return response.replace(encoding=right, body=body)
