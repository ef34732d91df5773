"""The direction of imports: who may know whom, and which parts do without Scrapy."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "aurora_crawl"

# Each room and the rooms it may import. `commands`, `maintenance` and `demo` are faces and may know all.
MAY_IMPORT = {
    "items": set(),
    "addresses": set(),
    "settings": set(),
    "processes": set(),
    "executor": {"processes"},
    "text": {"items"},
    "extraction": {"text", "items", "addresses"},
    "storage": {"items", "addresses"},
    "running": {"storage", "items"},
    "routes": {"extraction", "text", "items", "addresses", "storage"},
    "crawling": {"routes", "extraction", "text", "items", "addresses", "storage"},
    "platforms": {"crawling", "routes", "extraction", "text", "items", "addresses", "storage"},
    "spiders": {"platforms", "routes", "extraction"},
    "pipelines": {"text", "storage", "items", "addresses", "running"},
    "web": {"extraction", "text", "storage", "items", "addresses", "running"},
    "monitoring": {"storage", "items", "running", "pipelines"},
    "corpus": {"text", "storage", "items", "addresses", "executor", "processes"},
}
WITHOUT_SCRAPY = {"processes", "executor", "extraction", "text", "storage", "items", "addresses", "corpus"}


def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
            if node.module == PACKAGE:
                names.update(f"{PACKAGE}.{alias.name}" for alias in node.names)
    return names


def room(path: Path) -> str:
    return path.relative_to(ROOT / PACKAGE).parts[0].removesuffix(".py")


FILES = sorted((ROOT / PACKAGE).rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    here = room(path)
    if here in ("commands", "maintenance", "demo", "__init__"):
        return
    assert here in MAY_IMPORT, f"{path}: a room that the architecture does not name"
    rooms = {name.split(".")[1] for name in imported(path) if name.startswith(f"{PACKAGE}.")}
    assert rooms - {here} <= MAY_IMPORT[here]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pure_rooms_do_without_scrapy(path: Path) -> None:
    if room(path) in WITHOUT_SCRAPY:
        assert not {name.split(".")[0] for name in imported(path)} & {"scrapy", "twisted"}


def test_training_and_crawling_do_not_know_each_other() -> None:
    for path in (ROOT / "train").rglob("*.py"):
        assert not [name for name in imported(path) if name.split(".")[0] == PACKAGE], path
    for path in FILES:
        assert not [name for name in imported(path) if name.split(".")[0] == "train"], path


def test_the_rooms_import_each_other_in_one_direction() -> None:
    order = list(MAY_IMPORT)
    for here, others in MAY_IMPORT.items():
        for other in others:
            assert here not in MAY_IMPORT[other], f"{here} and {other} import each other"
            assert order.index(other) < order.index(here) or here in ("monitoring",), f"{here} stands before {other}"
