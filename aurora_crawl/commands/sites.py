"""The sites by their names, for commands."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from scrapy.exceptions import UsageError

from aurora_crawl.platforms.site import SiteSpider


def site_class(loader: Any, name: str) -> type[SiteSpider]:
    """The spider of a site. Raises UsageError with the nearest known name."""
    names: list[str] = loader.list()
    if name not in names:
        near = get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]}?" if near else "`scrapy list` prints the sites"
        raise UsageError(f"unknown site {name!r}; {hint}", print_help=False)
    cls: type[SiteSpider] = loader.load(name)
    return cls
