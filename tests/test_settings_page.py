"""The pages of every setting say what `settings.py` holds, and where each setting is used."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from scrapy.settings import default_settings

from aurora_crawl import settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "aurora_crawl"
PAGES = ("settings.md", "settings.pt-BR.md")
NAMES = [name for name in vars(settings) if name.isupper()]


def rows(page: str) -> dict[str, list[str]]:
    """The cells of each setting's row; a name that stands twice fails."""
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").partition("\n## Var")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| `")]
    assert len({row[0] for row in cells}) == len(cells)
    return {row[0].strip(" `"): row[1:] for row in cells}


@cache
def rooms() -> dict[str, set[str]]:
    """The rooms in which each setting is named; a constant that ends in `_` is the beginning of several names."""
    found: dict[str, set[str]] = {name: set() for name in NAMES}
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room in ("settings", "settings_check"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isupper():
                for name in NAMES:
                    if name == node.value or (node.value.endswith("_") and name.startswith(node.value)):
                        found[name].add(room)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_has_its_row_with_its_default_and_its_places(page: str) -> None:
    said = rows(page)
    assert sorted(said) == sorted(NAMES)
    for name, (default, meaning, places) in said.items():
        value = getattr(settings, name)
        assert (default == f"`{value!r}`") != isinstance(value, list | dict), name
        assert len(meaning) > 4, name
        assert set(re.findall(r"`(\w+)`", places)) == rooms()[name], name
        assert ("Scrapy" in places) == hasattr(default_settings, name), name
        assert rooms()[name] or re.search("Scrapy|Spidermon", places), f"{name} is used nowhere"


@pytest.mark.parametrize("page", PAGES)
def test_every_variable_of_the_environment_that_is_read_is_told(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    read = {"AURORA_LANG"}
    for package in (PACKAGE, ROOT / "train"):
        for path in package.rglob("*.py"):
            read |= set(re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", path.read_text(encoding="utf-8")))
    # What launchers and libraries set for their own processes is nobody's to set.
    assert {name for name in read - {"RANK", "LOCAL_RANK", "RAYON_NUM_THREADS"} if f"| `{name}` |" not in text} == set()
