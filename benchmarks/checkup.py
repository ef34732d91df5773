"""`scrapy checkup` on planted breakages and on healthy sites, each served on the loopback and looked at as the command does.

    python benchmarks/checkup.py [--rounds N] [-v]

Twenty-seven breakages, one a site: at least 95 % must be named with the right cause, and nothing beside it. A hundred healthy runs (ten
sites, ten sizes, every second one with nothing stored): no false alarm. At most 25 requests a site. It takes a minute.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.demo.outlets.broken import Spidered, broken_sites, healthy_sites
from aurora_crawl.demo.server import serve
from aurora_crawl.inspection.answers import Asking
from aurora_crawl.inspection.checkup import MOST_REQUESTS, Checkup, check_site
from aurora_crawl.inspection.site_look import CheckupLook

LEAST_NAMED = 0.95


@dataclass(slots=True)
class Trial:
    """A site, what was stored of it, and what the checkup said."""

    site: Spidered
    count: int
    checkup: Checkup
    requests: int = 0


def main(argv: Sequence[str] | None = None) -> int:
    """Prints what was named wrongly, and the figures; exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="of ten healthy sites")
    parser.add_argument("-v", "--verbose", action="store_true", help="print all findings")
    options = parser.parse_args(argv)
    broken = [Trial(one, 20, Checkup(one.name)) for one in broken_sites()]
    healthy = [
        Trial(one, 20 * (number % 2), Checkup(one.name)) for number, one in enumerate(healthy_sites(options.rounds))
    ]
    _look_at([*broken, *healthy])
    named = 0
    for trial in broken:
        kinds = [one.kind for one in trial.checkup.findings]
        is_right = kinds == [trial.site.cause]
        named += is_right
        if options.verbose or not is_right:
            print(
                f"{'ok   ' if is_right else 'WRONG'} {trial.site.name}: {kinds}, meant {trial.site.cause}; {trial.requests} requests"
            )
            for one in trial.checkup.findings:
                print(f"        {one.told()[0]} — {one.told()[1]}")
    false = [trial for trial in healthy if not trial.checkup.is_well or not trial.requests]
    for trial in false:
        print(
            f"FALSE {trial.site.name}: {[(one.kind, one.told()[0]) for one in trial.checkup.findings]}, {trial.requests} requests"
        )
    most = max(trial.requests for trial in (*broken, *healthy))
    print(
        f"{named} of {len(broken)} breakages named rightly; {len(false)} false alarms in {len(healthy)} healthy runs; at most {most} requests"
    )
    return int(named < LEAST_NAMED * len(broken) or bool(false) or most > MOST_REQUESTS)


def _look_at(trials: list[Trial]) -> None:
    settings = Settings()
    settings.setmodule("aurora_crawl.settings", priority="project")
    fast = {
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "RETRY_BACKOFF": 0.01,
        "DATA_DIR": tempfile.mkdtemp(),
        "LOG_LEVEL": "CRITICAL",
    }
    settings.setdict(fast, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    waiting = iter(trials)
    with ExitStack() as servers:
        _next(process, waiting, servers)
        process.start()


def _next(process: AsyncCrawlerProcess, waiting: Iterator[Trial], servers: ExitStack) -> None:
    trial = next(waiting, None)
    if trial is None:
        return
    own = servers.enter_context(ExitStack())
    address = own.enter_context(serve(trial.site.outlet.site))
    stored = trial.site.stored(trial.count)

    async def work(asking: Asking) -> None:
        await check_site(asking, trial.site.site, CrawlArguments(site_url=address), stored, trial.checkup)

    def ended(task: object) -> None:
        trial.requests = len(trial.site.outlet.site.requests)
        own.close()
        _next(process, waiting, servers)

    process.crawl(CheckupLook, url=address, work=work).add_done_callback(ended)


if __name__ == "__main__":
    sys.exit(main())
