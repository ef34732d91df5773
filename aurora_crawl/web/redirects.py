"""Redirects that lead nowhere: to the address that was asked for, or to none."""

from __future__ import annotations

from urllib.parse import urldefrag

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.http import HtmlResponse, Response
from scrapy.utils.response import get_meta_refresh

from aurora_crawl.addresses import ANOTHER_SCHEME, joined, refusal, shown
from aurora_crawl.messages import Message
from aurora_crawl.web.refusal import refuse


class VainRedirects:
    """Scrapy's filter swallows a redirect to the same address, and neither callback nor errback hears of it; what is no address
    would end the crawl.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> VainRedirects:
        """Made by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Raises Refused for a redirect to the same address, or to none."""
        location = response.headers.get("Location")
        if 300 <= response.status < 400 and location and not request.meta.get("handle_httpstatus_all"):
            target = joined(request.url, location.decode("utf-8", "replace"))
            reason = refusal(target)
            if reason is not None:
                raise refuse(
                    self.crawler,
                    reason,
                    Message("the address redirects to {target}, {reason}", target=shown(target), reason=reason),
                )
            if urldefrag(target).url == urldefrag(request.url).url:
                raise refuse(self.crawler, "self-redirect", Message("the address redirects to itself"))
        return response


class MetaRefresh(MetaRefreshMiddleware):
    """Scrapy's own, except that a page which only reloads itself, as front pages do, or calls a script, is the page."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The page, or the request for the one that it leads to. Raises IgnoreRequest after too many, Refused for what is none."""
        if isinstance(response, HtmlResponse):
            try:
                target = get_meta_refresh(response)[1]
            except ValueError:
                return response
            own = (urldefrag(request.url).url, urldefrag(response.url).url)
            reason = refusal(target) if target else None
            if target and (urldefrag(target).url in own or reason == ANOTHER_SCHEME):
                return response
            if target and reason is not None:
                raise refuse(
                    self.crawler,
                    reason,
                    Message("the page leads to {target}, {reason}", target=shown(target), reason=reason),
                )
        return super().process_response(request, response)
