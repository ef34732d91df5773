"""`scrapy crawlall`: all sites side by side, a process and a line each."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import chain, repeat
from typing import IO

from scrapy.commands import ScrapyCommand
from tqdm import tqdm

from aurora_crawl.commands.crawl import INTERRUPTED
from aurora_crawl.commands.sites import complain

JOBS = 4
"""Sites at a time; each process takes some 120 MB and waits for its server most of the time."""
LOOK_SECONDS = 0.2
LIVE_SECONDS = 2
TAIL_BYTES = 4096


@dataclass(slots=True)
class _Running:
    site: str
    process: subprocess.Popen[bytes]
    said: IO[bytes]
    began: float


class Command(ScrapyCommand):
    """Runs `scrapy crawl` for each site; they share the delay of a host through its clock."""

    requires_project = True

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] [SITE …]"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Crawl all sites side by side, or those that are named"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Runs `scrapy crawl` for every site, --jobs at a time, with a line for each. Settings (-s) and"
            " arguments (-a) go to every crawl. Exit status: 0 when all went well, 1 when one did not, 130 after Ctrl-C."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="as for crawl")
        parser.add_argument("--jobs", type=int, default=JOBS, metavar="N", help=f"sites at a time (default {JOBS})")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, and set the exit status."""
        assert self.crawler_process is not None
        known = self.crawler_process.spider_loader.list()
        unknown = [name for name in args if name not in known]
        if unknown or opts.jobs < 1:
            self.exitcode = complain(
                f"crawlall: unknown site {unknown[0]!r}" if unknown else "crawlall: --jobs 1 or more"
            )
            return
        settings = [part for pair in opts.set for part in ("-s", pair)]
        arguments = [part for pair in opts.spargs for part in ("-a", pair)]
        waiting, running = list(args or known), list[_Running]()
        for ends in (signal.SIGTERM, signal.SIGHUP):
            # A closed terminal, or a service that is stopped, is no reason to leave crawls behind.
            signal.signal(ends, signal.default_int_handler)
        lines = _LiveLines(opts.jobs)
        try:
            while waiting or running:
                while waiting and len(running) < opts.jobs:
                    running.append(_start(waiting.pop(0), [*settings, *arguments, *lines.settings]))
                    lines.say(f"{running[-1].site}: started")
                for one in [one for one in running if one.process.poll() is not None]:
                    running.remove(one)
                    lines.say(_line(one))
                    if one.process.returncode:
                        self.exitcode = 1
                lines.show([_newest(one) for one in running])
                time.sleep(LOOK_SECONDS)
        except KeyboardInterrupt:
            _interrupt(running)
            for one in running:
                lines.say(_line(one))
            self.exitcode = INTERRUPTED
        finally:
            lines.close()


class _LiveLines:
    """In a terminal, a line for each crawl that runs, below those of the crawls that have ended; in a log, only the latter."""

    def __init__(self, jobs: int) -> None:
        shown = range(jobs) if sys.stdout.isatty() else ()
        self._lines = [tqdm(bar_format="{desc}", position=n, leave=False, file=sys.stdout) for n in shown]
        self.settings = ["-s", f"PROGRESS_SECONDS={LIVE_SECONDS}"] if self._lines else []

    def say(self, line: str) -> None:
        """A line that stays."""
        tqdm.write(line, file=sys.stdout)
        sys.stdout.flush()

    def show(self, lines: list[str]) -> None:
        """Bring the lines of running crawls up to date."""
        for place, line in zip(self._lines, chain(lines, repeat("")), strict=False):
            place.set_description_str(line)

    def close(self) -> None:
        """Take the lines away."""
        for place in self._lines:
            place.close()


def _interrupt(running: list[_Running]) -> None:
    """End each crawl as its own Ctrl-C would: what is under way is finished, everything is stored. A second one hurries."""
    for one in running:
        one.process.send_signal(signal.SIGINT)
    for one in running:
        while one.process.poll() is None:
            try:
                one.process.wait()
            except KeyboardInterrupt:
                for late in running:
                    late.process.send_signal(signal.SIGINT)


def _start(site: str, options: list[str]) -> _Running:
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with its line
    command = [sys.executable, "-m", "scrapy", "crawl", site, *options]
    # A group of its own, so that the terminal's Ctrl-C comes to a crawl once, from here.
    process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True, env=os.environ)
    return _Running(site, process, said, time.monotonic())


def _newest(one: _Running) -> str:
    """The last thing that a crawl said of itself."""
    end = os.fstat(one.said.fileno()).st_size
    # Not by `seek`: the crawl writes where the file that both have open stands.
    last = os.pread(one.said.fileno(), TAIL_BYTES, max(end - TAIL_BYTES, 0)).decode("utf-8", "replace")
    told = [line.partition(f" {one.site}: ")[2] for line in last.splitlines() if f" {one.site}: " in line]
    return f"{one.site}: {told[-1] if told else 'starting'}"


def _line(one: _Running) -> str:
    """How a crawl ended: its summary's first line, and its errors."""
    one.said.seek(0)
    lines = one.said.read().decode("utf-8", "replace").splitlines()
    one.said.close()
    found = [
        line.partition(f"{one.site}: ")[2] for line in lines if f"INFO {one.site}: " in line and "; found " in line
    ]
    errors = [line.partition(" ERROR ")[2].removeprefix(f"{one.site}: ") for line in lines if " ERROR " in line]
    told = "; ".join([*found[-1:], *dict.fromkeys(errors)]) or (lines[-1] if lines else "said nothing")
    return f"{one.site}: {'done' if not one.process.returncode else 'failed'} in {time.monotonic() - one.began:.0f} s: {told}"
