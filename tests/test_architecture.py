"""The direction of imports: who may know whom, and which parts do without Scrapy."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "aurora_crawl"

# Each room and the rooms, or single modules of a room, it may import. `commands`, `maintenance` and `demo` are faces and may
# know all.
MAY_IMPORT = {
    "messages": set(),
    "errors": {"messages"},
    "stat_names": set(),
    "items": set(),
    "addresses": set(),
    "settings": set(),
    "files": set(),
    "executor": set(),
    "text": {"items"},
    "extraction": {"text", "items", "addresses"},
    "storage": {"items", "addresses", "files"},
    "routes": {"extraction", "text", "items", "addresses", "storage"},
    "crawling": {"routes", "extraction", "text", "items", "addresses", "storage", "stat_names"},
    "platforms": {"crawling", "routes", "extraction", "text", "items", "addresses", "storage", "stat_names"},
    "spiders": {"platforms", "routes", "extraction"},
    "pipelines": {"crawling.context", "text", "storage", "items", "addresses", "stat_names"},
    "web": {
        "crawling.context",
        "crawling.article_page",
        "extraction",
        "text",
        "storage",
        "items",
        "addresses",
        "stat_names",
    },
    "monitoring": {"crawling.context", "storage", "files", "items", "pipelines", "stat_names"},
    "settings_check": {"settings"},
    "command": {"crawling", "monitoring", "settings_check"},
    "corpus": {"text", "storage", "items", "addresses", "executor", "files"},
}
FOR_ALL = {"errors", "messages"}
WITHOUT_SCRAPY = {
    "messages",
    "errors",
    "stat_names",
    "files",
    "executor",
    "extraction",
    "text",
    "storage",
    "items",
    "addresses",
    "corpus",
}


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
    modules = {name.removeprefix(f"{PACKAGE}.") for name in imported(path) if name.startswith(f"{PACKAGE}.")}
    assert {name for name in modules if not _is_among(name, MAY_IMPORT[here] | FOR_ALL | {here})} == set()


def _is_among(module: str, allowed: set[str]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in allowed)


@pytest.mark.parametrize("here", ["crawling", "routes", "web"])
def test_no_circle_of_imports_within_a_room(here: str) -> None:
    """`imported` sees what stands under TYPE_CHECKING and inside functions too."""
    modules = {f"{PACKAGE}.{here}.{path.stem}": imported(path) for path in (ROOT / PACKAGE / here).glob("*.py")}
    needs = {name: names & modules.keys() - {name} for name, names in modules.items()}
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' imports '.join(error.args[1])}")
    assert set(order) == modules.keys()


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
            other = other.split(".")[0]
            assert here not in MAY_IMPORT[other], f"{here} and {other} import each other"
            assert order.index(other) < order.index(here) or here in ("monitoring",), f"{here} stands before {other}"


TRAIN = ROOT / "train"
BESIDE = {"errors", "cli", "console", "atomic"}
"""What every room of `train` may import."""

TRAIN_MAY_IMPORT = {
    "config": set(),
    "models": {"config"},
    "data": {"config", "models"},
    "adapter": {"config", "data", "models"},
    "planning": {"config", "data", "models"},
    "training": {"config", "data", "models", "adapter", "planning"},
    "evaluation": {"config", "data", "models", "adapter", "planning"},
    "merging": {"config", "data", "models", "adapter", "planning"},
}
TRAIN_PROGRAMS = {"qlora", "evaluate", "merge", "generate", "selftest", "proofs"}

LAZY_IMPORTS = {
    ("train/qlora.py", "train.config.docs"): "--explain needs none of torch",
    (
        "train/qlora.py",
        "train.planning.dry_run",
    ): "--dry-run needs nothing of peft, which takes three times as long to load",
    ("train/qlora.py", "train.training.run"): "--help must not wait for torch, nor fail where it is not installed",
    ("train/evaluate.py", "train.evaluation.report"): "the same",
    ("train/merge.py", "train.merging.merged_model"): "the same",
    ("train/selftest.py", "train.data.manifest"): "the same",
    ("train/selftest.py", "train.proofs"): "the same",
    ("train/generate.py", "torch"): "the same",
    ("train/generate.py", "train.adapter.load"): "the same",
    ("train/generate.py", "train.models.tokenizer"): "the same",
    (
        "train/data/hub_dataset.py",
        "datasets",
    ): "it looks at HF_HUB_OFFLINE when it is imported, and most data needs none of it",
}
"""The imports of `train` that stand inside a function, each with its reason."""

TRAIN_FILES = sorted(TRAIN.rglob("*.py"))


def module_of(path: Path) -> str:
    """The dotted name of a file's module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_in_functions(path: Path) -> list[tuple[str, int]]:
    """The modules that a file imports inside its functions, with their lines."""
    found: list[tuple[str, int]] = []
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import):
                    found += [(alias.name, node.lineno) for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    found.append((node.module or "", node.lineno))
    return found


@pytest.mark.parametrize("path", TRAIN_FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_of_train_imports_only_what_it_may(path: Path) -> None:
    here = path.relative_to(TRAIN).parts[0].removesuffix(".py")
    rooms = {name.split(".")[1] for name in imported(path) if name.startswith("train.")} - {here}
    if here in TRAIN_PROGRAMS | {"__init__"}:
        return
    if here in BESIDE:
        assert rooms <= BESIDE
        return
    assert here in TRAIN_MAY_IMPORT, f"{path}: a room that the architecture does not name"
    assert rooms - BESIDE <= TRAIN_MAY_IMPORT[here]


def test_imports_of_train_stand_at_the_top_of_files_but_for_those_with_a_reason() -> None:
    found = {(str(path.relative_to(ROOT)), name) for path in TRAIN_FILES for name, _ in imported_in_functions(path)}
    assert found == LAZY_IMPORTS.keys()


def test_no_modules_of_train_import_each_other_in_a_circle() -> None:
    graph = {
        module_of(path): {name for name in imported(path) if name.split(".")[0] == "train"} for path in TRAIN_FILES
    }
    assert circles(graph) == []


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The circles of a graph of imports, each as the modules on its way."""
    done: set[str] = set()
    found: list[list[str]] = []

    def walk(module: str, way: list[str]) -> None:
        if module in way:
            found.append([*way[way.index(module) :], module])
            return
        if module in done:
            return
        for other in sorted(graph.get(module, ())):
            walk(other, [*way, module])
        done.add(module)

    for module in sorted(graph):
        walk(module, [])
    return found


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c", "b"]]


def test_what_a_crawl_counts_is_named_once() -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and room(path) != "stat_names":
                assert not node.value.startswith("aurora/"), f"{path}: {node.value!r} stands in stat_names.py"
