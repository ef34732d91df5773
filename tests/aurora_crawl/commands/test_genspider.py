"""`scrapy genspider`: new sites that are complete as they are written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, to write into."""
    shutil.copytree(
        ROOT / "aurora_crawl", tmp_path / "aurora_crawl", ignore=shutil.ignore_patterns("__pycache__", "articles")
    )
    shutil.copy(ROOT / "scrapy.cfg", tmp_path)
    return tmp_path


def scrapy(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_template_makes_a_site_that_passes_the_checks(project: Path) -> None:
    templates = [path.stem for path in sorted((project / "aurora_crawl" / "templates" / "spiders").glob("*.tmpl"))]
    assert templates == ["ghost", "listing", "wordpress"]
    for template in templates:
        made = scrapy(project, "genspider", "-t", template, f"novo{template}", "https://novo.example/")
        assert made.returncode == 0, made.stdout + made.stderr
    listed = scrapy(project, "list")
    assert {f"novo{template}" for template in templates} <= set(listed.stdout.split()), listed.stderr


def test_a_wrong_name_or_address_is_named_and_nothing_written(project: Path) -> None:
    before = sorted((project / "aurora_crawl" / "spiders").iterdir())
    for arguments, words in (
        (("Novo-Site", "https://novo.example"), "small letters and digits"),
        (("novo", "novo"), "not an address"),
        (("averdade", "https://averdade.org.br"), "already exists"),
    ):
        done = scrapy(project, "genspider", *arguments)
        assert done.returncode == 2
        assert words in done.stdout + done.stderr
    assert [path for path in sorted((project / "aurora_crawl" / "spiders").iterdir()) if path.suffix] == [
        path for path in before if path.suffix
    ]
