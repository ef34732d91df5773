"""Redirects that lead nowhere: to the address that was asked for."""

from __future__ import annotations

from urllib.parse import urldefrag, urljoin

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.http import HtmlResponse, Response
from scrapy.utils.response import get_meta_refresh
from w3lib.url import safe_url_string

from aurora_crawl.web.refusal import refuse


class SelfRedirects:
    """Scrapy's filter swallows a redirect to the same address, and neither callback nor errback hears of it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SelfRedirects:
        """Made by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Raises Refused for a redirect to the same address."""
        location = response.headers.get("Location")
        if 300 <= response.status < 400 and location:
            target = urljoin(request.url, safe_url_string(location))
            if urldefrag(target).url == urldefrag(request.url).url:
                raise refuse(self.crawler, "self-redirect", "the address redirects to itself")
        return response


class MetaRefresh(MetaRefreshMiddleware):
    """Scrapy's own, except that a page which only reloads itself, as front pages do, is the page."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The page, or the request for the one that it leads to. Raises IgnoreRequest after too many."""
        if isinstance(response, HtmlResponse):
            target = get_meta_refresh(response)[1]
            if target and urldefrag(target).url in (urldefrag(request.url).url, urldefrag(response.url).url):
                return response
        return super().process_response(request, response)
