"""Unpacks answers, and takes only whole ones: cut or garbled ones are asked for again, too large ones are refused."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response, TextResponse
from scrapy.responsetypes import responsetypes
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl.extraction.answer import BrokenBody, TooLarge, codings_in, unpacked
from aurora_crawl.messages import Message
from aurora_crawl.web.refusal import refuse


class WholeBodies:
    """In the place of Scrapy's own unpacking, which hands out half an answer without a word."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE") or 1 << 62

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> WholeBodies:
        """Made by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Say what can be unpacked."""
        request.headers.setdefault("Accept-Encoding", "gzip, deflate")

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The unpacked answer, or the same request again. Raises Refused."""
        codings = codings_in(line.decode("latin-1") for line in response.headers.getlist("Content-Encoding"))
        if not codings or request.method == "HEAD" or not response.body:
            return response
        host = urlparse_cached(request).netloc
        try:
            body = response.body
            for coding in reversed(codings):
                body = unpacked(body, coding, request.meta.get("download_maxsize") or self._most)
        except TooLarge as error:
            said = Message("the answer of {host} is larger than DOWNLOAD_MAXSIZE when unpacked", host=host)
            raise refuse(self.crawler, "too large", said) from error
        except BrokenBody as error:
            assert self.crawler.spider is not None
            again = get_retry_request(request, spider=self.crawler.spider, reason="broken answer")
            if again is not None:
                return again
            raise refuse(
                self.crawler, "broken answer", Message("the answer of {host} was {why}", host=host, why=error)
            ) from error
        headers = response.headers.copy()
        del headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        if issubclass(kind, TextResponse):
            return response.replace(cls=kind, headers=headers, body=body, encoding=None)
        return response.replace(cls=kind, headers=headers, body=body)
