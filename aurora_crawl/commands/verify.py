"""`scrapy verify`: whether what is stored is whole, and mending what is not."""

from __future__ import annotations

import argparse

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _


class Command(AuroraCommand):
    """Checks shards, manifest and ledger against each other."""

    usage = "[options] [SITE]"
    example = "scrapy verify --compact"
    short = N_("Check what is stored; mend it; merge small shards")
    long = N_(
        "Reads every line, and checks shards, manifest and ledger of SITE, or of all sites, against each other."
        " Exit status: 0 when all is well, 1 when something is wrong, 2 for a wrong command."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--repair", action="store_true", help=_("rebuild what is damaged from what is whole"))
        add("--compact", action="store_true", help=_("merge the small shards of many short crawls"))

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        if len(args) > 1:
            raise WrongCommand(N_("name one site, or none for all"))
