"""How long `scrapy list` takes, beside the same command in a project of Scrapy's own making: pairs, by processor time.

    python -m benchmarks.startup [--pairs 11]

Fails where the median of the pairs' ratios is above 1.2.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST = 1.2


def seconds(folder: Path) -> float:
    """Processor time of one `scrapy list` in a folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {name: value for name, value in os.environ.items() if name != "SCRAPY_SETTINGS_MODULE"}
    subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=folder, env=environment, check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Measure and print; 1 where ours takes too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=11)
    pairs = parser.parse_args().pairs
    with tempfile.TemporaryDirectory() as folder:
        start = [sys.executable, "-m", "scrapy", "startproject", "plain", folder]
        subprocess.run(start, check=True, capture_output=True)
        for place in (Path(folder), ROOT):
            # Compiled and in the disk's cache before it counts.
            seconds(place)
        times = [(seconds(Path(folder)), seconds(ROOT)) for _ in range(pairs)]
    plain, ours = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = statistics.median(one / other for other, one in times)
    print(
        f"scrapy list: {ours:.2f} s of processor time, a plain project's {plain:.2f} s; ratio {ratio:.2f} (at most {MOST})"
    )
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
