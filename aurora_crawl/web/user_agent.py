"""Who asks: an honest name, and where a server's owner can complain."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler


class Agent:
    """Sends USER_AGENT, with CONTACT (an address of a page, or of a mailbox) in it where one is set."""

    def __init__(self, crawler: Crawler) -> None:
        agent, contact = crawler.settings["USER_AGENT"], crawler.settings.get("CONTACT", "").strip()
        self._agent = f"{agent.removesuffix(')')}; +{contact})" if contact else agent

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Agent:
        """Made by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Set the header."""
        request.headers.setdefault("User-Agent", self._agent)
