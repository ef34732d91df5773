"""Finding and reading the text of wanted records of a CC-NEWS file: ours, fundus and news-please, in CPU-seconds of their processes.

    python benchmarks/harvest_peers.py [--responses 972] [--wanted 29] [--rounds 3] [--peers FOLDER]

The pages are the real news pages of ../shared/data/extraction_more; wanted are publishers that fundus knows, one page each. All three read the same
file, the first two from a server on this machine, news-please from the disk, and write nothing. Counted is the work alone, the second time that a
process does it, when all is loaded; each says how many of the pages it read. fundus takes what it finds whole (title, text and day), as it does by default. The peers are installed into
FOLDER, an environment of their own (default: under AURORA_CACHE). Ends with 1 where the median of the ratios misses 4 (fundus) or 15 (news-please).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
from base64 import b32encode
from datetime import datetime, timedelta
from hashlib import sha1
from pathlib import Path
from statistics import median
from urllib.parse import quote_plus, urlsplit

from duplicates_peers import environment

from aurora_crawl.demo.warc_files import WRITERS, answer, record
from aurora_crawl.demo.web_archive import WebArchive, served

PAGES = Path(__file__).resolve().parents[2] / "shared" / "data" / "extraction_more"
LEAST = {"fundus": 4.0, "news-please": 15.0}
NAME = "crawl-data/CC-NEWS/2024/05/CC-NEWS-20240501000000-00000.warc.gz"
PACKAGES = ("fundus==0.5.7", "news-please==1.6.16", "curl_cffi==0.13.0")
"""fundus asks for any curl_cffi below 1, and cannot be imported with the newest ones."""

KNOWN = """
import json, sys
from urllib.parse import urlparse
from fundus import PublisherCollection
known = {}
for source in json.load(sys.stdin):
    country, name, _ = source.split("/")
    publisher = getattr(getattr(PublisherCollection, country, None), name, None)
    if publisher is not None:
        known[source] = urlparse(publisher.domain).netloc
json.dump(known, sys.stdout)
"""

OURS = """
import json, sys, time
from aurora_crawl.crawling.archived_answer import PassedOver, articles_in
from aurora_crawl.crawling.site_reading import SiteReading
from aurora_crawl.harvest.stream import Server, pieces
from aurora_crawl.addresses import host_of
from aurora_crawl.harvest.wanted import Wanted
from aurora_crawl.routes.route import Scope
from aurora_crawl.storage.archive import capture_of
from aurora_crawl.storage.members import members
asked = json.load(sys.stdin)
for _ in range(2):
    began, found = time.process_time(), []
    wanted = Wanted([host.removeprefix("www.") for host in asked["hosts"]])
    for member in members(pieces(asked["url"], Server("benchmark", 0.01)), wanted.may_be, print):
        if member.packed is None:
            continue
        capture = capture_of(member)
        host = host_of(capture.url)
        reading, scope = SiteReading(host, f"https://{host}", None), Scope(host, f"https://{host}")
        try:
            found += [capture.url for article, _ in articles_in(capture, reading, scope, 1 << 25) if article.text]
        except PassedOver:
            continue
    cpu = time.process_time() - began
json.dump({"cpu": cpu, "found": found}, sys.stdout)
"""

FUNDUS = """
import json, sys, time
from datetime import datetime
from fundus import CCNewsCrawler, PublisherCollection
asked = json.load(sys.stdin)
names = [source.split("/")[:2] for source in asked["sources"]]
publishers = [getattr(getattr(PublisherCollection, country), name) for country, name in names]
crawler = CCNewsCrawler(*publishers, start=datetime(2024, 5, 1), end=datetime(2024, 5, 2), processes=0,
                        disable_tqdm=True, server_address=asked["base"] + "/")
for _ in range(2):
    began = time.process_time()
    found = [one.html.requested_url for one in crawler.crawl(error_handling="suppress") if str(one.body or "")]
    cpu = time.process_time() - began
json.dump({"cpu": cpu, "found": found}, sys.stdout)
"""

NEWS_PLEASE = """
import json, logging, sys, time
from newsplease.crawler.commoncrawl_crawler import CommonCrawlExtractor
asked = json.load(sys.stdin)
for _ in range(2):
    began, found = time.process_time(), []
    CommonCrawlExtractor().extract_from_commoncrawl(
        asked["name"], lambda article: found.append(article.url) if article.maintext else None, lambda *counts: None,
        valid_hosts=["//" + host + "/" for host in asked["hosts"]], strict_date=False,
        local_download_dir_warc=asked["folder"], log_level=logging.CRITICAL, delete_warc_after_extraction=False,
        ignore_unicode_errors=True)
    cpu = time.process_time() - began
