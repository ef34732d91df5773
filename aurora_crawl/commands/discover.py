"""`scrapy discover SITE`: the addresses of a site's articles, without fetching the articles."""

from __future__ import annotations

import argparse
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.messages import N_, _


class Command(AuroraCommand):
    """Prints what the routes find, as JSON Lines."""

    usage = "[options] SITE"
    example = "scrapy discover outraspalavras --count"
    short = N_("Print the addresses of a site's articles as JSON Lines")
    long = N_(
        "Prints one JSON object a line: url, and title, published, authors, section where the listing shows them."
        " Articles are not fetched, and nothing is stored. The first of the site's routes that works is used."
        " --count reads only what tells the number in a few requests, --every-route all."
        " Exit status: 0 when a route was read to its end, 1 otherwise, 2 for a wrong command."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help=_("as for crawl"))
        add("--via", metavar="ROUTE", help=_("one of the site's routes only"))
        add("--limit", metavar="N", help=_("at most N addresses"))
        add("--count", action="store_true", help=_("print how many articles the site has, as JSON, in a few requests"))
        add("--every-route", action="store_true", help=_("count by every route of the site, also page by page"))
        archive = _("read the site's listing pages from a WARC file; nothing is fetched")
        add("--archive", metavar="FILE", type=Path, action="append", help=archive)
