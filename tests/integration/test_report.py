"""The page of `scrapy report` in the real Chromium: wide and narrow, by day and by night, in both languages, without a network.

With AURORA_PICTURES=DIR the pictures are kept there; those in docs/images are made so.
"""

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_crawl.demo.clutter import plant
from aurora_crawl.demo.newspaper import read_newspaper
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.routes.browser import browser_path, what_is_missing

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(what_is_missing() is not None, reason=f"the page in a browser: {what_is_missing()}")

HOSTILE = '<script>document.title="taken"</script><img src="http://127.0.0.1:9/pixel.png">Quem escreve “A & B” < C'


def scrapy(data: Path, *words: str) -> str:
    settings = {
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        "DATA_DIR": data,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *words, *given],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of three crawled sites and a corpus, into whose shards a hostile title has come."""
    data = tmp_path_factory.mktemp("data")
    with serve(Site(plant(read_newspaper()))) as address:
        scrapy(data, "crawl", "ofaroldovale", "-a", f"site_url={address}", "-a", "via=rest")
    for site, count in (("averdade", 120), ("mst", 60)):
        with serve(Site.generated(count)) as address:
            scrapy(data, "crawl", site, "-a", f"site_url={address}", "-a", "limit=90")
    scrapy(data, "corpus", "--jobs", "2", "--validation", "0.05")
    hostile = HOSTILE.replace('"', '\\"')
    for path in (data / "articles" / "mst").glob("*.jsonl.gz"):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        lines = [re.sub(r'"title":"[^"]*"', lambda _: f'"title":"{hostile}"', line) for line in lines]
        path.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n"))
    (address_of_page,) = scrapy(data, "report").split()
    assert address_of_page == (data / "report.html").as_uri()
    return data / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "width"), [("wide", 1200), ("narrow", 390)])
def test_the_page_opens_without_a_network(page: Path, browser: Any, name: str, width: int, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 1600}, color_scheme=scheme, locale="pt-BR", reduced_motion="reduce"
    )
    tab = context.new_page()
    asked, errors = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(page.as_uri())
    assert tab.title().startswith("Aurora BR")
    assert tab.locator("h2 >> text=Palavras por ano").is_visible()
    assert not tab.locator("h2 >> text=Words by year").is_visible()
    # Nothing is cut off at the side, and what can be touched can be hit.
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.locator("button").first.bounding_box()["height"] >= 36
    text, paper = tab.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert contrast(text, paper) >= 7
    cut = tab.locator("details:has(del)").first
    if cut.get_attribute("open") is None:
        cut.locator("summary").click()
    assert cut.locator("del").first.is_visible()
    if pictures := os.environ.get("AURORA_PICTURES"):
        tab.screenshot(path=f"{pictures}/report-{name}-{scheme}.png")
        cut.screenshot(path=f"{pictures}/report-cuts-{name}-{scheme}.png")
    tab.locator("button[data-to=en]").click()
    assert tab.locator("h2 >> text=Words by year").is_visible()
    assert not tab.locator("h2 >> text=Palavras por ano").is_visible()
    assert tab.title() != "taken"
    assert tab.locator(f"text={HOSTILE[:20]}").count() >= 1
    assert [url for url in asked if url != page.as_uri() and not url.startswith("data:")] == []
    assert errors == []
    context.close()


def contrast(one: str, other: str) -> float:
    """The ratio of luminances by WCAG 2; 7 is its highest demand."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
