"""`scrapy census [FILE]`: how many articles and tokens a list of outlets holds, in at most three requests each."""

from __future__ import annotations

import argparse

from aurora_crawl.command import AuroraCommand
from aurora_crawl.corpus.options import GOAL
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _

AT_ONCE = 16
"""Hosts that are asked at once, each one request at a time."""


class Command(AuroraCommand):
    """Counts, sums up, adds."""

    usage = "[options] [FILE]"
    example = "scrapy census outlets.txt"
    short = N_("Count what a list of outlets holds, in at most three requests each")
    long = N_(
        "FILE names outlets as JSON Lines or CSV (host, and if known name, state, source); without one, the list of Brazilian outlets"
        " that comes with the project. Each is asked at most three times, many at once, and said with its articles and tokens, each"
        " with bounds; then what they come to, what is missing to the goal, and how many requests and hours fetching takes."
        " Run again it goes on where it was ended; what was answered is not asked again. --add writes spiders for those that are sure."
        " Exit status: 0, 1 where no outlet could be counted, 2 for a wrong command."
    )
    kept = N_("the same command goes on, and asks nobody twice")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--goal", metavar="TOKENS", type=int, default=GOAL, help=_("tokens that are wanted; by default a billion"))
        add("--at-once", metavar="N", type=int, default=AT_ONCE, help=_("hosts that are asked at once"))
        add("--limit", metavar="N", type=int, help=_("count at most N outlets that are not counted yet"))
        add("--again", action="store_true", help=_("count all of them anew"))
        add("--add", action="store_true", help=_("write spiders for the outlets that are sure"))

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        if len(args) > 1:
            raise WrongCommand(N_("it wants one file of outlets"))
        if opts.goal < 1 or opts.at_once < 1 or (opts.limit is not None and opts.limit < 1):
            raise WrongCommand(N_("--goal, --at-once and --limit take numbers above 0"))
