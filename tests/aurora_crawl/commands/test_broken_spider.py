"""One file of spiders that cannot be imported: it costs a line and its own site."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
WHOLE = """
from aurora_crawl.platforms.wordpress import WordPressSpider


class SaudavelSpider(WordPressSpider):
    \"\"\"
    Site: Saudável, https://saudavel.example
    Acervo: desde 2009
    Licença: desconhecida
    Verificado: nada
    \"\"\"

    name = "saudavel"
    site_url = "https://saudavel.example"
    license = None
"""


@pytest.fixture
def spiders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with one whole spider."""
    folder = tmp_path / "alheios"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "saudavel.py").write_text(WHOLE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("aurora_crawl.crawling.spider_loader._said", set())
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "alheios"]:
        del sys.modules[name]


@pytest.fixture
def scrapy(command: Run, tmp_path: Path) -> Run:
    return lambda *words: command(tmp_path / "data", *words, last=("-s", "SPIDER_MODULES=alheios"))


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("x = 1\ndef (:\n", 2, "invalid syntax"),
        ("\n\nimport nothing_of_the_kind\n", 3, "ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
        ("from aurora_crawl.items import Artigo\n", 1, "ImportError: cannot import name 'Artigo'"),
        (WHOLE.replace("Saudavel", "Quebrado").replace('"saudavel"', '"outro"'), 5, "both must be the same"),
        (WHOLE.replace("Acervo", "Arquivo"), 5, "the docstring does not tell 'Acervo'"),
        ("raise SystemExit('bye')\n", 1, "SystemExit: bye"),
        ("1 / 0\n", 1, "ZeroDivisionError: division by zero"),
        ("raise ValueError('one\\ntwo')\n", 1, "ValueError: one"),
    ],
)
def test_it_is_named_with_its_line_and_the_others_are_listed(
    scrapy: Run, spiders: Path, text: str, line: int, why: str
) -> None:
    (spiders / "quebrado.py").write_text(text)
    done = scrapy("list")
    assert (done.returncode, done.stdout) == (0, "saudavel\n")
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"{spiders / 'quebrado.py'}, line {line}: ")
    assert why in said


def test_its_own_commands_end_with_that_line_and_no_other(scrapy: Run, spiders: Path) -> None:
    (spiders / "quebrado.py").write_text("def (:\n")
    for words in (("crawl", "quebrado"), ("learn", "quebrado"), ("discover", "quebrado")):
        sys.modules["aurora_crawl.crawling.spider_loader"]._said.clear()
        done = scrapy(*words)
        assert done.returncode == 1
        assert re.fullmatch(r".*quebrado\.py, line 1: invalid syntax; .*\n", done.stderr)


def test_the_other_sites_commands_go_on(scrapy: Run, spiders: Path) -> None:
    (spiders / "quebrado.py").write_text("def (:\n")
    done = scrapy("learn", "saudavel")
    assert "no articles of saudavel" in done.stderr


def test_a_package_that_is_not_there_is_one_line(command: Run, tmp_path: Path) -> None:
    done = command(tmp_path, "list", last=("-s", "SPIDER_MODULES=nowhere.at.all,aurora_crawl.demo.spiders"))
    assert (done.returncode, done.stdout) == (0, "ofaroldovale\n")
    assert "nowhere.at.all: ModuleNotFoundError: No module named 'nowhere'" in done.stderr
