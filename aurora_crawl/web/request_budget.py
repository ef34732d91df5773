"""A bound on the requests of one crawl, whoever asks: its routes, robots.txt, redirects."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from aurora_crawl.messages import Message
from aurora_crawl.web.refusal import refuse


class RequestBudget:
    """Lets REQUEST_BUDGET requests out, and refuses the rest. It stands next to the downloader, where all of them pass."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._most = crawler.settings.getint("REQUEST_BUDGET")
        if not self._most:
            raise NotConfigured
        self.sent = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RequestBudget:
        """Made by Scrapy; left out where there is no bound."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Count it. Raises Refused for one too many."""
        if self.sent >= self._most:
            raise refuse(self.crawler, "budget", Message("the {most} requests of a look are spent", most=self._most))
        self.sent += 1
