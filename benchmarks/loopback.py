"""What the benchmarks of whole crawls share: the commands of both sides, and a process watched from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SITE = "ofaroldovale"
SPIDERS = "aurora_crawl.spiders,aurora_crawl.demo.spiders"
TICKS = os.sysconf("SC_CLK_TCK")

PEER = '''
from scrapy import Request, Spider


class Peer(Spider):
    """Finds every article by the sitemap; `reads` says what it does with one: nothing, css, or trafilatura."""

    name = "peer"
    reads = "nothing"

    async def start(self):
        yield Request(self.address + "/wp-sitemap.xml", self.parse_index)

    def parse_index(self, response):
        response.selector.remove_namespaces()
        for url in response.xpath("//loc/text()").getall():
            if "posts-post" in url:
                yield response.follow(url, self.parse_index)
            elif ".xml" not in url:
                yield response.follow(url, self.parse)

    def parse(self, response):
        if self.reads == "css":
            yield {
                "url": response.url,
                "title": response.css("h1::text").get(),
                "text": response.css("article p::text").getall(),
            }
        elif self.reads == "trafilatura":
            from trafilatura import extract

            yield {"text": extract(response.text)}
'''
"""The other side's spider, as one would write it with Scrapy alone."""


def scrapy(*words: str) -> list[str]:
    """A command of Scrapy with this interpreter."""
    return [sys.executable, "-m", "scrapy", *words]


def given(settings: Mapping[str, object]) -> list[str]:
    """Settings as a command takes them."""
    return [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]


def our_crawl(folder: Path, address: str, route: str, settings: Mapping[str, object]) -> list[str]:
    """The command of this project's crawl, run in `ROOT`, as fast as the loopback allows."""
    fast = {"SPIDER_MODULES": SPIDERS, "DATA_DIR": folder, "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": 0}
    return [*scrapy("crawl", SITE), *given({**fast, **settings}), "-a", f"site_url={address}", "-a", f"via={route}"]


def peer_crawl(folder: Path, address: str, reads: str, settings: Mapping[str, object]) -> list[str]:
    """The command of the other side's crawl, run in `folder`, where none of this project's settings hold."""
    spider = folder / "peer.py"
    spider.write_text(PEER, encoding="utf-8")
    words = [*scrapy("runspider", str(spider)), *given({"DOWNLOAD_DELAY": 0, **settings})]
    return [*words, "-a", f"address={address}", "-a", f"reads={reads}"]


@dataclass(frozen=True, slots=True)
class Watched:
    """What a process took from the moment that `has_begun` was true: seconds, seconds of CPU; its memory in bytes."""

    seconds: float
    cpu_seconds: float
    resident: int
    most_resident: int


def watch(command: list[str], cwd: Path, has_begun: Callable[[], bool]) -> Watched:
    """Run a command to its end. Raises SystemExit where it fails, or ends before it has begun.

    CPU and memory are the kernel's account of the process itself, read every two milliseconds; the last reading counts.
    """
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = cpu_before = cpu = 0.0
    resident = most = 0
    try:
        while process.poll() is None:
            if not began and has_begun():
                began, cpu_before = time.monotonic(), _cpu_seconds(process.pid)
            now = _memory(process.pid)
            if now is not None:
                resident, most = now
                cpu = _cpu_seconds(process.pid) or cpu
            time.sleep(0.002)
    finally:
        process.kill()
    if process.returncode or not began:
        raise SystemExit(f"ended with status {process.returncode}: {' '.join(command)}")
    return Watched(time.monotonic() - began, cpu - cpu_before, resident, most)


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(pid: int) -> tuple[int, int] | None:
    """Resident now, and at most; none for a process that has given its memory back, because it ends."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = {line.partition(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return (int(found["VmRSS"]) << 10, int(found["VmHWM"]) << 10) if len(found) == 2 else None
