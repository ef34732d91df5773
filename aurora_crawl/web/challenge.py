"""Recognises pages of bot walls that come with status 200, so that none is ever stored as an article."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.context import stop
from aurora_crawl.extraction.bot_wall import is_challenge
from aurora_crawl.messages import Message
from aurora_crawl.web.refusal import refuse

MOST_IN_A_ROW = 10
"""So many walls without a page between them, and the crawl stops: asking on would only make it worse."""


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
        if not isinstance(response, HtmlResponse) or request.meta.get("aurora_archive"):
            # What an archive holds of a wall says nothing of the archive.
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
