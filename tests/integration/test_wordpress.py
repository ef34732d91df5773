"""A real WordPress, crawled by the real command."""

import gzip
import html
import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
PORT = 18080
ADDRESS = f"http://127.0.0.1:{PORT}"
POSTS = 300


@pytest.fixture(scope="module")
def wordpress(shared: Path) -> str:
    """The address of a WordPress with 300 posts; it stays up, so that a second run is quick."""
    if os.geteuid() != 0:
        pytest.skip("needs root to install and start WordPress' packages")
    subprocess.run(["bash", shared / "tools" / "wordpress_up.sh", "up"], check=True, timeout=900)
    return ADDRESS


def crawl(data_dir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "scrapy",
        "crawl",
        "outraspalavras",
        "-a",
        f"site_url={ADDRESS}",
        "-s",
        f"DATA_DIR={data_dir}",
    ]
    return subprocess.run([*command, *options], cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)


def what_wordpress_holds() -> dict[str, list[str]]:
    """Address and paragraphs of every post, read from WordPress in another way than the crawl's: newest first, tags cut."""
    posts: dict[str, list[str]] = {}
    for page in range(1, POSTS // 50 + 1):
        with urllib.request.urlopen(f"{ADDRESS}/wp-json/wp/v2/posts?per_page=50&page={page}", timeout=900) as answer:  # noqa: S310
            for post in json.load(answer):
                found = re.findall(r"<p>(.*?)</p>", post["content"]["rendered"], re.DOTALL)
                posts[post["link"]] = [" ".join(html.unescape(text).split()) for text in found]
    return posts


def test_whole_archive_in_few_requests_as_wordpress_holds_it(wordpress: str, tmp_path: Path) -> None:
    first = crawl(tmp_path)
    assert first.returncode == 0, first.stderr
    requests = int(re.search(r"(\d+) requests", first.stderr)[1])
    assert requests <= 10

    (shard,) = (tmp_path / "articles" / "outraspalavras").glob("*.jsonl.gz")
    articles = [json.loads(line) for line in gzip.decompress(shard.read_bytes()).splitlines()]
    schema = json.loads((ROOT / "aurora_crawl" / "storage" / "article.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for article in articles:
        validator.validate(article)
        assert article["authors"]
        assert article["section"]

    truth = what_wordpress_holds()
    assert len(truth) == len(articles) == POSTS
    assert {article["url"]: article["text"].split("\n\n") for article in articles} == truth

    second = crawl(tmp_path)
    assert second.returncode == 0, second.stderr
    assert "kept 0, new revisions 0" in second.stderr
    assert len(list((tmp_path / "articles" / "outraspalavras").glob("*.jsonl.gz"))) == 1
