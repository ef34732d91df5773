"""The wheel in an empty environment of each Python at hand: what a person has who installs it and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site

ROOT = Path(__file__).resolve().parents[2]
OLDEST = 11
FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")
Run = Callable[..., subprocess.CompletedProcess[str]]


def pythons() -> list[str]:
    """Every Python of a version that the project supports, one of each version, this one first."""
    found = {f"3.{sys.version_info.minor}": sys.executable}
    for minor in range(OLDEST, OLDEST + 10):
        places = [
            shutil.which(f"python3.{minor}"),
            *(Path.home() / ".pyenv" / "versions").glob(f"3.{minor}.*/bin/python"),
        ]
        for place in filter(None, places):
            if subprocess.run([place, "-c", "import venv, ssl"], check=False, capture_output=True).returncode == 0:
                found.setdefault(f"3.{minor}", str(place))
    return list(found.values())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing of an earlier build comes into it."""
    source, out = tmp_path_factory.mktemp("source") / "aurora", tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", out, source]
    subprocess.run(command, check=True, capture_output=True, timeout=900)
    (made,) = out.glob("aurora_br-*.whl")
    return made


@pytest.fixture(scope="module", params=pythons())
def run(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a program of the environment in a folder that knows nothing of the project."""
    place = tmp_path_factory.mktemp("environment")
    subprocess.run([request.param, "-m", "venv", place / "venv"], check=True, timeout=900)
    pip = [place / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", wheel]
    subprocess.run(pip, check=True, timeout=900)
    folder = place / "work"
    folder.mkdir()
    clean = {name: os.environ[name] for name in ("HOME", "PATH", "LANG") if name in os.environ}

    def ran(program: str, *words: object, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [place / "venv" / "bin" / program, *map(str, words)]
        environment = clean | {"AURORA_LANG": "en"} | variables
        return subprocess.run(
            command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=900
        )

    return ran


def test_it_holds_every_file_of_both_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if ".dist-info/" not in name}
    listed = subprocess.run(
        ["git", "ls-files", "aurora_crawl", "train"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    # The catalogue's source is for translators; what is read is compiled.
    assert there == {name for name in listed.stdout.splitlines() if not name.endswith(".po")}


def test_the_commands_are_there_without_any_settings(run: Run) -> None:
    assert "Crawl a site" in run("aurora", "--help").stdout
    assert "mst" in run("aurora", "list").stdout.split()
    assert "mst" in run("scrapy", "list", SCRAPY_SETTINGS_MODULE="aurora_crawl.settings").stdout.split()
    assert "Coleta um site" in run("aurora", "--help", AURORA_LANG="pt_BR").stdout


def test_the_demo_newspaper_is_crawled_and_shown(run: Run) -> None:
    demo = ("-s", "SPIDER_MODULES=aurora_crawl.demo.spiders")
    with serve(Site.generated(15)) as address:
        done = run("aurora", "crawl", "ofaroldovale", "-a", f"site_url={address}", *demo, *FAST)
    assert done.returncode == 0, done.stderr
    assert "15 articles in data/articles/ofaroldovale" in done.stderr
    assert len(run("aurora", "articles", "ofaroldovale", *demo).stdout.splitlines()) == 15
    assert run("aurora", "verify").returncode == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("train", "no.yml", "--dry-run"), "aurora-br[train]"),
        (("corpus",), "aurora-br[corpus]"),
        (("demo",), "aurora-br[demo]"),
    ],
)
def test_a_missing_extra_is_one_line(run: Run, words: tuple[str, ...], says: str) -> None:
    done = run("aurora", *words)
    assert done.returncode != 0
    assert says in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_new_site_goes_into_the_person_s_own_folder(run: Run) -> None:
    done = run("aurora", "genspider", "jornal", "https://jornal.example")
    assert done.returncode == 0, done.stderr
    assert {"jornal", "mst"} <= set(run("aurora", "list").stdout.split())
    assert {"jornal", "mst"} <= set(run("scrapy", "list").stdout.split())
    assert "unknown option" not in run("aurora", "status", "jornal").stderr
