"""`scrapy crawl SITE`: crawl a site, go on with a crawl, or fetch what is new."""

from __future__ import annotations

import argparse
import gc

from scrapy.commands.crawl import Command as ScrapyCrawl

from aurora_crawl.commands.sites import UnknownSite, complain, site_class
from aurora_crawl.crawling.arguments import NAMES, ArgumentError
from aurora_crawl.monitoring.console import speak_to_people
from aurora_crawl.monitoring.monitors import FAILED

CLEAN_ENDS = {"finished"}
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
            " Exit status: 0 after a complete crawl, 1 when it could not be completed or a monitor failed, 2 for a wrong command,"
            " 130 after Ctrl-C."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, and set the exit status."""
        assert self.crawler_process is not None
        if len(args) != 1:
            self.exitcode = complain(f"crawl: name one site; the arguments of a crawl ({', '.join(NAMES)}) go with -a")
            return
        try:
            cls = site_class(self.crawler_process.spider_loader, args[0])
            cls(**opts.spargs)
        except (UnknownSite, ArgumentError) as error:
            self.exitcode = complain(f"crawl: {error}")
            return
        if opts.loglevel is None and opts.logfile is None and not opts.nolog:
            speak_to_people(self.crawler_process.settings)
        crawler = self._create_crawler(cls)
        # What is loaded by now stays; looking through it again and again for garbage costs a twelfth of a REST crawl.
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        stats = crawler.stats
        reason = stats.get_value("aurora/halted", stats.get_value("finish_reason")) if stats else None
        if reason == "shutdown":
            self.exitcode = INTERRUPTED
        elif self.crawler_process.bootstrap_failed or reason not in CLEAN_ENDS or stats.get_value(FAILED):
            self.exitcode = 1
