"""How many planted copies a corpus loses, how fast it is built, and how much memory that takes.

    python benchmarks/duplicates.py [--documents 20000] [--peers datasketch,datatrove]

Invented documents of some 600 words over four sites, with planted copies: exact, with 1, 3 and 5 % of the words replaced,
wrapped in boilerplate, cut to 80 %; and documents that share 30 % of their paragraphs, of which none may go. The corpus is
built by `scrapy learn` and `scrapy corpus` as a user runs them. The goals: exact 1.0, 1 % edited .995, 3 % .80, wrapped .95, no
false removal; 400 documents per CPU-second over all processes; from 20,000 documents to 60,000 at most 10 KB more a document.

datasketch is measured on the same texts: signatures of the same 5-grams, the same bands, the same joining. Both
peers get environments of their own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from copies import WRAPPING, judge, plant
from duplicates_peers import datasketch, datatrove
from footprint import Cost, run
from loopback import scrapy

SPEED = 400
GROWTH_BYTES = 10_000


def corpus(data: Path, jobs: int) -> tuple[set[str], Cost]:
    """Build a corpus by the commands; the ids in it, and what `scrapy corpus` took."""
    given = ["-s", f"DATA_DIR={data}"]
    run([*scrapy("learn"), WRAPPING, *given])
    cost = run([*scrapy("corpus"), *given, "--tokenizer", "none", "--jobs", str(jobs)])
    ids: set[str] = set()
    for path in sorted((data / "corpus").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            ids.update(json.loads(line)["id"] for line in file)
    return ids, cost


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--peers", default="datasketch", help="datasketch, datatrove, both with a comma, or none")
    parser.add_argument("--no-memory", action="store_true", help="do not build the corpus three times as large")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "aurora-br")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        documents = plant(data, options.documents)
        print(f"{documents.count:,} documents of {documents.words / documents.count:.0f} words")
        ids, cost = corpus(data, options.jobs)
        reached = judge(documents, ids)
        speed = documents.count / cost.cpu
        print(f"scrapy corpus: {speed:.0f} documents per CPU-second over all processes (goal: {SPEED})", end="; ")
        print(f"{cost.seconds:.0f} s with {options.jobs} processes, at most {cost.memory / 2**20:.0f} MB together")
        reached = reached and speed >= SPEED
        if "datasketch" in options.peers:
            datasketch(documents, data, options.cache)
        if "datatrove" in options.peers:
            datatrove(documents, data, options.cache)
    if not options.no_memory:
        with tempfile.TemporaryDirectory() as folder:
            larger = plant(Path(folder), 3 * options.documents)
            _, three = corpus(Path(folder), options.jobs)
        grown = (three.memory - cost.memory) / (larger.count - documents.count)
        print(f"{larger.count:,} documents: at most {three.memory / 2**20:.0f} MB together, ", end="")
        print(f"{grown / 1000:.1f} KB more a document (goal: {GROWTH_BYTES / 1000:.0f})")
        reached = reached and grown <= GROWTH_BYTES
    print("all goals reached" if reached else "a goal was missed")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
