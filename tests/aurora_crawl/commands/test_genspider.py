"""`scrapy genspider`: new sites that are complete as they are written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., Any]


@pytest.fixture
def spiders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty package of spiders, to write into."""
    folder = tmp_path / "novos"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "novos"]:
        del sys.modules[name]


@pytest.fixture
def genspider(command: Run, tmp_path: Path, spiders: Path) -> Run:
    where = ("-s", "NEWSPIDER_MODULE=novos", "-s", "SPIDER_MODULES=novos,aurora_crawl.spiders")
    return lambda *words: command(tmp_path / "data", *words, last=where)


def test_every_template_makes_a_site_that_passes_the_checks(genspider: Run) -> None:
    templates = [path.stem for path in sorted((ROOT / "aurora_crawl" / "templates" / "spiders").glob("*.tmpl"))]
    assert templates == ["ghost", "listing", "wordpress"]
    for template in templates:
        made = genspider("genspider", "-t", template, f"novo{template}", "https://novo.example/")
        assert made.returncode == 0, made.stdout + made.stderr
    listed = genspider("list")
    assert {f"novo{template}" for template in templates} <= set(listed.stdout.split()), listed.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Novo-Site", "https://novo.example"), "small letters and digits"),
        (("novo", "novo"), "not an address"),
        (("novo",), "it wants a name and an address"),
        (("averdade", "https://averdade.org.br"), "already exists"),
        (("-t", "foo", "novo", "https://novo.example"), "no template 'foo'; there are ghost, listing, wordpress"),
        (("-d", "foo"), "no template 'foo'"),
    ],
)
def test_a_wrong_command_is_named_and_nothing_written(
    genspider: Run, spiders: Path, words: tuple[str, ...], said: str
) -> None:
    done = genspider("genspider", *words)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
    assert [path.name for path in spiders.iterdir() if path.suffix] == ["__init__.py"]
