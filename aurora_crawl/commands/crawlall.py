"""`scrapy crawlall`: all sites side by side, a process and a line each."""

from __future__ import annotations

import argparse

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _

JOBS = 4
"""Sites at a time; each process takes some 120 MB and waits for its server most of the time."""


class Command(AuroraCommand):
    """Runs `scrapy crawl` for each site; they share the delay of a host through its clock."""

    usage = "[options] [SITE …]"
    example = "scrapy crawlall outraspalavras --jobs 2 -a limit=20"
    short = N_("Crawl all sites side by side, or those that are named")
    long = N_(
        "Runs `scrapy crawl` for every site, --jobs at a time, with a line for each. Settings (-s) and"
        " arguments (-a) go to every crawl. Exit status: 0 when all went well, 1 when one did not, 130 after Ctrl-C."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help=_("as for crawl"))
        add("--jobs", type=int, default=JOBS, metavar="N", help=_("sites at a time (default {jobs})").format(jobs=JOBS))

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        if opts.jobs < 1:
            raise WrongCommand(N_("--jobs is 1 or more"))
