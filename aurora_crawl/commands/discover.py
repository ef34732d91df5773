"""`scrapy discover SITE`: the addresses of a site's articles, without fetching the articles."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.crawler import Crawler

from aurora_crawl.commands.sites import UnknownSite, complain, site_class
from aurora_crawl.crawling.arguments import ArgumentError, read_arguments
from aurora_crawl.crawling.discovery import Discovery, archived_findings
from aurora_crawl.monitoring.console import speak_to_people
from aurora_crawl.routes.route import Found
from aurora_crawl.storage.archive import ArchiveError


class Command(ScrapyCommand):
    """Prints what the routes find, as JSON Lines."""

    requires_project = True

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] SITE"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Print the addresses of a site's articles as JSON Lines"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Prints one JSON object a line: url, and title, published, authors, section where the listing shows them."
            " Articles are not fetched, and nothing is stored. The first of the site's routes that works is used."
            " Exit status: 0 when a route was read to its end, 1 otherwise, 2 for a wrong command."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="as for crawl")
        parser.add_argument("--via", metavar="ROUTE", help="one of the site's routes only")
        parser.add_argument("--limit", metavar="N", help="at most N addresses")
        parser.add_argument("--count", action="store_true", help="print how many each route announces, as JSON")
        parser.add_argument(
            "--archive",
            metavar="FILE",
            type=Path,
            action="append",
            help="read the site's listing pages from a WARC file; nothing is fetched",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print, and set the exit status."""
        assert self.crawler_process is not None
        if len(args) != 1:
            self.exitcode = complain("discover: name one site; `scrapy list` prints them")
            return
        given = dict(pair.partition("=")[::2] for pair in opts.spargs)
        given |= {name: value for name in ("via", "limit") if (value := getattr(opts, name)) is not None}
        try:
            site = site_class(self.crawler_process.spider_loader, args[0])
            arguments = read_arguments(given, site.routes)
            if opts.archive:
                print_found(archived_findings(site, arguments, opts.archive))
                return
        except (UnknownSite, ArgumentError, ArchiveError) as error:
            self.exitcode = complain(f"discover: {error}")
            return
        if opts.loglevel is None and opts.logfile is None and not opts.nolog:
            speak_to_people(self.crawler_process.settings)
        settings = self.crawler_process.settings.copy()
        site.update_settings(settings)
        crawler = Crawler(Discovery, settings)
        self.crawler_process.crawl(crawler, site=site, arguments=arguments, counting=opts.count, out=print_found)
        self.crawler_process.start()
        reason = crawler.stats.get_value("finish_reason") if crawler.stats else None
        if reason != "finished":
            self.exitcode = 1


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
        sys.stdout.write(json.dumps({key: value for key, value in shown.items() if value}, ensure_ascii=False) + "\n")
