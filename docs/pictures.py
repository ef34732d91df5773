"""The pictures of docs/images, made anew by one command: `make pictures`, or `python -m docs.pictures`.

Crawls the invented newspaper and two invented archives, builds corpus and report, trains a small adapter for its card, builds the
documentation's site, and takes pictures of all three with Chromium (on Debian: apt-get install chromium). What is made on the way lies
in build/pictures and is not made twice; the training takes a minute on two cores. With `--axe PATH/axe.min.js` (npm install
axe-core) the pages are also looked at for what keeps people out, and what is serious ends the program with status 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from aurora_crawl.demo.clutter import plant
from aurora_crawl.demo.newspaper import read_newspaper
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.routes.browser import browser_path, what_is_missing

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
WORK = ROOT / "build" / "pictures"
SITE = ROOT / "build" / "site"
COLOURS = 96
"""Of a picture's palette: pages have few, and the files stay small."""
PROMPT = "Os professores decidiram"
AXE = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


def main() -> int:
    """Make what the pictures show, and take them; 1 where axe finds something serious."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--axe", type=Path, help="axe-core's axe.min.js: look for what keeps people out, too")
    parser.add_argument("--only", choices=("report", "card", "site"), help="only these pictures")
    options = parser.parse_args()
    if missing := what_is_missing():
        print(missing, file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    makers = {"report": report, "card": card, "site": site}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        reader = Reader(browser, options.axe)
        faults = sum(take(reader) for name, take in makers.items() if options.only in (None, name))
        browser.close()
    return 1 if faults else 0


def report(reader: Reader) -> int:
    """The page of `scrapy report`: wide, narrow in the dark, and an article with its cuts; how many serious faults it has."""
    data = WORK / "data"
    if not (data / "corpus" / "manifest.json").exists():
        with serve(Site(plant(read_newspaper()))) as address:
            scrapy(data, "crawl", "ofaroldovale", "-a", f"site_url={address}", "-a", "via=rest")
        for name, count in (("averdade", 120), ("mst", 60)):
            with serve(Site.generated(count)) as address:
                scrapy(data, "crawl", name, "-a", f"site_url={address}", "-a", "limit=90")
        scrapy(data, "corpus", "--jobs", "2", "--validation", "0.05")
    scrapy(data, "report")
    address = (data / "report.html").as_uri()
    with reader.page(address, width=1200, height=1000) as wide:
        shoot(wide, "report-wide")
        cut = wide.locator("details:has(del)").first
        if cut.get_attribute("open") is None:
            cut.locator("summary").click()
        shoot(cut, "report-cuts")
        faults = reader.look(wide, "report")
    with reader.page(address, width=390, height=1000, dark=True) as narrow:
        shoot(narrow, "report-narrow")
        return faults + reader.look(narrow, "report, narrow and dark")


def card(reader: Reader) -> int:
    """An adapter's card as a page; how many serious faults it has."""
    adapter = WORK / "adapter"
    environment = {"HF_HUB_OFFLINE": "1"}
    if not (adapter / "adapter_config.json").exists():
        recipe = str(ROOT / "train" / "recipes" / "smollm2-135m.yml")
        places = ["--datasets", str(WORK / "data" / "articles" / "ofaroldovale"), "--output_dir", str(adapter)]
        few = ["--sequence_len", "256", "--max_steps", "12", "--sample_prompts", PROMPT]
        more = ["--sample_max_new_tokens", "24", "--dataset_prepared_path", str(WORK / "prepared"), "--resume"]
        python("-m", "train.qlora", recipe, *places, *few, *more, **environment)
    address = (adapter / "card.html").as_uri()
    with reader.page(address, width=1000, height=1100) as wide:
        shoot(wide, "card-wide")
        faults = reader.look(wide, "card")
    with reader.page(address, width=390, height=1000, dark=True) as narrow:
        shoot(narrow, "card-narrow")
        return faults + reader.look(narrow, "card, narrow and dark")


def site(reader: Reader) -> int:
    """The documentation's site, its first page wide and a table of it narrow; how many serious faults its pages have."""
    python("-m", "mkdocs", "build", "--strict", "--quiet", NO_MKDOCS_2_WARNING="1")
    faults = 0
    with served(SITE) as address:
        with reader.page(f"{address}/index.pt-BR.html", width=1200, height=900) as wide:
            shoot(wide, "site-wide")
        with reader.page(f"{address}/gpus.html", width=390, height=900, dark=True) as narrow:
            shoot(narrow, "site-narrow")
        for path in sorted(SITE.glob("*.html")) if reader.axe else []:
            for dark in (False, True):
                with reader.page(f"{address}/{path.name}", width=390 if dark else 1200, height=900, dark=dark) as one:
                    faults += reader.look(one, f"{path.name}{', narrow and dark' if dark else ''}")
    return faults


def scrapy(data: Path, *words: str) -> None:
    """A command of Scrapy on a server of this machine, to which nobody needs to be polite."""
    spiders = "SPIDER_MODULES=aurora_crawl.spiders,aurora_crawl.demo.spiders"
    settings = [f"DATA_DIR={data}", spiders, "DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0", "AURORA_LANG=en"]
    python("-m", "scrapy", *words, *(part for one in settings for part in ("-s", one)))


def python(*words: str, **environment: str) -> None:
    """A program of this Python, in the project's folder."""
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, env={**os.environ, **environment})


@dataclass(frozen=True, slots=True)
class Reader:
    """A browser, and what looks for faults in its pages where that is wished."""

    browser: Any
    axe: Path | None

    @contextmanager
    def page(self, address: str, *, width: int, height: int, dark: bool = False) -> Iterator[Any]:
        """A page by day or by night, of somebody who speaks Portuguese."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale="pt-BR",
            reduced_motion="reduce",
        )
        tab = context.new_page()
        tab.goto(address, wait_until="load")
        yield tab
        context.close()

    def look(self, tab: Any, name: str) -> int:
        """How many serious faults axe finds on a page; each is printed with its first places."""
        if self.axe is None:
            return 0
        # Not as a script of the page: what the page lets run is its own alone.
        tab.evaluate(self.axe.read_text(encoding="utf-8"))
        serious = [fault for fault in tab.evaluate(AXE) if fault["impact"] in ("serious", "critical")]
        for fault in serious:
            places = [" ".join(map(str, node["target"])) for node in fault["nodes"]]
            print(f"{name}: {fault['id']} ({fault['impact']}), {len(places)} times: {'; '.join(places[:3])}")
            print(f"    {fault['nodes'][0]['failureSummary'].splitlines()[-1].strip()}")
        return len(serious)


def shoot(what: Any, name: str) -> None:
    """Take the picture of a page or a part of it, in few colours where Pillow is at hand."""
    path = IMAGES / f"{name}.png"
    what.screenshot(path=path)
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(path) as taken:
        small = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder of files on this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
