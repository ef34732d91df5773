"""`scrapy census` on fifty loopback outlets of known size, killed in the middle and run again.

    python benchmarks/census.py [--seed N]

Open interfaces, totals stripped from the head or missing altogether, locked ones with WordPress' or Yoast's sitemaps, capped ones,
sites with sitemaps only. The sum of articles must be right within 10 %, the bounds must hold it, no outlet may be asked more than
three times, and after a kill none may be asked again what it has answered. It takes half a minute.
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
        killed = _census(folder, kill_after=18)
        done = _census(folder, kill_after=None)
    kept = CensusFile(folder / "data" / "census" / "outlets.jsonl")
    return _judge(at, kept, killed, done)


def _census(folder: Path, kill_after: int | None) -> subprocess.CompletedProcess[str]:
    """Run the census; with `kill_after`, kill it when so many outlets are counted."""
    command = [sys.executable, "-m", "scrapy", "census", str(folder / "outlets.jsonl")]
    command += ["-s", f"DATA_DIR={folder / 'data'}", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "AURORA_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if kill_after is not None:
        path = folder / "data" / "census" / "outlets.jsonl"
        while process.poll() is None and (
            not path.exists() or path.read_text(encoding="utf-8").count("\n") < kill_after
        ):
            time.sleep(0.02)
        process.kill()
    out, errors = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, out, errors)


def _judge(
    at: dict[str, CountedOutlet],
    kept: CensusFile,
    killed: subprocess.CompletedProcess[str],
    done: subprocess.CompletedProcess[str],
) -> int:
    faults = []
    whole = sum_of(list(kept.counted.values()), obeys_opt_outs=True)
    true = sum(one.articles for one in at.values())
    error = whole.articles.value / true - 1
    kinds: dict[str, list[float]] = {}
    for address, one in at.items():
        row = kept.counted.get(address)
        value = row.articles.value if row and row.articles else 0.0
        kinds.setdefault(one.kind, []).append(value / one.articles - 1)
    for kind, errors in kinds.items():
        print(
            f"{kind:30} {len(errors):3} outlets, errors from {100 * min(errors):+6.1f} % to {100 * max(errors):+6.1f} %"
        )
    most = max(len(one.site.requests) for one in at.values())
    repeated = [path for one in at.values() for path, count in Counter(one.site.requests).items() if count > 1]
    print(f"killed with {killed.returncode}, then {done.returncode}; {len(kept.counted)} of {len(at)} counted")
    print(
        f"articles: {whole.articles.value:,.0f} [{whole.articles.low:,.0f}–{whole.articles.high:,.0f}], truly {true:,}: {100 * error:+.2f} %"
    )
    print(f"at most {most} requests an outlet; {len(repeated)} asked twice")
    print(done.stdout[-900:])
    if abs(error) > MOST_ERROR:
        faults.append("the sum is wrong by more than 10 %")
    if not whole.articles.low <= true <= whole.articles.high:
        faults.append("the bounds do not hold the truth")
    if most > MOST_REQUESTS:
        faults.append("more than three requests")
    if repeated:
        faults.append(f"asked twice: {repeated[:3]}")
    if killed.returncode == 0 or done.returncode or len(kept.counted) < len(at):
        faults.append(f"a census did not end as it should: {done.stderr[-400:]}")
    print("; ".join(faults) or "all goals reached")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
