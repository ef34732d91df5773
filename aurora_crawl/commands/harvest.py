"""`scrapy harvest ccnews`: bulk archives, month by month."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import FAILED, WrongCommand
from aurora_crawl.messages import N_, _

KEEP_FREE = 2048


class Command(AuroraCommand):
    """Harvests, and says what came of it."""

    usage = "[options] ccnews --since YYYY-MM --until YYYY-MM"
    example = "scrapy harvest ccnews --since 2024-01 --until 2024-03 --outlets outlets.csv"
    short = N_("Copy the wanted records of CC-NEWS, month by month, with an index of all")
    long = N_(
        "Streams the files of CC-NEWS and copies the records of the outlets in --outlets, or all pages in Portuguese, as they are into DATA_DIR/harvest;"
        " an index of all records stays beside them, so that outlets named later are fetched by ranges. `scrapy reparse"
        " --harvest` makes articles of them. Prints what it will read and keep before it starts, and stops before the disk is"
        " full. The same command goes on after whatever ended it. Exit status: 0 when all files are done, 1 where some could"
        " not be had, 2 for a wrong command, 130 after Ctrl-C."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--since", metavar="YYYY-MM", help=_("the first month"))
        add("--until", metavar="YYYY-MM", help=_("the last month; the first one where not given"))
        outlets = _("hosts, one a line, or JSON Lines or CSV with `host`; without it, everything in Portuguese")
        add("--outlets", type=Path, metavar="FILE", help=outlets)
        add("--jobs", type=int, default=min(2, os.cpu_count() or 1), metavar="N", help=_("processes"))
        cluster = _("a Dask scheduler such as tcp://127.0.0.1:8786 instead of processes")
        add("--scheduler", metavar="ADDRESS", help=cluster)
        free = _("megabytes of the disk that stay free (2048)")
        add("--keep-free", type=int, default=KEEP_FREE, metavar="MB", help=free)
        add("--dry-run", action="store_true", help=_("only say what would be read and kept"))

    def follow(self, args: list[str], opts: argparse.Namespace) -> int:
        """Foresee, harvest, tell; 1 where a file could not be had."""
        from tqdm import tqdm

        from aurora_crawl.executor import each, executor
        from aurora_crawl.harvest.ccnews import FileTask, files_of, foresee, harvest_file, months, outstanding
        from aurora_crawl.harvest.outlets import read_outlets
        from aurora_crawl.harvest.stream import Server

        if args != ["ccnews"] or not opts.since or opts.jobs < 1:
            raise WrongCommand(N_("scrapy harvest ccnews --since YYYY-MM, and --jobs 1 or more"))
        outlets = tuple(sorted(read_outlets(opts.outlets))) if opts.outlets else ()
        server = Server(str(self.given["USER_AGENT"]), self.given.getfloat("RETRY_BACKOFF"))
        base = str(self.given["CCNEWS_URL"]).rstrip("/")
        folder = self.data_dir.absolute() / "harvest" / "ccnews"
        tasks: list[FileTask] = []
        for month in months(opts.since, opts.until or opts.since):
            urls = files_of(base, month, server)
            if not urls:
                print(_("{month}: the archive lists no files").format(month=month))
            tasks += [FileTask(url, folder / month, outlets, server, opts.keep_free << 20) for url in urls]
        waiting = outstanding(tasks)
        seen = foresee(waiting, len(tasks) - len(waiting))
        told = _(
            "{files} files to read, {done} done: some {read} GB of traffic, some {disk} GB on the disk, of which {free} GB are free"
        )
        gigabytes = {"read": _in_gb(seen.read), "disk": _in_gb(seen.disk), "free": _in_gb(seen.free)}
        print(told.format(files=seen.files, done=seen.done, **gigabytes), flush=True)
        if opts.dry_run or not waiting:
            return 0
        records = kept = size = 0
        bad = False
        bar = tqdm(total=len(waiting), desc="ccnews", unit=_("file"), disable=None, leave=False)
        with executor(opts.jobs, opts.scheduler) as pool, bar:
            for _task, done in each(pool, harvest_file, waiting):
                bar.update()
                records, kept, size = records + done.records, kept + done.kept, size + done.kept_bytes
                if done.missing:
                    print(_("{name}: the archive does not have it").format(name=done.name))
                for one in done.damaged:
                    print(f"{done.name}: {one}", file=sys.stderr)
                bad |= bool(done.damaged)
        told = _("{records} records seen, {kept} kept ({size} MB); `scrapy reparse --harvest` reads them")
        print(told.format(records=records, kept=kept, size=size >> 20))
        return FAILED if bad else 0


def _in_gb(size: int) -> str:
    return f"{size / 1e9:.3g}"
