"""Finding the wanted records of WARC files: our scan of members and FastWARC, in CPU-seconds of one process.

    python benchmarks/members.py [--responses 1000] [--wanted 0.03] [--rounds 5] [FILE.warc.gz …]

Without files one is made for each of five writers: pages of invented prose between markup, some 340 kB plain each, as news sites
have them. FastWARC is told to look at answers only and to read no HTTP head, its quickest way. Both hand out the plain block of what is wanted; the blocks are held
against each other. Ends with 1 where they differ, or where the median of the ratios is below 4.5.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from aurora_crawl.demo.warc_files import WORDS, WRITERS, answer, prose, record
from aurora_crawl.storage.member_block import block_of
from aurora_crawl.storage.members import CHUNK, members

LEAST = 4.5
HOSTS = 180


def page(number: int) -> bytes:
    """Prose between the markup of a theme: 340 kB, which gzip brings to a fifth, as those of 149 news pages on average."""
    chance = random.Random(number)
    markup = b"".join(
        f'<div class="td-module-{n % 40} {chance.choice(WORDS)}-{chance.choice(WORDS)}" data-id="{chance.randrange(10**6)}"></div>\n'.encode()
        for n in range(4700)
    )
    return b"<html lang='pt-BR'><head>" + markup + b"</head>" + prose(number, 700) + b"</html>"


def write_file(path: Path, writer: str, responses: int) -> None:
    """A file as `writer` packs it."""
    pack = WRITERS[writer]
    with path.open("wb") as file:
        for number in range(responses):
            url = f"https://jornal{number % HOSTS}.invalid/{number}/"
            file.write(pack(record(url, answer(page(number)))))


def by_members(path: Path, wanted: set[str]) -> dict[str, bytes]:
    """The wanted blocks by our scan."""
    found = {}
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(CHUNK), b"")
        is_wanted = lambda head: head.type == "response" and urlsplit(head.url).hostname in wanted  # noqa: E731
        for one in members(chunks, is_wanted, print):
            if one.packed is not None:
                found[one.head.url] = block_of(one, 1 << 26) or b""
    return found


def by_fastwarc(path: Path, wanted: set[str]) -> dict[str, bytes]:
    """The same by FastWARC."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    found = {}
    with path.open("rb") as file:
        for one in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=False):
            url = str(one.headers["WARC-Target-URI"])
            if urlsplit(url).hostname in wanted:
                found[url] = one.reader.read()
    return found


def seconds(work: Callable[[Path, set[str]], dict[str, bytes]], path: Path, wanted: set[str]) -> float:
    """CPU-seconds of this process."""
    begin = time.process_time()
    work(path, wanted)
    return time.process_time() - begin


def main() -> int:
    """Measure and print; 1 where the bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--responses", type=int, default=1000)
    parser.add_argument("--wanted", type=float, default=0.03)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    hosts = {f"jornal{number}.invalid" for number in range(round(HOSTS * given.wanted))}
    is_right = True
    with tempfile.TemporaryDirectory() as folder:
        files = list(given.files)
        for writer in () if files else WRITERS:
            files.append(Path(folder) / f"{writer}.warc.gz")
            write_file(files[-1], writer, given.responses)
        for path in files:
            ours, theirs = by_members(path, hosts), by_fastwarc(path, hosts)
            rows = [(seconds(by_members, path, hosts), seconds(by_fastwarc, path, hosts)) for _ in range(given.rounds)]
            ratio = median(other / own for own, other in rows)
            own, other = (median(column) for column in zip(*rows, strict=True))
            size = path.stat().st_size / 1e6
            same = "the same" if ours == theirs else "DIFFERENT"
            print(
                f"{path.name:20} {size:6.1f} MB  {len(ours):4} records, {same}  scan {own:.3f} s  FastWARC {other:.3f} s  {ratio:.1f} times"
            )
            is_right &= ours == theirs and ratio >= LEAST
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
