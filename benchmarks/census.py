"""`scrapy census` on fifty loopback outlets of known size, killed in the middle and run again.

    python benchmarks/census.py [--seed N]

Open interfaces, totals stripped from the head or missing altogether, locked ones with WordPress' or Yoast's sitemaps, capped ones,
sites with sitemaps only. The sum of articles must be right within 10 %, the bounds must hold it, no outlet may be asked more than
three times, and after a kill none may be asked again what it has answered: only
what was under way when the kill came is sent once more, and in the end all are known. It takes half a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from aurora_crawl.commands.census import AT_ONCE
from aurora_crawl.demo.outlets.counted import CountedOutlet, counted_outlets
from aurora_crawl.demo.server import serve
from aurora_crawl.inspection.census_file import CensusFile, sum_of

ROOT = Path(__file__).resolve().parents[1]
MOST_ERROR, MOST_REQUESTS = 0.1, 3
DELAY = 0.15
"""Seconds before each answer: so that a kill meets a census in the middle."""


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the figures; exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    outlets = list(counted_outlets(options.seed))
    folder = Path(tempfile.mkdtemp())
    with ExitStack() as stack:
        at = {stack.enter_context(serve(one.site)): one for one in outlets}
        for one in outlets:
            one.site.delay = DELAY
        rows = [
            json.dumps({"host": address, "name": one.name, "state": "BR", "source": "invented"})
            for address, one in at.items()
        ]
        (folder / "outlets.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
        whole = _census(folder, kill_after=None, data="whole")
        most_of_whole = max(len(one.site.requests) for one in outlets)
        for one in outlets:
            one.site.requests.clear()
        killed = _census(folder, kill_after=18)
        before = {
            host: len(at[host].site.requests)
            for host in CensusFile(folder / "data" / "census" / "outlets.jsonl").counted
        }
        done = _census(folder, kill_after=None)
    faults = _judge_whole(at, CensusFile(folder / "whole" / "census" / "outlets.jsonl"), whole, most_of_whole)
    kept = CensusFile(folder / "data" / "census" / "outlets.jsonl")
    faults += _judge_killed(at, kept, before, (killed, done))
    print("; ".join(faults) or "all goals reached")
    return int(bool(faults))


def _census(folder: Path, kill_after: int | None, data: str = "data") -> subprocess.CompletedProcess[str]:
    """Run the census; with `kill_after`, kill it when so many outlets are counted."""
    command = [sys.executable, "-m", "scrapy", "census", str(folder / "outlets.jsonl")]
    command += ["-s", f"DATA_DIR={folder / data}", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "AURORA_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if kill_after is not None:
        path = folder / data / "census" / "outlets.jsonl"
        while process.poll() is None and (
            not path.exists() or path.read_text(encoding="utf-8").count("\n") < kill_after
        ):
            time.sleep(0.02)
        process.kill()
    out, errors = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, out, errors)


def _judge_whole(
    at: dict[str, CountedOutlet], kept: CensusFile, run: subprocess.CompletedProcess[str], most: int
) -> list[str]:
    """What is wrong with a census that nothing ended."""
    whole = sum_of(list(kept.counted.values()), obeys_opt_outs=True)
    true = sum(one.articles for one in at.values())
    error = whole.articles.value / true - 1
    kinds: dict[str, list[float]] = {}
    for address, one in at.items():
        row = kept.counted.get(address)
        value = row.articles.value if row and row.articles else 0.0
        kinds.setdefault(one.kind, []).append(value / one.articles - 1)
    for kind, errors in kinds.items():
        low, high = 100 * min(errors), 100 * max(errors)
        print(f"{kind:30} {len(errors):3} outlets, errors from {low:+6.1f} % to {high:+6.1f} %")
    bounds = f"[{whole.articles.low:,.0f}–{whole.articles.high:,.0f}]"
    print(
        f"articles: {whole.articles.value:,.0f} {bounds}, truly {true:,}: {100 * error:+.2f} %; at most {most} requests"
    )
    faults = []
    if abs(error) > MOST_ERROR:
        faults.append("the sum is wrong by more than 10 %")
    if not whole.articles.low <= true <= whole.articles.high:
        faults.append("the bounds do not hold the truth")
    if most > MOST_REQUESTS or run.returncode:
        faults.append(f"more than three requests, or a wrong end: {run.stderr[-300:]}")
    return faults


def _judge_killed(
    at: dict[str, CountedOutlet],
    kept: CensusFile,
    before: dict[str, int],
    runs: tuple[subprocess.CompletedProcess[str], subprocess.CompletedProcess[str]],
) -> list[str]:
    """What is wrong with one that was killed, and went on."""
    killed, done = runs
    # What a kill cut off from its answer came to the server all the same.
    most = max(len({*one.site.requests}) for one in at.values())
    again = [host for host, asked in before.items() if len(at[host].site.requests) > asked]
    repeated = [path for one in at.values() for path, count in Counter(one.site.requests).items() if count > 1]
    unknown = sum(row.articles is None for row in kept.counted.values())
    print(
        f"killed at {len(before)} outlets, then {len(kept.counted)}, of which {unknown} not known; at most {most} requests;"
        f" {len(again)} asked again after they were counted, {len(repeated)} requests under way sent once more"
    )
    faults = []
    if most > MOST_REQUESTS or again or len(repeated) > AT_ONCE:
        faults.append(f"asked too often: {most}, {again[:3]}, {repeated[:3]}")
    if killed.returncode == 0 or done.returncode or len(kept.counted) < len(at) or unknown:
        faults.append(f"a census did not end as it should: {done.stderr[-400:]}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
