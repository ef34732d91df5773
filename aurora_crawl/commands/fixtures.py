"""`scrapy fixtures [SITE …]`: write each site's invented page, and what reading it must give."""

from __future__ import annotations

import argparse
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.messages import N_

PAGES = Path("tests/aurora_crawl/spiders/pages")


class Command(AuroraCommand):
    """Makes the pages that the tests of the spiders read."""

    usage = "[options] [SITE …]"
    example = "scrapy fixtures"
    short = N_(
        "Write the invented page of each site, and what reading it must give, into tests/aurora_crawl/spiders/pages"
    )

    def follow(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the files, of all sites where none is named."""
        from aurora_crawl.maintenance.fixtures import write_fixture

        for site in self.some_sites(args):
            write_fixture(PAGES, site)
