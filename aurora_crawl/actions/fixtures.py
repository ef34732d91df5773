"""`scrapy fixtures [SITE …]`: write each site's invented page, and what reading it must give."""

from __future__ import annotations

import argparse
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.maintenance.fixtures import write_fixture

PAGES = Path("tests/aurora_crawl/spiders/pages")


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Write the files, of all sites where none is named."""
    for site in command.some_sites(args):
        write_fixture(PAGES, site)
