"""Whether the demo newspaper still gives the bytes that an older commit made of it: shards, learned blocks, corpus.

    python benchmarks/same_bytes.py [--commit 3e9ea48] [--keep DIR]

One server answers both programs, each in processes of its own; the older one comes from `git worktree`. Both crawl the
newspaper, by its REST API and by its pages, and their shards are compared but for their times. Then both go on with copies of
what the older one made (`learn`, `corpus`, `reparse`, `corpus`), and there every byte is compared. Each difference is printed;
exit status 1 for any, and for a command that fails.

Left out is what came to the format since: the field `chapters`, the number of the format, the cards that list the fields, the
sizes and hashes that follow from them, the comments in a file of blocks, which are in the language of who reads them, and in
`removed` what the reading of a page left out, which was not told before; the others' positions are counted without it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path

from loopback import ROOT, SITE, SPIDERS, given, scrapy

from aurora_crawl.demo.clutter import plant
from aurora_crawl.demo.newspaper import read_newspaper
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.items import Removal

COMMIT = "3e9ea48"
ROUTES = ("rest", "sitemap")
GOING_ON = (("learn", SITE), ("corpus", "--tokenizer", "none", "--jobs", "1"), ("reparse", SITE, "--jobs", "1"))
COMPARED = ("articles", "boilerplate", "corpus")
SHOWN = 300
"""Characters of a line that differs, from where it differs."""

_SINCE = re.compile(rb'"chapters":\[\],|"schema":\d+|"(?:bytes|sha256)": [^,\n]*|"[0-9a-f]{64}"')
_REMOVED = re.compile(rb'"removed":(\[.*?\]),"authors":')
CARD = "README.md"

_TIMES = re.compile(rb'"crawled_at":"[^"]*"|"sha256": "[0-9a-f]{64}"')
"""The moment of a crawl, and the hashes in which it tells."""


@contextmanager
def worktree(commit: str, folder: Path) -> Iterator[Path]:
    """The tree of a commit, for as long as it is needed."""
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--detach", "--force", str(folder), commit], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True, capture_output=True)


def run(tree: Path, data: Path, *words: str) -> None:
    """A command of the program in `tree`. Raises SystemExit where it fails."""
    settings = {"DATA_DIR": data, "SPIDER_MODULES": SPIDERS, "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": 0}
    command = [*scrapy(*words), *given({**settings, "ARCHIVE": True})]
    done = subprocess.run(command, cwd=tree, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{tree}: scrapy {' '.join(words)}: status {done.returncode}\n{done.stderr}")


def lines_of(path: Path, *, times: bool) -> list[bytes]:
    """The lines of a file, unpacked; `times` blanks what every crawl has of its own, and the order in which answers came."""
    data = _SINCE.sub(b"", gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
    data = _REMOVED.sub(_without_readings_cuts, data)
    if path.suffix == ".txt":
        data = b"\n".join(line for line in data.splitlines() if not line.startswith(b"#"))
    return sorted(_TIMES.sub(b"", data).splitlines()) if times else data.splitlines()


def _without_readings_cuts(found: re.Match[bytes]) -> bytes:
    """A line's list of removals without those of reading."""
    every = [Removal(**one) for one in json.loads(found[1])]
    whole = [one.position for one in every if one.is_by_reading and one.part == "whole"]
    others = [asdict(one) for one in every if not one.is_by_reading]
    for one in others:
        one["position"] -= sum(position < one["position"] for position in whole)
    return found[0].replace(found[1], json.dumps(others, ensure_ascii=False).encode())


def differences(before: Path, after: Path, *, times: bool) -> list[str]:
    """Each difference between two data folders: files that one lacks, the first line that differs, the packed bytes."""
    found = []
    files = sorted(
        {
            path.relative_to(folder)
            for folder in (before, after)
            for name in COMPARED
            for path in (folder / name).rglob("*")
            if path.is_file() and path.name != CARD
        }
    )
    for name in files:
        pair = before / name, after / name
        missing = [path for path in pair if not path.is_file()]
        if missing:
            found.append(f"{missing[0]}: is not there")
            continue
        rows = enumerate(zip_longest(*(lines_of(path, times=times) for path in pair), fillvalue=b""), 1)
        unlike = [(number, old, new) for number, (old, new) in rows if old != new]
        if unlike:
            number, old, new = unlike[0]
            place = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
            start = max(0, place - SHOWN // 3)
            shown = (text[start : start + SHOWN].decode("utf-8", "replace") for text in (old, new))
            found.append(f"{name}: {len(unlike)} lines differ, line {number} first:\n  - {{}}\n  + {{}}".format(*shown))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 1 for any difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commit", default=COMMIT, help=f"the older one ({COMMIT})")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep what both made in this folder")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        work = options.keep or Path(name)
        work.mkdir(parents=True, exist_ok=True)
        with worktree(options.commit, Path(name) / "tree") as older:
            found = compared(older, work)
    for line in found:
        print(line)
    print(f"{len(found)} differences to {options.commit}")
    return 1 if found else 0


def compared(older: Path, work: Path) -> list[str]:
    """What differs between the program in `older` and the present one."""
    trees = {"before": older, "after": ROOT}
    found = []
    with serve(Site(plant(read_newspaper()))) as address:
        for route in ROUTES:
            for side, tree in trees.items():
                run(tree, work / route / side, "crawl", SITE, "-a", f"site_url={address}", "-a", f"via={route}")
            found += [
                f"crawl by {route}: {line}"
                for line in differences(work / route / "before", work / route / "after", times=True)
            ]
    for route in ROUTES:
        for side in trees:
            shutil.copytree(work / route / "before", work / route / "going-on" / side)
        for step, words in enumerate([*GOING_ON, GOING_ON[1]], 1):
            for side, tree in trees.items():
                run(tree, work / route / "going-on" / side, *words)
            unlike = differences(*(work / route / "going-on" / side for side in trees), times=False)
            found += [f"{route}, step {step}, {words[0]}: {line}" for line in unlike]
    return found


if __name__ == "__main__":
    sys.exit(main())
