"""`scrapy newsite` on twenty-six invented outlets: looked at, written, and crawled without an edit.

    python benchmarks/newsite.py [--only NAME …] [--keep]

WordPress in six shapes, Ghost, static sites in eight, pages drawn by scripts (with data, and without), locked, forbidden by
robots.txt, opted out; six of further makes. Right is: what is to be refused is refused and nothing written; else the spider is written, and a crawl by it
keeps every article whole, with its title, and nothing else. At least 95 % must be right, each with at most 15 requests and in
at most 60 s (without the delays that politeness takes). It takes five minutes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from aurora_crawl.demo.outlets.more import more_outlets
from aurora_crawl.demo.outlets.others import other_outlets
from aurora_crawl.demo.outlets.outlet import Outlet
from aurora_crawl.demo.outlets.wordpress import wordpress_outlets
from aurora_crawl.demo.server import serve
from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.items import split_paragraphs
from aurora_crawl.storage.shards import read_shard

ROOT = Path(__file__).resolve().parents[1]
LEAST_RIGHT, MOST_REQUESTS, MOST_SECONDS = 0.95, 15, 60
FAST = (
    "-s",
    "DOWNLOAD_DELAY=0",
    "-s",
    "AUTOTHROTTLE_ENABLED=0",
    "-s",
    "NEWSPIDER_MODULE=novos",
    "-s",
    "SPIDER_MODULES=novos",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Prints a line an outlet; exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], help="outlets by name")
    parser.add_argument("--keep", action="store_true", help="keep the folder of spiders, and name it")
    parser.add_argument("-v", "--verbose", action="store_true", help="print what newsite says")
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp())
    (folder / "novos").mkdir()
    (folder / "novos" / "__init__.py").touch()
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = aurora_crawl.settings\n")
    outlets = [
        one
        for one in (*wordpress_outlets(), *other_outlets(), *more_outlets())
        if not options.only or one.name in options.only
    ]
    right = worst_requests = 0
    slowest = 0.0
    for outlet in outlets:
        with serve(outlet.site) as address:
            faults, requests, seconds, said = _trial(outlet, address, folder)
        right += not faults
        worst_requests, slowest = max(worst_requests, requests), max(slowest, seconds)
        print(
            f"{'ok   ' if not faults else 'WRONG'} {outlet.name:16} {requests:2} requests {seconds:5.1f} s  {'; '.join(faults)}",
            flush=True,
        )
        if options.verbose:
            print(said)
    if options.keep:
        print(folder)
    else:
        shutil.rmtree(folder)
    print(f"{right} of {len(outlets)} right; at most {worst_requests} requests and {slowest:.1f} s")
    return int(right < LEAST_RIGHT * len(outlets) or worst_requests > MOST_REQUESTS or slowest > MOST_SECONDS)


def _trial(outlet: Outlet, address: str, folder: Path) -> tuple[list[str], int, float, str]:
    """What is wrong with one outlet; the requests and seconds of the look, and what it said."""
    began = time.monotonic()
    outlet.site.requests.clear()
    done = _scrapy(folder, "newsite", address, "--name", outlet.name)
    seconds, requests = time.monotonic() - began, len(outlet.site.requests)
    said = done.stdout + done.stderr
    written = (folder / "novos" / f"{outlet.name}.py").exists()
    if not outlet.writes:
        return (
            ([] if done.returncode == 1 and not written else [f"exit {done.returncode}, written: {written}"]),
            requests,
            seconds,
            said,
        )
    if done.returncode or not written:
        return [f"exit {done.returncode}: {done.stderr[-300:]}"], requests, seconds, said
    faults = []
    if f"{outlet.platform}Spider" not in (folder / "novos" / f"{outlet.name}.py").read_text():
        faults.append("another platform")
    # The server is this machine's own, which a spider's own address may not lead to.
    site_url = re.search(r'site_url = "([^"]+)"', (folder / "novos" / f"{outlet.name}.py").read_text())
    crawl = _scrapy(folder, "crawl", outlet.name, "-a", f"site_url={site_url[1] if site_url else address}")
    said += crawl.stderr
    rows = [row for shard in (folder / "data" / "articles" / outlet.name).glob("*.gz") for row in read_shard(shard)]
    texts = {row["title"]: split_paragraphs(row["text"]) for row in rows}
    wanted = {story.title: paragraphs(story.body) for story in outlet.stories}
    if crawl.returncode:
        faults.append(f"the crawl ended with {crawl.returncode}: {crawl.stderr[-200:]}")
    if missing := wanted.keys() - texts.keys():
        faults.append(f"{len(missing)} of {len(wanted)} articles missing")
    if extra := texts.keys() - wanted.keys():
        faults.append(f"{len(extra)} that are none: {sorted(map(str, extra))[:2]}")
    if differing := [title for title in wanted.keys() & texts.keys() if texts[title] != wanted[title]]:
        faults.append(f"{len(differing)} texts differ: {texts[differing[0]][-1][:80]!r}")
    return faults, requests, seconds, said


def _scrapy(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{folder}:{ROOT}", "AURORA_LANG": "en"}
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words, *FAST],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


if __name__ == "__main__":
    sys.exit(main())
