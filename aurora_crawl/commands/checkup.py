"""`scrapy checkup [SITE …]`: what broke on a site, in words, with what to do."""

from __future__ import annotations

import argparse

from aurora_crawl.command import AuroraCommand
from aurora_crawl.messages import N_, _


class Command(AuroraCommand):
    """Looks at sites, and says what is wrong."""

    usage = "[options] [SITE …]"
    example = "scrapy checkup outraspalavras"
    short = N_("Say what broke on a site, and what to do")
    long = N_(
        "Asks each site at most 25 times, as a crawl would, and compares with what is stored of it: a feed or sitemap that moved, cards"
        " or containers that were renamed, empty bodies, bot walls, paywalls, days in a new form, pages that need scripts, fewer articles"
        " than announced before, opt-outs. For a weekly job: exit status 0 where all are well, 1 where one is not, 2 for a wrong command."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add(
            "-a",
            dest="spargs",
            action="append",
            default=[],
            metavar="site_url=URL",
            help=_("the site on another server"),
        )
        add("--json", action="store_true", help=_("a line of JSON a site"))
