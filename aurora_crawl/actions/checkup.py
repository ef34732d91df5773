"""`scrapy checkup [SITE …]`: what broke on a site, in words, with what to do."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator

from scrapy.crawler import AsyncCrawlerProcess

from aurora_crawl.command import AuroraCommand
from aurora_crawl.crawling.arguments import CrawlArguments, read_arguments
from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.errors import FAILED
from aurora_crawl.inspection.answers import Asking
from aurora_crawl.inspection.checkup import Checkup, check_site
from aurora_crawl.inspection.site_look import CheckupLook
from aurora_crawl.inspection.stored import stored_of
from aurora_crawl.inspection.told import told_of_checkup
from aurora_crawl.messages import harmless

AT_ONCE = 8


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> int:
    """Look; 1 where something is wrong."""
    sites = command.some_sites(args)
    given = dict(pair.partition("=")[::2] for pair in opts.spargs)
    process = command.process()
    if opts.loglevel is None:
        # What stops a crawl is a finding here.
        process.settings.set("LOG_LEVEL", "CRITICAL", priority="cmdline")
    done: list[Checkup] = []
    waiting = iter([(site, read_arguments(given, site.route_names())) for site in sites])
    Checking(process, waiting, command, done).begin(AT_ONCE)
    process.start()
    for checkup in sorted(done, key=lambda one: (one.is_well, one.site)):
        if opts.json:
            found = [
                {"kind": one.kind, "what": one.told()[0], "to_do": one.told()[1], "alarm": one.is_alarm}
                for one in checkup.findings
            ]
            print(
                json.dumps(
                    {
                        "site": checkup.site,
                        "requests": checkup.requests,
                        "well": checkup.is_well,
                        "findings": found,
                    },
                    ensure_ascii=False,
                )
            )
        else:
            for line in told_of_checkup(checkup):
                print(harmless(line))
    return 0 if all(one.is_well for one in done) and len(done) == len(sites) else FAILED


class Checking:
    """Looks at sites in one process, some at once."""

    def __init__(
        self,
        process: AsyncCrawlerProcess,
        waiting: Iterator[tuple[type[SiteSpider], CrawlArguments]],
        command: AuroraCommand,
        done: list[Checkup],
    ) -> None:
        self._process, self._waiting, self._command, self._done = process, waiting, command, done

    def begin(self, at_once: int) -> None:
        """Begin with so many; each that ends begins another."""
        for _number in range(at_once):
            self._next()

    def _next(self) -> None:

        site, arguments = next(self._waiting, (None, CrawlArguments()))
        if site is None:
            return
        checkup = Checkup(site.name)
        stored = stored_of(self._command.data_dir, site.name)

        async def work(asking: Asking) -> None:
            await check_site(asking, site, arguments, stored, checkup)
            self._done.append(checkup)

        task = self._process.crawl(CheckupLook, url=arguments.site_url or site.site_url, work=work)

        def ended(task: asyncio.Task[None]) -> None:
            self._next()

        task.add_done_callback(ended)
