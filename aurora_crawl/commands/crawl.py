"""`scrapy crawl SITE`: crawl a site, go on with a crawl, or fetch what is new."""

from __future__ import annotations

import argparse
import logging

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from aurora_crawl.commands.sites import site_class
from aurora_crawl.platforms.arguments import NAMES, ArgumentError

CLEAN_ENDS = {"finished"}
SAID_IN_WORDS = ("scrapy.downloadermiddlewares.retry", "scrapy.downloadermiddlewares.robotstxt", "py.warnings")
"""Loggers whose errors the routes and the summary repeat in words."""
INTERRUPTED = 130
"""The exit status of a process that Ctrl-C ended, by the shell's convention."""


class Command(ScrapyCrawl):
    """Scrapy's own command, with arguments that are checked first and an exit status that tells how it went."""

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] SITE"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Crawl a site; run again to go on, or to fetch only what is new"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Crawls SITE (one of `scrapy list`) into DATA_DIR/articles/SITE. Whatever ends it, the same command goes on"
            " where it was; after a complete crawl it fetches only what is new or edited."
            " Arguments (-a): since=2023-01-01 and until=2023-12-31, days of publication, both included;"
            " limit=N, at most N articles; via=ROUTE, one of the site's routes only;"
            " site_url=https://…, the same site on another server."
            " Settings (-s): DATA_DIR=data, where everything is kept; DOWNLOAD_DELAY=1, seconds between requests."
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's own options, and its talk turned down unless a level is asked for."""
        super().process_options(args, opts)
        if opts.loglevel is None:
            logging.getLogger("scrapy").setLevel(logging.WARNING)
            for name in SAID_IN_WORDS:
                logging.getLogger(name).setLevel(logging.CRITICAL)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises UsageError for an unknown site or argument."""
        if len(args) != 1:
            raise UsageError(
                f"name one site, or see `scrapy list`; the arguments of a crawl ({', '.join(NAMES)}) go with -a"
            )
        assert self.crawler_process is not None
        cls = site_class(self.crawler_process.spider_loader, args[0])
        try:
            cls(**opts.spargs)
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from error
        crawler = self._create_crawler(cls)
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        reason = crawler.stats.get_value("finish_reason") if crawler.stats else None
        if reason == "shutdown":
            self.exitcode = INTERRUPTED
        elif self.crawler_process.bootstrap_failed or reason not in CLEAN_ENDS:
            self.exitcode = 1
