"""Our reading of pages against trafilatura's, in one run: all annotated pages, and those whose container is recognised.

    python benchmarks/extraction.py [--limit N]

Needs the annotated pages of ../shared/data/extraction_dev; the whole set takes a minute.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trafilatura

from aurora_crawl.extraction import extract_article

PAGES = Path(__file__).resolve().parents[2] / "shared" / "data" / "extraction_dev"
WORD = re.compile(r"\w+")
FALLBACK = "trafilatura"
LEAST_FASTER = 5


@dataclass(slots=True)
class Score:
    """Sums over pages: word precision, recall and F1, shares of snippets, CPU-seconds."""

    pages: int = 0
    f1: float = 0
    kept: list[float] = field(default_factory=list)
    leaked: list[float] = field(default_factory=list)
    seconds: float = 0

    def add(self, text: str, row: dict[str, Any], seconds: float) -> None:
        """Adds a page."""
        flat = " ".join(text.lower().split())
        self.pages += 1
        self.f1 += _f1(text, row["text"] or "")
        self.seconds += seconds
        for snippets, shares in ((row.get("with"), self.kept), (row.get("without"), self.leaked)):
            if snippets:
                shares.append(sum(" ".join(one.lower().split()) in flat for one in snippets) / len(snippets))

    def line(self, name: str) -> str:
        """The means, for people."""
        kept, leaked = (sum(shares) / max(len(shares), 1) for shares in (self.kept, self.leaked))
        rate = self.pages / max(self.seconds, 1e-9)
        return f"  {name:12} F1 {self.f1 / max(self.pages, 1):.4f}  kept {kept:.4f}  leaked {leaked:.4f}  {rate:7.1f} pages per CPU-second"


def main(argv: Sequence[str] | None = None) -> int:
    """Prints both readings; exit status 1 where ours is worse, or not 5 times as fast on recognised containers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args(argv)
    if not PAGES.is_dir():
        print(f"the annotated pages are not here: {PAGES}", file=sys.stderr)
        return 2
    rows = [json.loads(line) for line in (PAGES / "truth.jsonl").read_text("utf-8").splitlines()][: options.limit]
    every, recognised = (Score(), Score()), (Score(), Score())
    extract_article("<p>aquecimento</p>")
    for row in rows:
        html = gzip.decompress((PAGES / row["file"]).read_bytes()).decode("utf-8", "replace")
        ours, our_seconds = _timed(lambda html=html, row=row: extract_article(html, row["url"]))
        theirs, their_seconds = _timed(
            lambda html=html, row=row: trafilatura.extract(html, url=row["url"], include_comments=False)
        )
        for pair in (every, recognised) if ours.read_by not in {FALLBACK, ""} else (every,):
            pair[0].add(ours.text, row, our_seconds)
            pair[1].add(theirs or "", row, their_seconds)
    for name, (ours, theirs) in (("all pages", every), ("container recognised", recognised)):
        print(f"{name}: {ours.pages}")
        print(ours.line("ours"))
        print(theirs.line("trafilatura"))
    faster = recognised[1].seconds / max(recognised[0].seconds, 1e-9)
    print(f"on recognised containers {faster:.1f} times as fast (goal {LEAST_FASTER})")
    good = all(ours.f1 >= theirs.f1 for ours, theirs in (every, recognised))
    good &= sum(every[0].leaked) < sum(every[1].leaked) and every[0].seconds <= every[1].seconds
    return 0 if good and faster >= LEAST_FASTER else 1


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    result = run()
    return result, time.process_time() - started


def _f1(found: str, true: str) -> float:
    ours, theirs = Counter(WORD.findall(found.lower())), Counter(WORD.findall(true.lower()))
    common = (ours & theirs).total()
    return 2 * common / (ours.total() + theirs.total()) if common else 0.0


if __name__ == "__main__":
    sys.exit(main())
