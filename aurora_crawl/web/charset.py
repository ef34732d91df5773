"""The right letters where a page's declared encoding is not the one it is written in."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response

_WESTERN = "cp1252"
_WESTERN_NAMES = {"iso8859-1", "latin-1", "latin1", "iso-8859-1", "cp1252", "windows-1252", "iso8859-15", "ascii"}


class WrongCharsets:
    """Changes the encoding of pages that say UTF-8 and are Windows-1252, or the reverse; the bytes stay as they are."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> WrongCharsets:
        """Made by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """The page with the encoding that its bytes are in."""
        if not isinstance(response, HtmlResponse) or response.body.isascii():
            return response
        right = true_encoding(response.body, response.encoding)
        if right == response.encoding:
            return response
        self.crawler.stats.inc_value("aurora/charset_mended")
        return response.replace(encoding=right)


def true_encoding(body: bytes, declared: str) -> str:
    """The encoding that a body is in, as far as its bytes tell, else the declared one."""
    name = declared.lower().replace("_", "-")
    if name in ("utf-8", "utf8"):
        text = body.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        # A few broken letters in a page of good ones came from a cut or a quotation; a page in another encoding has no good.
        whole = sum("\x80" <= letter < "\ufffd" for letter in text) if broken else 0
        return _WESTERN if broken > whole else declared
    if name in _WESTERN_NAMES:
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            return declared
        return "utf-8"
    return declared
