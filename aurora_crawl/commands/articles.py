"""`scrapy articles SITE`: what is stored, for people."""

from __future__ import annotations

import argparse
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _

SHOWN = 20
"""Lines of a list in a terminal, where --limit does not say another number."""


class Command(AuroraCommand):
    """Lists, searches, shows and hands out the articles of a site, as today's rules cut them."""

    usage = "[options] SITE [ID-or-URL]"
    example = "scrapy articles outraspalavras --search greve --limit 5"
    short = N_("List, search and read the stored articles of a site; write them as CSV or Parquet")
    long = N_(
        "Lists the articles of SITE, the newest first: id, day, words, title; with an id or an address it shows that article,"
        " what was cut struck through. What the file of learned blocks says today holds: a block that was struck out of it"
        " gives its text back."
        " Exit status: 0, 1 where something cannot be read, 2 for a wrong command."
    )
    kept = N_("nothing was written")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--search", metavar="WORDS", default="", help=_("only articles that hold all of these words"))
        many = _("lines of the list; in a terminal {default} where not given, else all").format(default=SHOWN)
        add("--limit", type=int, metavar="N", help=many)
        add("--show", action="store_true", help=_("the articles themselves instead of a list"))
        add("--csv", type=Path, metavar="FILE", help=_("write a table for spreadsheets"))
        add("--parquet", type=Path, metavar="FILE", help=_("write a table for programs"))

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        if len(args) not in (1, 2):
            raise WrongCommand(N_("name one site; `scrapy status` prints what is stored of each"))
        if opts.limit is not None and opts.limit < 1:
            raise WrongCommand(N_("--limit is 1 or more"))
