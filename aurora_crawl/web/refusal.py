"""How a request or an answer is refused: in words, which become the reason in ledger and log."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest


class Refused(IgnoreRequest):
    """Nothing is to be had from this address, now or at all; the message says why, as a sentence about the server."""


def refuse(crawler: Crawler, kind: str, reason: str) -> Refused:
    """A Refused with its reason, counted under its kind."""
    crawler.stats.inc_value(f"aurora/refused/{kind}")
    return Refused(reason)
