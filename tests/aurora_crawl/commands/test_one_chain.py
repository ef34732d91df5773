"""The same pages through a crawl, a reparse and a corpus give the same text, also after the rules have changed."""

import json
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import processes
import pytest

from aurora_crawl.corpus.build import Plan, build, lines_of
from aurora_crawl.corpus.options import Selection
from aurora_crawl.demo.clutter import DONATION, DONATION_LINK, plant
from aurora_crawl.demo.generate import generated_stories
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.items import Article
from aurora_crawl.storage.articles import newest_articles
from aurora_crawl.storage.shards import ShardFolder

ROOT = Path(__file__).resolve().parents[3]
SITE = "ofaroldovale"
COUNT = 200
PLEA = f"{DONATION} {DONATION_LINK}"


def scrapy(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "SPIDER_MODULES": "aurora_crawl.demo.spiders",
        "DATA_DIR": data,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
        "RETRY_BACKOFF": 0.01,
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    command = [*processes.SCRAPY, *options, *given]
    return processes.run(command, cwd=ROOT)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two crawls of the same site, `before` its blocks were learned and `after`."""
    data = {name: tmp_path_factory.mktemp(name) for name in ("before", "after")}
    with serve(Site(plant(list(generated_stories(COUNT, 1, 120))))) as address:
        for name, folder in data.items():
            done = scrapy(folder, "crawl", SITE, "-s", "ARCHIVE=True", "-a", f"site_url={address}", "-a", "via=rest")
            assert done.returncode == 0, done.stderr
            if name == "before":
                assert scrapy(folder, "learn", SITE).returncode == 0
                shutil.copytree(folder / "boilerplate", data["after"] / "boilerplate")
    return data


@pytest.fixture
def copied(crawled: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    def made(name: str) -> Path:
        return Path(shutil.copytree(crawled[name], tmp_path / name))

    return made


def stored(data: Path) -> dict[str, Article]:
    return {one.id: one for one in newest_articles(ShardFolder(data / "articles" / SITE).paths())}


def texts(data: Path) -> dict[str, str]:
    return {id: one.text for id, one in stored(data).items()}


def in_corpus(data: Path) -> dict[str, str]:
    selection = Selection(keep_duplicates=True, ignored_marks=("newlines", "punctuated_lines", "duplicate_lines"))
    plan = Plan(data / "articles", data / "boilerplate", data / "corpus", selection, "none")
    with ThreadPoolExecutor(2) as pool:
        build(plan, pool, lambda stage, done, total: None)
    return {str(line["id"]): str(line["text"]) for line in lines_of(plan.output)}


def struck(data: Path, sentence: str) -> None:
    """Strike out the block that cuts a sentence."""
    path = data / "boilerplate" / f"{SITE}.txt"
    lines = path.read_text("utf-8").splitlines()
    cutting = [number for number, line in enumerate(lines) if sentence in line and not line.startswith("#")]
    assert cutting
    for number in cutting:
        lines[number] = f"- {lines[number]}"
    path.write_text("\n".join(lines) + "\n", "utf-8")


def test_a_crawl_a_reparse_and_a_corpus_give_the_same_text(
    crawled: dict[str, Path], copied: Callable[[str], Path]
) -> None:
    wanted = texts(crawled["after"])
    assert len(wanted) == COUNT
    assert not any(PLEA in text for text in wanted.values())
    assert sum(PLEA in text for text in texts(crawled["before"]).values()) > COUNT / 2
    for data in (copied("before"), copied("after")):
        assert in_corpus(data) == wanted
        done = scrapy(data, "reparse", SITE, "--jobs", "1")
        assert f"{COUNT} articles read again" in done.stdout, done.stderr
        assert texts(data) == wanted


def test_a_struck_out_block_gives_its_sentence_back_to_corpus_and_reparse(copied: Callable[[str], Path]) -> None:
    data = copied("after")
    cut = {id for id, one in stored(data).items() if any(PLEA in removal.text for removal in one.removed)}
    assert len(cut) > COUNT / 2
    struck(data, DONATION)
    assert {id for id, text in in_corpus(data).items() if PLEA in text} == cut
    assert scrapy(data, "reparse", SITE, "--jobs", "1").returncode == 0
    again = stored(data)
    assert {id for id, one in again.items() if PLEA in one.text} == cut
    assert not any(PLEA in removal.text for one in again.values() for removal in one.removed)


def test_manifests_say_by_which_blocks_was_cut(copied: Callable[[str], Path]) -> None:
    data = copied("after")
    in_corpus(data)
    before = json.loads((data / "corpus" / "manifest.json").read_text())["blocks"][SITE]
    struck(data, DONATION)
    in_corpus(data)
    assert json.loads((data / "corpus" / "manifest.json").read_text())["blocks"][SITE] != before
