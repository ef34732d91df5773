"""Two scrapyd daemons crawl some of the sites each; what they stored makes the corpus that one machine would have made."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site

SITES = ("mst", "outraspalavras", "ponte")
HANDS = {"mst": 0, "outraspalavras": 1, "ponte": 1}
"""Which daemon crawls which site."""
FAST = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False")
SECONDS = 120
SETTINGS = {"SCRAPY_SETTINGS_MODULE": "aurora_crawl.settings"}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def daemon(folder: Path) -> Iterator[str]:
    """A scrapyd as docs/many-machines.md sets it up; its address."""
    folder.mkdir()
    port = free_port()
    (folder / "scrapy.cfg").write_text(
        f"[scrapyd]\nhttp_port = {port}\npoll_interval = 0.2\n\n[settings]\naurora = aurora_crawl.settings\n"
    )
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with (folder / "said").open("wb") as said:
        command = [sys.executable, "-m", "scrapyd"]
        running = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: ask(f"{address}/daemonstatus.json"), folder)
        yield address
    finally:
        running.terminate()
        running.wait(SECONDS)


def ask(url: str, **form: object) -> dict | None:
    """The answer of a daemon; None while it is not there."""
    try:
        with urlopen(url, urlencode(form, doseq=True).encode() if form else None, timeout=SECONDS) as answer:  # noqa: S310
            return dict(json.load(answer))
    except OSError:
        return None


def until(is_so: Callable[[], object], folder: Path) -> None:
    for _ in range(SECONDS * 5):
        if is_so():
            return
        time.sleep(0.2)
    pytest.fail((folder / "said").read_text())


def corpus(data: Path) -> dict[str, list[dict]]:
    """The lines of the training set by its files; without the moment of the crawl, which is another on another machine."""
    command = [sys.executable, "-m", "scrapy", "corpus", "-s", f"DATA_DIR={data}", "--tokenizer", "none"]
    subprocess.run(command, check=True, timeout=SECONDS, capture_output=True, env=os.environ | SETTINGS)
    files = sorted((data / "corpus").rglob("*.jsonl.gz"))
    return {
        path.name: [json.loads(line) | {"crawled_at": ""} for line in gzip.decompress(path.read_bytes()).splitlines()]
        for path in files
    }


def test_two_daemons_make_the_corpus_of_one_machine(tmp_path: Path) -> None:
    with ExitStack() as stack:
        addresses = {
            site: stack.enter_context(serve(Site.generated(30, seed=number))) for number, site in enumerate(SITES)
        }
        folders = [tmp_path / "first", tmp_path / "second"]
        daemons = [stack.enter_context(daemon(folder)) for folder in folders]
        for site, hand in HANDS.items():
            settings = [f"DATA_DIR={folders[hand] / 'data'}", *FAST]
            form = {"project": "aurora", "spider": site, "setting": settings, "site_url": addresses[site]}
            answer = ask(f"{daemons[hand]}/schedule.json", **form)
            assert answer is not None
            assert answer["status"] == "ok", answer
        for address, folder in zip(daemons, folders, strict=True):
            mine = sum(folders[hand] == folder for hand in HANDS.values())

            def is_done(address: str = address, mine: int = mine) -> bool:
                return len((ask(f"{address}/listjobs.json?project=aurora") or {"finished": []})["finished"]) == mine

            until(is_done, folder)
        for site in SITES:
            command = [sys.executable, "-m", "scrapy", "crawl", site, "-s", f"DATA_DIR={tmp_path / 'one'}"]
            given = [part for one in FAST for part in ("-s", one)]
            subprocess.run(
                [*command, *given, "-a", f"site_url={addresses[site]}"],
                check=True,
                timeout=SECONDS,
                capture_output=True,
                env=os.environ | SETTINGS,
            )
    for site, hand in HANDS.items():
        (log,) = folders[hand].glob(f"logs/aurora/{site}/*.log")
        assert "30 articles in" in log.read_text(), log.read_text()
        assert f"{site}: finished; found 30" in log.read_text()
    joined = tmp_path / "joined"
    for folder in folders:
        shutil.copytree(folder / "data", joined, dirs_exist_ok=True)
    together = corpus(joined)
    assert together == corpus(tmp_path / "one")
    assert sum(map(len, together.values())) == 90
