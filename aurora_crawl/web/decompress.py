"""Unpacks answers, and takes only whole ones: cut or garbled ones are asked for again, too large ones are refused."""

from __future__ import annotations

import zlib
from contextlib import suppress

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response, TextResponse
from scrapy.responsetypes import responsetypes
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl.storage.archive import Capture
from aurora_crawl.web.refusal import refuse

_STEP = 1 << 18
"""Bytes unpacked at a time: most pages in one or two steps, a bomb found out early."""


_MOST_MEMBERS = 1000
"""Of one gzip body; programs that pack in blocks of 64 kB make 160 of the largest page. Each costs a copy of the rest."""


class BrokenBody(Exception):  # noqa: N818 - it names what is wrong with the answer
    """The packed answer is cut short or garbled."""


class TooLarge(Exception):  # noqa: N818
    """The unpacked answer exceeds the bound."""


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
        codings = [
            coding.strip().lower()
            for line in response.headers.getlist("Content-Encoding")
            for coding in line.decode("latin-1").split(",")
            if coding.strip().lower() not in ("", "identity")
        ]
        if not codings or request.method == "HEAD" or not response.body:
            return response
        host = urlparse_cached(request).netloc
        try:
            body = response.body
            for coding in reversed(codings):
                body = unpacked(body, coding, self._most)
        except TooLarge as error:
            said = f"the answer of {host} is larger than DOWNLOAD_MAXSIZE when unpacked"
            raise refuse(self.crawler, "too large", said) from error
        except BrokenBody as error:
            assert self.crawler.spider is not None
            again = get_retry_request(request, spider=self.crawler.spider, reason="broken answer")
            if again is not None:
                return again
            raise refuse(self.crawler, "broken answer", f"the answer of {host} was {error}") from error
        headers = response.headers.copy()
        del headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        if issubclass(kind, TextResponse):
            return response.replace(cls=kind, headers=headers, body=body, encoding=None)
        return response.replace(cls=kind, headers=headers, body=body)


def unpacked(body: bytes, coding: str, most: int) -> bytes:
    """A body without its content coding. Raises BrokenBody and TooLarge."""
    match coding:
        case "gzip" | "x-gzip":
            return _inflated(body, 31, most)
        case "deflate":
            # Meant is zlib's format; some servers send the bare one.
            is_zlib = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
            return _inflated(body, 15 if is_zlib else -15, most)
    raise BrokenBody(f"packed in a way that was not asked for ({coding})")


def unpacked_body(capture: Capture, most: int = 256 << 20) -> bytes:
    """An archived answer's body without its content codings; empty where it cannot be unpacked, or is larger than `most`."""
    body = capture.body
    codings = next((value for name, value in capture.headers if name.lower() == "content-encoding"), "")
    with suppress(BrokenBody, TooLarge):
        for coding in reversed([part.strip().lower() for part in codings.split(",") if part.strip()]):
            body = unpacked(body, coding, most)
        return body
    return b""


def _inflated(body: bytes, wbits: int, most: int) -> bytes:
    out = bytearray()
    members = 0
    while body:
        members += 1
        if members > _MOST_MEMBERS:
            raise BrokenBody(f"packed in more than {_MOST_MEMBERS} pieces")
        unpacker = zlib.decompressobj(wbits)
        try:
            while not unpacker.eof and body:
                out += unpacker.decompress(body, _STEP)
                if len(out) > most:
                    raise TooLarge
                body = unpacker.unconsumed_tail
        except zlib.error as error:
            raise BrokenBody(f"garbled ({error})") from error
        if not unpacker.eof:
            raise BrokenBody("cut short")
        # A gzip file may have several members; anything else after the end is no part of the page.
        body = unpacker.unused_data
    return bytes(out)
