"""`scrapy harvest ccnews`: bulk archives, month by month."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _

KEEP_FREE = 2048


class Command(AuroraCommand):
    """Harvests, and says what came of it."""

    usage = "[options] ccnews --since YYYY-MM --until YYYY-MM"
    example = "scrapy harvest ccnews --since 2024-01 --until 2024-03 --outlets outlets.csv"
    short = N_("Copy the wanted records of CC-NEWS, month by month, with an index of all")
    long = N_(
        "Streams the files of CC-NEWS and copies the records of the outlets in --outlets, or all pages in Portuguese, as they are into DATA_DIR/harvest;"
        " an index of all records stays beside them, so that outlets named later are fetched by ranges. `scrapy reparse"
        " --harvest` makes articles of them. Prints what it will read and keep before it starts, and stops before the disk is"
        " full. The same command goes on after whatever ended it. Exit status: 0 when all files are done, 1 where some could"
        " not be had, 2 for a wrong command, 130 after Ctrl-C."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--since", metavar="YYYY-MM", help=_("the first month"))
        add("--until", metavar="YYYY-MM", help=_("the last month; the first one where not given"))
        outlets = _("hosts, one a line, or JSON Lines or CSV with `host`; without it, everything in Portuguese")
        add("--outlets", type=Path, metavar="FILE", help=outlets)
        add("--jobs", type=int, default=min(2, os.cpu_count() or 1), metavar="N", help=_("processes"))
        cluster = _("a Dask scheduler such as tcp://127.0.0.1:8786 instead of processes")
        add("--scheduler", metavar="ADDRESS", help=cluster)
        free = _("megabytes of the disk that stay free (2048)")
        add("--keep-free", type=int, default=KEEP_FREE, metavar="MB", help=free)
        add("--dry-run", action="store_true", help=_("only say what would be read and kept"))

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        if args != ["ccnews"] or not opts.since or opts.jobs < 1:
            raise WrongCommand(N_("scrapy harvest ccnews --since YYYY-MM, and --jobs 1 or more"))
