"""The guide "adding a site", followed to the letter: its own code blocks, against a real WordPress."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aurora_crawl.storage.shards import read_shard

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "http://127.0.0.1:18080"
PRIVATE = "aurora_crawl.web.ssrf.ForeignAddresses"
GUIDES = ("adding-a-site.md", "adding-a-site.pt-BR.md")


@pytest.fixture(scope="module")
def wordpress(shared: Path) -> str:
    """The address of a real WordPress with 300 posts."""
    if os.geteuid() != 0:
        pytest.skip("needs root to install and start WordPress' packages")
    subprocess.run(["bash", shared / "tools" / "wordpress_up.sh", "up"], check=True, timeout=900, capture_output=True)
    return ADDRESS


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project that a new site may be written into.

    Without politeness, and without the refusal of private addresses: the server is our own, on this machine.
    """
    shutil.copytree(ROOT / "aurora_crawl", tmp_path / "aurora_crawl", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("scrapy.cfg", "setup.cfg"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "docs").mkdir()
    with (tmp_path / "aurora_crawl" / "settings.py").open("a", encoding="utf-8") as settings:
        settings.write("\nDOWNLOAD_DELAY = 0\nAUTOTHROTTLE_ENABLED = False\n")
        settings.write(f"DOWNLOADER_MIDDLEWARES[{PRIVATE!r}] = None\n")
    return tmp_path


def blocks(guide: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.+?)```", (ROOT / "docs" / guide).read_text(encoding="utf-8"), re.DOTALL)


def run(project: Path, script: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(project),
    }
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=project,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=900,
    )


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_ends_with_a_spider_that_crawls(guide: str, wordpress: str, project: Path) -> None:
    for block in blocks(guide, "bash"):
        done = run(project, block.replace("https://jornal.example", wordpress))
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    shards = sorted((project / "data" / "articles" / "jornal").glob("*.gz"))
    rows = [row for shard in shards for row in read_shard(shard)]
    assert len({row["id"] for row in rows}) == len(rows) == 40
    assert "jornal" in (project / "docs" / "sites.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("guide", GUIDES)
def test_the_examples_are_whole_sites(guide: str, project: Path) -> None:
    names = []
    for source in blocks(guide, "python"):
        name = re.search(r'name = "(\w+)"\n    site_url', source)
        assert name is not None
        names.append(name[1])
        (project / "aurora_crawl" / "spiders" / f"{name[1]}.py").write_text(source, encoding="utf-8")
    listed = run(project, "scrapy list")
    assert listed.returncode == 0, listed.stderr
    assert set(names) <= set(listed.stdout.split())


def test_both_languages_run_the_same_commands() -> None:
    english, portuguese = (blocks(guide, "bash") for guide in GUIDES)
    assert english == portuguese
