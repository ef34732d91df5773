"""What hostile inputs cost: python benchmarks/hostile.py [--only WORDS] [--from WORDS] [--jobs N]

Each row is one input, in a process of its own: pages, posts, listings, sitemaps, feeds, rules, letters and archived answers, read by what
a crawl reads them with (`hostile_inputs.py`); and whole crawls of a server that lies (`hostile_site.py`), whose other articles must all be
there in the end. Exit status 1 where one takes more than 10 s of the processor, more than 400 MB, ends with an error that nobody
expects, or loses a neighbour. What settings prescribe to wait is printed apart, and is no part of the ten seconds.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from hostile_inputs import EXPECTED, Reader, inputs, page, read_as_page
from hostile_site import Lost, crawls

from aurora_crawl.budget import OverBudget

MOST_SECONDS, MOST_MEMORY = 10.0, 400 << 20
LONGEST = 240.0
"""Seconds after which a row counts as hanging."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: seconds of the processor, of waiting, bytes, how it ended, and whether that is beyond what is allowed."""

    name: str
    outcome: str
    seconds: float
    waited: float
    memory: int

    @property
    def is_bad(self) -> bool:
        """Whether it is beyond what is allowed."""
        return self.outcome.startswith("ERROR") or self.seconds > MOST_SECONDS or self.memory > MOST_MEMORY

    def __str__(self) -> str:
        return f"{'BAD ' if self.is_bad else '    '}{self.name:34} {self.seconds:6.2f} s {self.waited:6.1f} s {self.memory >> 20:5} MB  {self.outcome}"


def measured(build: Callable[[], Reader], out: Connection) -> None:
    """Read in this process, and tell how it ended, with seconds of the processor and bytes, those of its children included."""
    os.setsid()
    # What libraries say of pages is no part of the table.
    sys.stderr = Path("/dev/null").open("w")  # noqa: SIM115 - until the process ends
    read = build()
    began, clock = _spent(), time.monotonic()
    try:
        how = str(read() or "read")
    except (*EXPECTED, OverBudget) as error:
        how = f"refused: {type(error).__name__}"
    except Lost as error:
        how = f"ERROR {error}"
    except BaseException as error:  # noqa: BLE001 - it is what is looked for
        how = f"ERROR {type(error).__name__}: {error}"[:200]
    seconds = _spent() - began
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    out.send((how, seconds, max(0.0, time.monotonic() - clock - seconds), most << 10))


def _spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def run(named: tuple[str, Callable[[], Reader]]) -> Row:
    """One row of the table."""
    name, build = named
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=measured, args=(build, there))
    process.start()
    there.close()
    try:
        how, seconds, waited, memory = (
            here.recv() if here.poll(LONGEST) else (f"ERROR no end within {LONGEST} s", LONGEST, 0.0, 0)
        )
    except EOFError:
        how, seconds, waited, memory = "ERROR the process ended without a word", 0.0, 0.0, 0
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
    process.join()
    here.close()
    row = Row(name, how, seconds, waited, memory)
    print(row, flush=True)
    return row


def main() -> int:
    """Print the table; 1 where a row is beyond what is allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="rows whose name has these words")
    parser.add_argument("--from", dest="first", default="", help="begin with the first row whose name has these words")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path, help="the table as a file")
    opts = parser.parse_args()
    # Models and modules that every crawl loads are loaded before anything is measured.
    read_as_page(page("<p>Uma frase da matéria, com palavras.</p>")[:5000])
    every = [*inputs(), *crawls()]
    first = next((number for number, (name, _) in enumerate(every) if opts.first in name), len(every))
    wanted = [one for one in every[first:] if opts.only in one[0]]
    if not wanted:
        parser.error("no row has these words")
    began = time.monotonic()
    with ThreadPoolExecutor(opts.jobs) as pool:
        rows = list(pool.map(run, wanted))
    if opts.json:
        opts.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    bad = [row for row in rows if row.is_bad]
    slowest, largest = max(rows, key=lambda row: row.seconds), max(rows, key=lambda row: row.memory)
    print(
        f"{len(rows)} inputs in {time.monotonic() - began:.0f} s, {len(bad)} beyond what is allowed; the slowest: {slowest.name},"
        f" {slowest.seconds:.1f} s; the largest: {largest.name}, {largest.memory >> 20} MB"
    )
    for row in bad:
        print(row)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
