"""`scrapy sitedocs`: write the pages of all sites anew from the spiders, or say whether they are up to date."""

from __future__ import annotations

import argparse

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_
from aurora_crawl.platforms.site_table import site_pages


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Write or compare."""
    for page, text in site_pages(command.loader.sites()).items():
        if not opts.check:
            page.parent.mkdir(exist_ok=True)
            page.write_text(text, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != text:
            raise WrongCommand(N_("{page} is out of date; run `scrapy sitedocs`"), page=page)
