"""Recognises pages of bot walls that come with status 200, so that none is ever stored as an article."""

from __future__ import annotations

import re

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.context import stop
from aurora_crawl.messages import Message
from aurora_crawl.web.refusal import refuse

MOST_IN_A_ROW = 10
"""So many walls without a page between them, and the crawl stops: asking on would only make it worse."""
MOST_TEXT = 1500
"""Letters of visible text; a wall has little, an article that speaks of walls has more."""

_TITLES = re.compile(
    r"<title[^<>]{0,200}>\s{0,200}(?:just a moment|um momento|attention required!|please wait|ddos-guard|access denied|acesso negado"
    r"|making sure you(?:'|&#0?39;|’)re not a bot|vercel security checkpoint|client challenge|verifying you are human"
    r"|verificando (?:seu|o) navegador|checking your browser|you are being redirected|one moment, please|robot or human"
    r"|você é (?:um )?rob[oô]|bot verification|security check|human verification|pardon our interruption)",
    re.IGNORECASE,
)
_MARKS = (
    "/cdn-cgi/challenge-platform/",
    "cf-turnstile",
    "cf-chl-",
    "_Incapsula_Resource",
    "sucuri_cloudproxy_js",
    "px-captcha",
    "captcha-delivery.com",
    "awsWafCookieDomainList",
    "anubis_challenge",
    "within.website/x/cmd/anubis",
    "g-recaptcha",
    "h-captcha",
    "ddos-guard.net",
    "slowAES.decrypt",
    "wsidchk",
    "/.well-known/sgcaptcha/",
)
_NOT_SEEN = re.compile(
    r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)", re.IGNORECASE | re.DOTALL
)
"""What is not closed goes to the end, as in browsers; else each that is not would be looked for to the end, in vain."""
_COOKIE = re.compile(r"document\.cookie\s{0,20}=")
_RELOAD = re.compile(r"location\.(?:reload|href|replace)")
_LOOKED_AT = 50_000
"""Characters from the beginning in which a wall shows itself: its marks stand in its head and first script."""


class Challenges:
    """Refuses a wall in the place of a page, and stops the crawl where nothing else comes."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._in_a_row = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Challenges:
        """Made by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Raises Refused for a wall."""
        if not isinstance(response, HtmlResponse):
            return response
        if not is_challenge(response.text):
            if response.status == 200:
                self._in_a_row = 0
            return response
        host = urlparse_cached(request).netloc
        self._in_a_row += 1
        self.crawler.stats.inc_value(names.BLOCKS)
        if self._in_a_row == MOST_IN_A_ROW:
            said = Message(
                "{host} shows {most_in_a_row} bot walls in a row; the crawl stops, try again another day and slower",
                host=host,
                most_in_a_row=MOST_IN_A_ROW,
            )
            stop(self.crawler, "blocked", said)
        raise refuse(
            self.crawler,
            "bot wall",
            Message("{host} shows a bot wall in the place of the page", host=host),
            of_host=True,
        )


def is_challenge(html: str) -> bool:
    """Whether a page is a bot wall: it says so in its title or its scripts, and has next to no text of its own."""
    beginning = html[:_LOOKED_AT]
    if not (
        _TITLES.search(beginning) or any(mark in beginning for mark in _MARKS) or _sets_cookie_and_reloads(beginning)
    ):
        return False
    return len(" ".join(_NOT_SEEN.sub(" ", html).split())) < MOST_TEXT


def _sets_cookie_and_reloads(beginning: str) -> bool:
    cookie = _COOKIE.search(beginning)
    return cookie is not None and _RELOAD.search(beginning, cookie.end()) is not None
