"""`scrapy census [FILE]`: how many articles and tokens a list of outlets holds, in at most three requests each."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess

from aurora_crawl.addresses import same_site
from aurora_crawl.command import AuroraCommand
from aurora_crawl.inspection.answers import Asking
from aurora_crawl.inspection.census import Counted, count_outlet
from aurora_crawl.inspection.census_file import CensusFile, sum_of
from aurora_crawl.inspection.outlets_file import BRAZIL, OutletRow, read_outlets
from aurora_crawl.inspection.proposal import proposal_of_census, site_name
from aurora_crawl.inspection.site_look import CensusLook
from aurora_crawl.inspection.told import told_of_census, told_of_outlet
from aurora_crawl.maintenance.new_site import renew_site_pages, write_site
from aurora_crawl.messages import N_, Message, _, harmless
from aurora_crawl.stat_names import CRAWL_DELAY
from aurora_crawl.web.answer_journal import answers_folder, journal_path


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> int:
    """Count what is not counted yet; 1 where nothing could be."""
    path = Path(args[0]) if args else BRAZIL
    outlets = read_outlets(path)
    kept = CensusFile(command.data_dir / "census" / f"{path.stem}.jsonl")
    if opts.again:
        kept.forget()
    todo = [one for one in outlets if one.host not in kept.counted][: opts.limit]
    if todo:
        process = command.process()
        # What each crawl would say of its own end is nothing to a list of hundreds.
        process.settings.set("LOG_LEVEL", "ERROR", priority="cmdline") if opts.loglevel is None else None
        Counting(process, iter(todo), kept, command.data_dir, len(todo)).begin(opts.at_once)
        process.start()
    rows = [kept.counted[one.host] for one in outlets if one.host in kept.counted]
    for row in sorted(rows, key=lambda row: -(row.tokens.value if row.tokens else 0)):
        print(harmless(told_of_outlet(row)))
    obeys = command.given["OPT_OUT"] == "obey"
    whole = sum_of(rows, obeys_opt_outs=obeys)
    for line in told_of_census(whole, opts.goal, len(outlets) - len(rows)):
        print(line)
    print(_("each outlet's line: {path}").format(path=kept.path))
    if opts.add:
        _add(command, rows, obeys_opt_outs=obeys)
    return 0 if whole.counted else 1


def _add(command: AuroraCommand, rows: list[Counted], *, obeys_opt_outs: bool) -> None:
    """Write a spider for each sure outlet that has none."""
    module = command.given["NEWSPIDER_MODULE"]
    folder, is_own = Path(str(import_module(module).__file__)).parent, module == "aurora_crawl.spiders"
    sites = list(command.loader.sites())
    added = 0
    for row in rows:
        if (
            not row.is_sure
            or (row.opt_out and obeys_opt_outs)
            or any(same_site(row.site_url, site.site_url) for site in sites)
        ):
            continue
        name = site_name(row.site_url, row.name)
        if not name or any(site.name == name for site in sites):
            command.say_wrong(
                Message(
                    N_("{host}: its name, '{name}', is taken or none; write it by scrapy newsite --name"),
                    host=row.host,
                    name=name,
                )
            )
            continue
        written = write_site(proposal_of_census(row, name), module, folder, is_own=is_own)
        sites.append(written.site)
        added += 1
        print(_("written: {path}").format(path=written.paths[0]))
    if added and is_own:
        renew_site_pages(sites)
    print(_("{count} spiders written; `scrapy crawl NAME -a limit=20` tries one").format(count=added))


class Counting:
    """Counts outlets in one process, some at once, and writes each down when it is counted."""

    def __init__(
        self, process: AsyncCrawlerProcess, waiting: Iterator[OutletRow], kept: CensusFile, data_dir: Path, count: int
    ) -> None:

        self._process, self._waiting, self._kept = process, waiting, kept
        self._answers = answers_folder(data_dir)
        self._done, self._count = 0, count

    def begin(self, at_once: int) -> None:
        """Begin with so many; each that ends begins another."""
        for _number in range(at_once):
            self._next()

    def _next(self) -> None:

        outlet = next(self._waiting, None)
        if outlet is None:
            return
        found = Counted(outlet.host, outlet.name, outlet.state)

        async def work(asking: Asking) -> None:
            await count_outlet(asking, outlet.url, found)

        crawler = self._process.create_crawler(CensusLook)
        task = self._process.crawl(crawler, url=outlet.url, work=work)

        def ended(task: asyncio.Task[None]) -> None:
            stats = crawler.stats.get_stats() if crawler.stats is not None else {}
            asked_for = [float(value) for name, value in stats.items() if name.startswith(CRAWL_DELAY)]
            found.delay = max([self._process.settings.getfloat("DOWNLOAD_DELAY"), *asked_for])
            if not found.articles and not found.why:
                found.why = "the look ended before it began"
            self._kept.add(found)
            journal_path(self._answers, outlet.url.partition("://")[2].partition("/")[0]).unlink(missing_ok=True)
            self._done += 1
            print(f"{self._done}/{self._count} {harmless(told_of_outlet(found))}", file=sys.stderr)
            self._next()

        task.add_done_callback(ended)
