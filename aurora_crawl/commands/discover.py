"""`scrapy discover SITE`: the addresses of a site's articles, without fetching the articles."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from scrapy.crawler import Crawler

from aurora_crawl.command import AuroraCommand
from aurora_crawl.crawling.arguments import read_arguments
from aurora_crawl.crawling.discovery import Discovery, archived_findings
from aurora_crawl.errors import FAILED
from aurora_crawl.messages import N_, _, harmless_json
from aurora_crawl.routes.route import Found


class Command(AuroraCommand):
    """Prints what the routes find, as JSON Lines."""

    usage = "[options] SITE"
    short = N_("Print the addresses of a site's articles as JSON Lines")
    long = N_(
        "Prints one JSON object a line: url, and title, published, authors, section where the listing shows them."
        " Articles are not fetched, and nothing is stored. The first of the site's routes that works is used."
        " Exit status: 0 when a route was read to its end, 1 otherwise, 2 for a wrong command."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help=_("as for crawl"))
        add("--via", metavar="ROUTE", help=_("one of the site's routes only"))
        add("--limit", metavar="N", help=_("at most N addresses"))
        add("--count", action="store_true", help=_("print how many each route announces, as JSON"))
        archive = _("read the site's listing pages from a WARC file; nothing is fetched")
        add("--archive", metavar="FILE", type=Path, action="append", help=archive)

    def follow(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print; 1 where no route was read to its end."""
        site = self.one_site(args)
        given = dict(pair.partition("=")[::2] for pair in opts.spargs)
        given |= {name: value for name in ("via", "limit") if (value := getattr(opts, name)) is not None}
        arguments = read_arguments(given, site.route_names())
        if opts.archive:
            print_found(archived_findings(site, arguments, opts.archive))
            return 0
        process = self.process(opts)
        settings = process.settings.copy()
        site.update_settings(settings)
        crawler = Crawler(Discovery, settings)
        process.crawl(crawler, site=site, arguments=arguments, counting=opts.count, out=print_found)
        process.start()
        reason = crawler.stats.get_value("finish_reason") if crawler.stats else None
        return 0 if reason == "finished" else FAILED


def print_found(findings: Iterable[Found]) -> None:
    """A line for each finding, on standard output."""
    for found in findings:
        shown = {
            "url": found.url,
            "title": found.title,
            "published": found.published,
            "authors": found.authors,
            "section": found.section,
        }
        line = json.dumps({key: value for key, value in shown.items() if value}, ensure_ascii=False)
        sys.stdout.write(harmless_json(line) + "\n")
