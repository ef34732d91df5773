"""`scrapy crawl SITE`: crawl a site, go on with a crawl, or fetch what is new."""

from __future__ import annotations

import argparse
import gc

from scrapy.commands.crawl import Command as ScrapyCrawl

from aurora_crawl.command import AuroraCommand
from aurora_crawl.crawling.arguments import NAMES
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_
from aurora_crawl.monitoring.outcome import Outcome


class Command(AuroraCommand, ScrapyCrawl):
    """Scrapy's own command, with arguments that are checked first and an exit status that tells how it went."""

    usage = "[options] SITE"
    example = "scrapy crawl outraspalavras -a since=2023-01-01 -a limit=100"
    short = N_("Crawl a site; run again to go on, or to fetch only what is new")
    long = N_(
        "Crawls SITE (one of `scrapy list`) into DATA_DIR/articles/SITE. Whatever ends it, the same command goes on"
        " where it was; after a complete crawl it fetches only what is new or edited."
        " Arguments (-a): since=2023-01-01 and until=2023-12-31, days of publication, both included;"
        " limit=N, at most N articles; via=ROUTE, one of the site's routes only;"
        " site_url=https://…, the same site on another server;"
        ' again=https://… or again="no text" (a reason that the summary names) or again=kept, those pages once more and nothing'
        " else."
        " Settings (-s): DATA_DIR=data, where everything is kept; DOWNLOAD_DELAY=1, seconds between requests."
        " Exit status: 0 after a complete crawl, 1 when it could not be completed or a monitor failed, 2 for a wrong command,"
        " 130 after Ctrl-C."
    )

    def follow(self, args: list[str], opts: argparse.Namespace) -> int:
        """Crawl; the exit status tells how it went."""
        if len(args) != 1:
            raise WrongCommand(
                N_("name one site; the arguments of a crawl ({names}) go with -a"), names=", ".join(NAMES)
            )
        cls = self.loader.spider(args[0])
        cls(**opts.spargs)
        self.crawler_process = process = self.process()
        crawler = self._create_crawler(cls)
        # What is loaded by now stays; looking through it again and again for garbage costs a twelfth of a REST crawl.
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        process.crawl(crawler, **opts.spargs)
        process.start()
        outcome = Outcome.of(crawler.stats.get_stats() if crawler.stats else {})
        return 1 if process.bootstrap_failed else outcome.exit_status
