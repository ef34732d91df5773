"""`scrapy extract SITE FILE-or-URL`: one page as the Article that a crawl would store."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand

from aurora_crawl.commands.article_view import article_view
from aurora_crawl.commands.sites import UnknownSite, complain, site_class
from aurora_crawl.crawling.arguments import ArgumentError, read_arguments
from aurora_crawl.crawling.single_page import SinglePage
from aurora_crawl.crawling.site_spider import reading_of, scope_of
from aurora_crawl.items import Article, as_record
from aurora_crawl.monitoring.console import speak_to_people

NOT_AN_ARTICLE = 1
"""The exit status where a crawl would store nothing of the page."""


class Command(ScrapyCommand):
    """Reads a page, takes it through the steps of a crawl, prints what would be stored."""

    requires_project = True
    is_only_shown = False

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] SITE FILE-or-URL"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Print one page as the article that a crawl of SITE would store"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Reads a saved page or fetches one, by the rules of SITE, takes it through every step except storing, and prints"
            " the article as JSON; in a terminal, or with --show, also as a person reads it, with what was cut struck through."
            " Exit status: 0 with an article, 1 where a crawl would keep none, 2 for a wrong command."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument(
            "-a", dest="spargs", action="append", default=[], metavar="site_url=URL", help="the site on another server"
        )
        parser.add_argument("--url", metavar="URL", default="", help="the address of a saved page, if it names none")

        parser.add_argument("--show", action="store_true", help="no JSON: the article with what was cut struck through")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print, and set the exit status."""
        assert self.crawler_process is not None
        if len(args) != 2:
            self.exitcode = complain("extract: name one site, and one file or address")
            return
        is_address = args[1].startswith(("http://", "https://"))
        source = None if is_address else Path(args[1])
        try:
            site = site_class(self.crawler_process.spider_loader, args[0])
            arguments = read_arguments(dict(pair.partition("=")[::2] for pair in opts.spargs), site.route_names())
        except (UnknownSite, ArgumentError) as error:
            self.exitcode = complain(f"extract: {error}")
            return
        if source is not None and not source.is_file():
            self.exitcode = complain(f"extract: {source} is neither a file nor an address (https://…)")
            return
        if opts.loglevel is None and opts.logfile is None and not opts.nolog:
            speak_to_people(self.crawler_process.settings)
        self.exitcode = NOT_AN_ARTICLE
        self.is_only_shown = opts.show
        self.crawler_process.crawl(
            SinglePage,
            scope=scope_of(site, arguments),
            reading=reading_of(site, arguments),
            source=source,
            url=args[1] if is_address else opts.url,
            done=self._print,
            failed=self._fail,
        )
        self.crawler_process.start()

    def _print(self, article: Article) -> None:
        if not self.is_only_shown:
            print(json.dumps(as_record(article), ensure_ascii=False, indent=2))
        if self.is_only_shown or sys.stdout.isatty():
            print(article_view(article, sys.stdout))
        self.exitcode = 0

    def _fail(self, line: str) -> None:
        complain(f"extract: {line}")
