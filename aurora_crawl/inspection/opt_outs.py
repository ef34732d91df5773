"""What a site says against machine learning, as far as a look sees it: the one place that knows where such words stand."""

from __future__ import annotations

from scrapy.robotstxt import RobotParser

from aurora_crawl.extraction.optout import header_signals, meta_signals, robots_signals
from aurora_crawl.inspection.answers import Asking, Got
from aurora_crawl.web.optout import header_pairs

_HEAD = 200_000
"""Letters of a page in which its signals are looked for."""


def said_with(asking: Asking, answer: Got) -> list[str]:
    """What the host of an answer, the answer's headers, and the page in it say."""
    found = asking.says(answer.url) if answer.is_there else []
    if answer.response is not None:
        found = [*found, *header_signals(header_pairs(answer.response))]
    return list(dict.fromkeys([*found, *meta_signals(answer.text[:_HEAD])]))


def said_in_robots(rules: RobotParser, url: str) -> list[str]:
    """The robots that collect training data and may not fetch an address."""
    return robots_signals(rules.allowed, url)
