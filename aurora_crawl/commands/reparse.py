"""`scrapy reparse`: a new generation of shards from archived pages, without the network."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _


class Command(AuroraCommand):
    """Reads archives again, by the rules as they are now."""

    usage = "[options] [SITE]"
    example = "scrapy reparse outraspalavras"
    short = N_("Make a new generation of shards from archived pages")
    long = N_(
        "Reads what crawls with ARCHIVE=True recorded, or the WARC files named with --archive, by the rules as they are now."
        " Articles that the archives do not have keep their lines. The new shards take the place of the old ones at once,"
        " when all are complete. Exit status: 0 when all archives were whole, 1 otherwise, 2 for a wrong command."
    )
    kept = N_("the old shards are as they were")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument(
            "--archive", type=Path, action="append", metavar="FILE", help=_("a WARC file from anywhere")
        )
        harvest = _(
            "read DATA_DIR/harvest; pages of hosts that no spider is of are read generically, into articles/HOST"
        )
        parser.add_argument("--harvest", action="store_true", help=harvest)
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help=_("processes"))

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        if len(args) > 1 or opts.jobs < 1:
            raise WrongCommand(N_("name one site, or none for all, and --jobs 1 or more"))
        if opts.harvest and opts.archive:
            raise WrongCommand(N_("name --archive or --harvest, not both"))