json.dump({"cpu": cpu, "found": found}, sys.stdout)
"""


def page_of(folder: str, row: dict[str, str]) -> bytes:
    """A real page."""
    return gzip.decompress((PAGES / folder / "html" / row["file"]).read_bytes())


def rows_of(folder: str) -> list[dict[str, str]]:
    """What is known of the real pages."""
    return [json.loads(line) for line in (PAGES / folder / "truth.jsonl").read_text("utf-8").splitlines()]


def digest(data: bytes) -> str:
    """As CC-NEWS writes it."""
    return f"sha1:{b32encode(sha1(data, usedforsecurity=False).digest()).decode()}"


def packed(url: str, page: bytes, moment: str) -> bytes:
    """A record as CC-NEWS has them."""
    block = answer(page)
    told = (f"WARC-Block-Digest: {digest(block)}", f"WARC-Payload-Digest: {digest(page)}")
    return WRITERS["warcio"](record(url, block, date=moment, extra=told))


def write_file(path: Path, wanted: list[dict[str, str]], hosts: set[str], responses: int) -> None:
    """The wanted pages, evenly spread among real pages of other hosts."""
    others = [
        (row["url"], page_of("fundus", row)) for row in rows_of("fundus") if urlsplit(row["url"]).netloc not in hosts
    ]
    random.Random(4).shuffle(others)
    step = responses // len(wanted)
    with path.open("wb") as file:
        for number in range(responses):
            row = wanted[number // step] if number % step == 0 and number // step < len(wanted) else None
            if row is not None:
                # A page is read by the rules of its time.
                day = datetime.fromisoformat(row["published"]) + timedelta(hours=6)
                file.write(packed(row["url"], page_of("fundus", row), day.strftime("%Y-%m-%dT%H:%M:%SZ")))
                continue
            url, page = others[number % len(others)]
            if number >= len(others):
                url = f"https://www.jornal{number % 150}.invalid/{number}/"
            file.write(packed(url, page, "2024-05-01T12:00:00Z"))


def told(python: str, script: str, asked: object) -> dict[str, object]:
    """What a script prints. Raises SystemExit where it fails."""
    done = subprocess.run([python, "-c", script], input=json.dumps(asked), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    answered: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answered


def main() -> int:
    """Measure and print; 1 where a ratio is missed, 2 where nothing can be measured here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, default=972)
    parser.add_argument("--wanted", type=int, default=29)
    parser.add_argument("--rounds", type=int, default=3)
    cache = Path(os.environ.get("AURORA_CACHE") or Path.home() / ".cache" / "aurora-br")
    parser.add_argument("--peers", type=Path, default=cache / "harvest")
    given = parser.parse_args()
    if not PAGES.is_dir():
        print(f"no pages in {PAGES}", file=sys.stderr)
        return 2
    python = environment(given.peers, *PACKAGES)
    if python is None:
        print("fundus and news-please cannot be installed here", file=sys.stderr)
        return 2
    rows = {row["source"]: row for row in rows_of("fundus") if row.get("published")}
    known = told(python, KNOWN, sorted(rows))
    fitting = {
        urlsplit(row["url"]).netloc: row
        for source, row in rows.items()
        if known.get(source) == urlsplit(row["url"]).netloc
    }
    wanted = [
        fitting[host] for host in sorted(random.Random(3).sample(sorted(fitting), min(given.wanted, len(fitting))))
    ]
    hosts = [urlsplit(row["url"]).netloc for row in wanted]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / quote_plus(NAME)
        write_file(path, wanted, set(hosts), given.responses)
        archive = WebArchive(
            files={
                f"/{NAME}": path.read_bytes(),
                "/crawl-data/CC-NEWS/2024/05/warc.paths.gz": gzip.compress(NAME.encode()),
            }
        )
        with served(archive) as base:
            asked = {
                "hosts": hosts,
                "sources": [row["source"] for row in wanted],
                "base": base,
                "url": f"{base}/{NAME}",
                "name": NAME,
                "folder": folder,
            }
            sides = {"ours": (sys.executable, OURS), "fundus": (python, FUNDUS), "news-please": (python, NEWS_PLEASE)}
            rounds = [{name: told(*side, asked) for name, side in sides.items()} for _ in range(given.rounds)]
    print(
        f"{given.responses} records, {path.name and len(archive.files[f'/{NAME}']) / 1e6:.0f} MB, {len(wanted)} wanted"
    )
    is_right = True
    for name in sides:
        seconds = median(float(str(one[name]["cpu"])) for one in rounds)
        ratio = median(float(str(one[name]["cpu"])) / float(str(one["ours"]["cpu"])) for one in rounds)
        found = rounds[0][name]["found"]
        assert isinstance(found, list)
        print(f"{name:12} {seconds:7.3f} CPU-s, {ratio:5.1f} times, {len(set(found))} of {len(wanted)} read")
        is_right &= ratio >= LEAST.get(name, 0)
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
