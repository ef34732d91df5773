"""How a request or an answer is refused: in words, which become the reason in ledger and log."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.context import stop
from aurora_crawl.messages import Message


class Refused(IgnoreRequest):
    """Nothing is to be had from this address, now or at all; the message says why, as a sentence about the server.

    `of_host`: it holds for everything on the host, and says nothing about the page. `leads_elsewhere`: to another site.
    """

    def __init__(self, reason: str, *, of_host: bool = False, leads_elsewhere: bool = False) -> None:
        super().__init__(reason)
        self.of_host = of_host
        self.leads_elsewhere = leads_elsewhere


def disk_full(crawler: Crawler, error: OSError) -> Refused:
    """Stop the crawl, because something that it must remember cannot be written; what is under way is refused."""
    said = Message(
        "{path}: {why}; make room, then run the same command again",
        path=error.filename or crawler.settings["DATA_DIR"],
        why=error.strerror,
    )
    stop(crawler, "store", said)
    return Refused(said, of_host=True)


def refuse(
    crawler: Crawler, kind: str, reason: str, *, of_host: bool = False, leads_elsewhere: bool = False
) -> Refused:
    """A Refused with its reason, counted under its kind."""
    crawler.stats.inc_value(f"{names.REFUSED}{kind}")
    return Refused(reason, of_host=of_host, leads_elsewhere=leads_elsewhere)
