"""`scrapy sitedocs`: write the pages of all sites anew from the spiders, or say whether they are up to date."""

from __future__ import annotations

import argparse

from aurora_crawl.command import AuroraCommand
from aurora_crawl.messages import N_, _


class Command(AuroraCommand):
    """Makes the pages of all sites."""

    example = "scrapy sitedocs"
    short = N_("Write docs/sites.md, in both languages, from the docstrings of the spiders")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument(
            "--check", action="store_true", help=_("write nothing; exit 2 where the page is out of date")
        )

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        self.options_only(args)
