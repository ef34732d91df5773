"""`scrapy learn SITE`: the site's repeated blocks, learned from its shards, in a file that a person reads and corrects."""

from __future__ import annotations

import argparse

from aurora_crawl.command import AuroraCommand
from aurora_crawl.messages import N_, _

SHOWN_ARTICLES = 3


class Command(AuroraCommand):
    """Learns, or shows what is cut."""

    usage = "[--show [--limit N]] SITE"
    example = "scrapy learn outraspalavras --show --limit 3"
    short = N_("Learn the blocks that repeat over a site's articles, into DATA_DIR/boilerplate/SITE.txt")
    long = N_(
        "Looks through the stored articles of SITE for paragraphs, and beginnings and ends of paragraphs, that repeat, and"
        " writes them into DATA_DIR/boilerplate/SITE.txt. Lines struck out there with '-' stay struck out. The next crawl,"
        " `scrapy reparse` and `scrapy corpus` cut what the file holds."
    )
    kept = N_("nothing was written")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--show", action="store_true", help=_("write nothing; print articles with what is cut struck through"))
        add("--limit", type=int, default=SHOWN_ARTICLES, metavar="N", help=_("with --show: how many articles"))
