"""`scrapy extract` as a person runs it: one page, and the article that a crawl would store."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.site import Site

ROOT = Path(__file__).resolve().parents[3]
PAGES = ROOT / "tests" / "aurora_crawl" / "spiders" / "pages"
SCHEMA = jsonschema.Draft202012Validator(
    json.loads(files("aurora_crawl.storage").joinpath("article.schema.json").read_text(encoding="utf-8"))
)


def extract(*options: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "extract", "-s", "DOWNLOAD_DELAY=0", "-s", "RETRY_TIMES=0"]
    return subprocess.run([*command, *options], cwd=ROOT, check=False, capture_output=True, text=True, timeout=120)


def test_a_saved_page_is_the_article_that_a_crawl_would_store() -> None:
    done = extract("averdade", PAGES / "averdade.html")
    assert done.returncode == 0, done.stderr
    article = json.loads(done.stdout)
    SCHEMA.validate(article)
    expected = json.loads((PAGES / "averdade.json").read_text(encoding="utf-8"))
    assert article["title"] == expected["title"]
    assert article["url"].rstrip("/") == expected["url"].rstrip("/")
    assert (article["license"], article["language"]) == ("LicenseRef-attribution", "pt")


def test_a_page_is_fetched() -> None:
    site = Site.generated(3)
    post = site.posts()[1]
    with serve(site) as address:
        done = extract("outraspalavras", address + post.story.path, "-a", f"site_url={address}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["title"] == post.story.title


def test_a_page_that_is_gone_and_one_that_is_no_article_end_with_1(tmp_path: Path) -> None:
    with serve(Site.generated(3)) as address:
        gone = extract("outraspalavras", f"{address}/nada/", "-a", f"site_url={address}")
    assert gone.returncode == 1
    assert "HTTP 404" in gone.stderr
    english = tmp_path / "page.html"
    english.write_text(
        f"<h1>A title</h1><article>{'<p>The river rose again and nobody asked why. </p>' * 20}</article>"
    )
    other = extract("outraspalavras", english)
    assert other.returncode == 1
    assert "language en" in other.stderr


def test_what_is_neither_file_nor_address_is_named() -> None:
    done = extract("averdade", "nada.html")
    assert done.returncode == 2
    assert "nada.html is neither a file nor an address" in done.stderr
