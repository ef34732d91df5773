"""All sites side by side, as a person runs it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import processes

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site

ROOT = Path(__file__).resolve().parents[3]


def test_sites_run_side_by_side_with_a_line_each(tmp_path: Path) -> None:
    settings = {
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        "DATA_DIR": tmp_path,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    site = Site.generated(5)
    with serve(site) as address:
        command = [*processes.SCRAPY, "crawlall", *given, "--jobs", "2", "-a", f"site_url={address}"]
        command += ["ofaroldovale", "averdade"]
        done = processes.run(command, cwd=ROOT)
    assert "ofaroldovale: done in" in done.stdout, done.stdout + done.stderr
    assert "kept 5" in done.stdout
    assert sum(line.startswith(("ofaroldovale: ", "averdade: ")) for line in done.stdout.splitlines()) == 4


def test_a_wrong_command_is_one_line(command: Callable[..., Any], tmp_path: Path) -> None:
    for words, said in ((["nenhum"], "unknown site 'nenhum'"), (["--jobs", "0"], "--jobs is 1 or more")):
        done = command(tmp_path, "crawlall", *words)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
