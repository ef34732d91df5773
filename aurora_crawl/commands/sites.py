"""The sites by their names, for commands, and how a command says what is wrong."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import Any

from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.errors import WrongCommand

WRONG_COMMAND = 2
"""The exit status for a command that cannot be followed as it was given."""


class UnknownSite(WrongCommand):
    """No spider has this name; the message gives the nearest one."""


def site_class(loader: Any, name: str) -> type[SiteSpider]:
    """The spider of a site. Raises UnknownSite."""
    names: list[str] = loader.list()
    if name not in names:
        near = get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]}?" if near else "`scrapy list` prints the sites"
        raise UnknownSite(f"unknown site {name!r}; {hint}")
    cls: type[SiteSpider] = loader.load(name)
    return cls


def complain(line: str) -> int:
    """Print one line on standard error; the exit status to end with."""
    print(f"scrapy {line}", file=sys.stderr)
    return WRONG_COMMAND
