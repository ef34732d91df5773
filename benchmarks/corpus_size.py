"""How `scrapy corpus` grows with its documents: synthetic ones of 640 words, read, chosen and written, in CPU-seconds and memory.

    python benchmarks/corpus_size.py [--documents 50000] [--jobs 1 4]
    python benchmarks/corpus_size.py --documents 100000 1000000 --jobs 1 4      (the full size: some 12 GB of disk, half an hour)

Three in a hundred documents repeat another one, two nearly. Each size is built with each number of workers; the parts must be the same bytes.
Wanted: 800 documents a CPU-second, at most 4 GB in all processes, CPU-seconds a document within 15 % from 100,000 on.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from aurora_crawl.corpus.build import Plan, build
from aurora_crawl.corpus.options import Selection
from aurora_crawl.executor import executor
from aurora_crawl.items import Article, Quality, article_id
from aurora_crawl.storage.shards import FINISHED_SUFFIX, encode, packed

WORDS = 640
A_SHARD = 5000
LEAST = 800
MOST_BYTES = 4 << 30
COMMON = "de a e o em do da que um no uma com para na é foi os se por mais as como mas ao ele das à seu sua ou quando".split()
SYLLABLES = (
    "ba ce di fo gu la me ni po ra se ti vo xa lha nho que ção pra tre cla ban cor des fun gra len mun nor pes".split()
)


def vocabulary() -> list[str]:
    """Twenty thousand words that look Portuguese."""
    chance = random.Random(1)
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(20_000)]


def texts(count: int, words: list[str]) -> Iterator[str]:
    """Texts of `WORDS` words, in paragraphs of four sentences."""
    chance = random.Random(2)
    before = ""
    for number in range(count):
        if before and number % 100 in (3, 33, 66):
            yield before
            continue
        if before and number % 100 in (10, 60):
            yield before.replace(".", ", disse.", 3)
            continue
        rare = chance.choices(words, k=WORDS // 2)
        small = chance.choices(COMMON, k=WORDS // 2)
        every = [word for pair in zip(small, rare, strict=True) for word in pair]
        sentences = [" ".join(every[n : n + 16]).capitalize() + "." for n in range(0, WORDS, 16)]
        before = "\n\n".join(" ".join(sentences[n : n + 4]) for n in range(0, len(sentences), 4))
        yield before


def write_shards(folder: Path, count: int) -> None:
    """The documents as crawls of four sites would have stored them."""
    lines: list[bytes] = []
    shard = 0
    for number, text in enumerate(texts(count, vocabulary())):
        site = f"site{number // A_SHARD % 4}"
        url = f"https://{site}.invalid/{number}/"
        article = Article(
            article_id(url), url, site, f"Título {number}", text, route="rest", language="pt", words=WORDS
        )
        article.quality = Quality(language_score=0.99)
        article.published = article.crawled_at = f"20{10 + number % 10}-01-01T00:00:00+00:00"
        lines.append(encode(article))
        if len(lines) == A_SHARD or number == count - 1:
            target = folder / site / f"{site}-{shard:06d}{FINISHED_SUFFIX}"
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file, packed(file) as out:
                out.writelines(lines)
            lines, shard = [], shard + 1


class Peak:
    """The most memory that this process and its children had together, looked at ten times a second."""

    def __init__(self) -> None:
        self.most, self._ends = 0, threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self._ends.wait(0.1):
            self.most = max(self.most, sum(map(_resident, _family(os.getpid()))))

    def stop(self) -> int:
        """Bytes."""
        self._ends.set()
        return self.most


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(one for child in children for one in _family(int(child)))]


def _resident(pid: int) -> int:
    try:
        # Of what processes share each has its part.
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


def built(articles: Path, output: Path, jobs: int) -> tuple[float, float, int, str]:
    """CPU-seconds, seconds, bytes of memory, and the hash of all parts."""
    plan = Plan(articles, articles.parent / "boilerplate", output, Selection(), "none")
    peak, began = Peak(), time.monotonic()
    before = _cpu()
    with executor(jobs) as pool:
        manifest = build(plan, pool, lambda stage, done, total: None)
    spent, took = _cpu() - before, time.monotonic() - began
    parts = "".join(one.sha256 for one in manifest.files)
    return spent, took, peak.stop(), sha256(parts.encode()).hexdigest()[:16]


def _cpu() -> float:
    return sum(
        one.ru_utime + one.ru_stime for one in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main() -> int:
    """Measure and print; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[50_000])
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    is_right = True
    for count in given.documents:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            write_shards(Path(folder) / "articles", count)
            hashes = set()
            for jobs in given.jobs:
                spent, took, memory, digest = built(Path(folder) / "articles", Path(folder) / f"corpus{jobs}", jobs)
                hashes.add(digest)
                rate = count / spent
                print(
                    f"{count:8} documents, {jobs} workers: {spent:7.1f} CPU-s ({rate:.0f} a CPU-second), {took:6.1f} s, {memory >> 20} MB, {digest}",
                    flush=True,
                )
                is_right &= rate >= LEAST and memory <= MOST_BYTES
            is_right &= len(hashes) == 1
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
