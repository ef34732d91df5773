"""How fast a crawl is, beside Scrapy's plain fetching and a general extractor in the callback, all in one run.

    python benchmarks/crawl.py [--pages 400] [--kilobytes 270]

Pages of real size from the loopback; articles per second from the first page's request to the last. Exit status 1 where a
ratio misses what this project promises.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aurora_crawl.demo.server import answer, serve
from aurora_crawl.demo.site import Answer, Site

ROOT = Path(__file__).resolve().parents[1]
SITE = "ofaroldovale"
LEAST_OF_FETCHING = 0.30
LEAST_OF_TRAFILATURA = 8.0
MOST_FOR_ARCHIVE = 0.25
LEAST_OF_ONE_PROCESS = 1.6
IN_FLIGHT = 8

PEER = """
from scrapy import Request, Spider


class Peer(Spider):
    name = "peer"

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
        if self.extract == "1":
            from trafilatura import extract

            yield {"text": extract(response.text)}
"""


def heavy_site(pages: int, kilobytes: int) -> Site:
    """A site whose pages have as many bytes as real ones: markup and scripts that are not the article."""
    site = Site.generated(pages, words=500)
    draw = random.Random(0)
    items = "".join(
        f'<li class="menu-item-{n}"><a href="/tema/{draw.randrange(9**9)}/"><span class="x{n}">{draw.random()}</span></a></li>'
        for n in range(kilobytes * 3)
    )
    script = "".join(f"var v{n}={draw.random()};" for n in range(kilobytes * 20))
    padding = f"<nav><ul>{items}</ul></nav><script>{script}</script>".encode()[: (kilobytes - 10) << 10]
    padding = padding[: padding.rfind(b";")] + b"</script>"
    articles = {post.story.path for post in site.posts()}
    made: dict[str, Answer] = {}

    def pad(path: str) -> Answer | None:
        if path not in articles:
            return None
        if path not in made:
            site.on_request, hook = None, site.on_request
            plain = answer(site, path)
            site.on_request = hook
            made[path] = Answer(plain.body.replace(b"</body>", padding + b"</body>"))
        return made[path]

    for path in articles:
        pad(path)
    site.on_request = pad
    return site


def pages_a_second(site: Site, command: list[str], cwd: Path) -> float:
    """Run a crawl; pages it asked for by the seconds from its first page to its end."""
    articles = {post.story.path for post in site.posts()}
    site.requests.clear()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = 0.0
    try:
        while process.poll() is None:
            if not began and any(path in articles for path in site.requests[-3:]):
                began = time.monotonic()
            time.sleep(0.002)
    finally:
        process.kill()
    if process.returncode or not began:
        raise SystemExit(f"ended with status {process.returncode}: {' '.join(command)}")
    return len(articles) / (time.monotonic() - began)


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python benchmarks/crawl.py", description=__doc__.split("\n")[0])
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--kilobytes", type=int, default=270)
    options = parser.parse_args()
    site = heavy_site(options.pages, options.kilobytes)
    with tempfile.TemporaryDirectory() as name, serve(site) as address:
        folder = Path(name)
        spider = folder / "peer.py"
        spider.write_text(PEER, encoding="utf-8")
        speeds: dict[str, float] = {}
        plain = ["-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={IN_FLIGHT}", "-s", "DOWNLOAD_DELAY=0", "-s", "LOG_LEVEL=ERROR"]
        peer = [sys.executable, "-m", "scrapy", "runspider", str(spider), *plain, "-a", f"address={address}", "-a"]
        speeds["Scrapy, fetching only"] = pages_a_second(site, [*peer, "extract=0"], folder)
        speeds["Scrapy, trafilatura in the callback"] = pages_a_second(site, [*peer, "extract=1"], folder)
        for what, archive in (("HTML route, all pipelines", 0), ("HTML route, recording the archive", 1)):
            data = folder / f"data{archive}"
            command = [sys.executable, "-m", "scrapy", "crawl", SITE, *plain, "-s", f"DATA_DIR={data}"]
            command += [
                "-s",
                "SPIDER_MODULES=aurora_crawl.spiders,aurora_crawl.demo.spiders",
                "-s",
                f"ARCHIVE={archive}",
            ]
            command += ["-s", "AUTOTHROTTLE_ENABLED=0", "-a", f"site_url={address}", "-a", "via=sitemap"]
            speeds[what] = pages_a_second(site, command, ROOT)
        seconds = [_reparse_seconds(folder / "data1", jobs) for jobs in (1, 2)]
    for what, speed in speeds.items():
        print(f"{what:38}{speed:8.1f} pages/s")
    print(f"reparse of {options.pages} pages: {seconds[0]:.1f} s with one process, {seconds[1]:.1f} s with two")
    fetching, general, ours, archived = speeds.values()
    judged = (
        (ours / fetching, LEAST_OF_FETCHING, "of Scrapy's fetching"),
        (ours / general, LEAST_OF_TRAFILATURA, "times trafilatura in the callback"),
        (archived / ours, 1 - MOST_FOR_ARCHIVE, "of the speed is left when recording"),
        (seconds[0] / seconds[1], LEAST_OF_ONE_PROCESS, "times as fast with two processes (start-up counted)"),
    )
    for value, least, what in judged:
        print(f"{'ok    ' if value >= least else 'MISSED'} {value:.2f} (at least {least}) {what}")
    return any(value < least for value, least, _ in judged)


def _reparse_seconds(data_dir: Path, jobs: int) -> float:
    command = [sys.executable, "-m", "scrapy", "reparse", SITE, "--jobs", str(jobs), "-s", f"DATA_DIR={data_dir}"]
    command += ["-s", "SPIDER_MODULES=aurora_crawl.spiders,aurora_crawl.demo.spiders"]
    began = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
