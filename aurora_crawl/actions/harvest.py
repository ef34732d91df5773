"""`scrapy harvest ccnews`: bulk archives, month by month."""

from __future__ import annotations

import argparse
import sys

from tqdm import tqdm

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import FAILED
from aurora_crawl.executor import each, executor
from aurora_crawl.harvest.ccnews import FileTask, files_of, foresee, harvest_file, months, outstanding
from aurora_crawl.harvest.outlets import read_outlets
from aurora_crawl.harvest.stream import Server
from aurora_crawl.messages import _


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> int:
    """Foresee, harvest, tell; 1 where a file could not be had."""
    outlets = tuple(sorted(read_outlets(opts.outlets))) if opts.outlets else ()
    server = Server(str(command.given["USER_AGENT"]), command.given.getfloat("RETRY_BACKOFF"))
    base = str(command.given["CCNEWS_URL"]).rstrip("/")
    folder = command.data_dir.absolute() / "harvest" / "ccnews"
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
