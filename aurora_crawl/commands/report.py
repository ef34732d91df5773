"""`scrapy report`: one HTML page about everything that is stored."""

from __future__ import annotations

import argparse
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.corpus.options import GOAL
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _

SAMPLES = 5


class Command(AuroraCommand):
    """Looks at what is stored, and writes the page."""

    example = "scrapy report --output report.html"
    short = N_("Write one HTML page: progress to the goal, sites, years, what was dropped and cut, last crawls")
    long = N_(
        "Reads shards, ledgers and the last crawls under DATA_DIR, and the corpus where there is one, and writes one HTML page"
        " that opens without a network, in Portuguese and English. For each site some articles are shown with what was cut"
        " struck through, so that a person can judge the cleaning. Exit status: 0, 1 where something cannot be read, 2 for a"
        " wrong command."
    )
    kept = N_("nothing was written")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--output", type=Path, metavar="FILE", help=_("the page; DATA_DIR/report.html where not given"))
        add("--corpus", type=Path, metavar="DIR", help=_("the corpus; DATA_DIR/corpus where not given"))
        totals = _("output of `scrapy discover SITE --count`: what sites hold")
        add("--totals", type=Path, metavar="FILE", help=totals)
        add("--goal", type=int, default=GOAL, metavar="TOKENS", help=_("one billion where not given"))
        shown = _("articles shown of each site ({default})").format(default=SAMPLES)
        add("--articles", type=int, default=SAMPLES, metavar="N", help=shown)

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        self.options_only(args)
        if opts.goal < 1 or opts.articles < 0:
            raise WrongCommand(N_("--goal is 1 or more, --articles 0 or more"))
