"""The right letters where a page's declared encoding is not the one it is written in."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response

from aurora_crawl import stat_names as names
from aurora_crawl.text.charset import readable


class WrongCharsets:
    """Mends pages that say UTF-8 and are Windows-1252, or the reverse, or have single bytes of the other in them."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> WrongCharsets:
        """Made by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """The page with the encoding that its bytes are in; the archive has recorded the bytes as they came."""
        if not isinstance(response, HtmlResponse) or response.body.isascii():
            return response
        body, encoding = readable(response.body, response.encoding)
        if encoding == response.encoding and body is response.body:
            return response
        self.crawler.stats.inc_value(names.CHARSET_MENDED)
        return response.replace(body=body, encoding=encoding)
