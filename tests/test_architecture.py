"""The direction of imports: who may know whom, and which parts do without Scrapy."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "aurora_crawl"

# Each room and the rooms, or single modules of a room, it may import. `actions`, `maintenance` and `demo` may
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
    "budget": set(),
    "text": {"items"},
    "extraction": {"budget", "text", "items", "addresses"},
    "storage": {"items", "addresses", "files"},
    "routes": {"budget", "extraction", "text", "items", "addresses", "storage"},
    "crawling": {"budget", "routes", "extraction", "text", "items", "addresses", "storage", "stat_names"},
    "platforms": {"crawling", "routes", "extraction", "text", "items", "addresses", "storage", "stat_names"},
    "spiders": {"platforms", "routes", "extraction"},
    "pipelines": {"budget", "crawling.context", "text", "storage", "items", "addresses", "stat_names"},
    "web": {
        "crawling.context",
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
    "commands": {
        "command",
        "addresses",
        "crawling.arguments",
        "monitoring.outcome",
        "corpus.options",
        "corpus.token_count",
        "text.quality",
    },
    "harvest": {"extraction", "text", "storage", "items", "addresses", "files"},
    "corpus": {"text", "storage", "items", "addresses", "executor", "files"},
    "inspection": {
        "budget",
        "platforms",
        "crawling",
        "routes",
        "web",
        "files",
        "corpus.token_budget",
        "extraction",
        "text",
        "storage",
        "items",
        "addresses",
    },
}
FOR_ALL = {"errors", "messages"}
WITHOUT_SCRAPY = {
    "messages",
    "errors",
    "stat_names",
    "files",
    "executor",
    "budget",
    "extraction",
    "text",
    "storage",
    "items",
    "addresses",
    "harvest",
    "corpus",
}


@cache
def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(_tree(path)):
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
    if here in ("actions", "maintenance", "demo", "__init__", "__main__"):
        return
    assert here in MAY_IMPORT, f"{path}: a room that the architecture does not name"
    modules = {name.removeprefix(f"{PACKAGE}.") for name in imported(path) if name.startswith(f"{PACKAGE}.")}
    assert {name for name in modules if not _is_among(name, MAY_IMPORT[here] | FOR_ALL | {here})} == set()


def _is_among(module: str, allowed: set[str]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in allowed)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """`imported` sees what stands under TYPE_CHECKING and inside functions too."""
    graph = {module_of(path): {name for name in imported(path) if name.split(".")[0] == PACKAGE} for path in FILES}
    assert circles(graph) == []


OF_AN_EXTRA = "it comes with an extra, or is heavy, and only who uses it needs it"
BY_CONTENT_TYPE = "a reader is loaded when its first file comes, in the process that reads"
STARTS_AT_ONCE = (
    "`scrapy list` and every --help load all commands and all sites: what only a crawl or one command does waits"
)
CRAWL_LAZY_IMPORTS = {
    ("__main__.py", "scrapy.cmdline"): "training needs no Scrapy",
    ("__main__.py", "scrapy.utils.conf"): "training needs no Scrapy",
    ("corpus/hub.py", "huggingface_hub"): OF_AN_EXTRA,
    ("corpus/hub_rows.py", "huggingface_hub"): OF_AN_EXTRA,
    ("corpus/hub_rows.py", "pyarrow"): OF_AN_EXTRA,
    ("corpus/hub_rows.py", "pyarrow.parquet"): OF_AN_EXTRA,
    ("corpus/hub.py", "huggingface_hub.errors"): OF_AN_EXTRA,
    ("corpus/minhash.py", "rensa"): OF_AN_EXTRA,
    ("corpus/token_count.py", "mistral_common.tokens.tokenizers.mistral"): OF_AN_EXTRA,
    ("corpus/token_count.py", "tokenizers"): OF_AN_EXTRA,
    ("crawling/book_files.py", "yaml"): OF_AN_EXTRA,
    ("crawling/site_spider.py", "aurora_crawl.crawling.site_crawl"): STARTS_AT_ONCE,
    ("executor.py", "distributed"): OF_AN_EXTRA,
    ("executor.py", "distributed.comm.core"): OF_AN_EXTRA,
    ("extraction/__init__.py", "aurora_crawl.extraction.article"): STARTS_AT_ONCE,
    ("extraction/books/docx.py", "mammoth"): OF_AN_EXTRA,
    ("extraction/books/html_book.py", "charset_normalizer"): OF_AN_EXTRA,
    ("extraction/readers.py", "aurora_crawl.extraction.books.docx"): BY_CONTENT_TYPE,
    ("extraction/readers.py", "aurora_crawl.extraction.books.epub"): BY_CONTENT_TYPE,
    ("extraction/readers.py", "aurora_crawl.extraction.books.html_book"): BY_CONTENT_TYPE,
    ("extraction/readers.py", "aurora_crawl.extraction.books.pdf_book"): BY_CONTENT_TYPE,
    ("extraction/readers.py", "aurora_crawl.extraction.books.plain_text"): BY_CONTENT_TYPE,
    ("extraction/readers.py", "aurora_crawl.extraction.books.scanned"): BY_CONTENT_TYPE,
    ("maintenance/stored_articles.py", "pyarrow"): OF_AN_EXTRA,
    ("monitoring/console.py", "tqdm"): STARTS_AT_ONCE,
    ("platforms/folder.py", "aurora_crawl.crawling.folder_crawl"): STARTS_AT_ONCE,
    ("routes/loadmore.py", "playwright.async_api"): OF_AN_EXTRA,
    ("routes/rest.py", "aurora_crawl.extraction.wordpress_post"): STARTS_AT_ONCE,
    (
        "storage/forgotten.py",
        "aurora_crawl.storage.fingerprints",
    ): "numpy, which only who archives after a forgetting needs",
    ("text/language.py", "py3langid.langid"): "it loads its model, which only crawls and the corpus need",
    ("crawling/crawl_process.py", "twisted.internet"): "importing the reactor installs it, and Scrapy chooses which",
    ("text/unicode.py", "ftfy"): "a tenth of the start of every command, and only texts with faults need it",
    ("text/unicode.py", "ftfy.fixes"): "a tenth of the start of every command, and only texts with faults need it",
}
"""The imports of `aurora_crawl` that stand inside a function, each with its reason."""


def test_imports_stand_at_the_top_of_files_but_for_those_with_a_reason() -> None:
    found = {(str(path.relative_to(ROOT / PACKAGE)), name) for path in FILES for name, _ in imported_in_functions(path)}
    assert found == CRAWL_LAZY_IMPORTS.keys()


def test_each_action_is_what_a_command_does() -> None:
    """`AuroraCommand.follow` loads it by the command's name; a command without one follows its arguments itself."""
    commands = {path.stem: path for path in (ROOT / PACKAGE / "commands").glob("[a-z]*.py")}
    actions = {
        path.stem
        for path in (ROOT / PACKAGE / "actions").glob("[a-z]*.py")
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in _tree(path).body)
    }
    itself = {
        name
        for name, path in commands.items()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef) and node.name == "follow"
    }
    assert actions.isdisjoint(itself)
    assert actions | itself == commands.keys()


OPEN_SHAPES = 30
"""So many places at most where a value's shape is truly open: what others' programs write as JSON, and settings."""


def test_hardly_anything_is_of_an_open_shape() -> None:
    uses = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (*FILES, *TRAIN_FILES)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Subscript) and ast.unparse(node).lower() == "dict[str, any]"
    ]
    assert len(uses) <= OPEN_SHAPES, "\n".join(uses)


CASTS = {"list[etree._Element]", "list[etree._ElementUnicodeResult]", "list[str]", "Part"}
"""What a value may be said to be without proof: what lxml's XPath returns, and a group of a pattern that names it."""


def test_no_value_is_said_to_be_what_nobody_looked_at() -> None:
    for path in (*FILES, *TRAIN_FILES):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("cast", "typing.cast"):
                kind = node.args[0]
                assert isinstance(kind, ast.Constant), f"{path}:{node.lineno}"
                assert kind.value in CASTS, f"{path}:{node.lineno}: {ast.unparse(node)}"
            if isinstance(node, ast.Name | ast.Attribute):
                assert not ast.unparse(node).endswith("SimpleNamespace"), f"{path}:{node.lineno}"


def test_what_must_be_the_same_everywhere_is_written_once() -> None:
    """The order of cleaning, the newest revision of an article, and the file that is whole or not there."""
    orders = _defining("STEPS", ast.Assign) + _defining("STEPS", ast.AnnAssign)
    assert [path for path in orders if "/actions/" not in path] == ["aurora_crawl/text/clean.py"]
    assert _defining("newest", ast.FunctionDef) == ["aurora_crawl/storage/articles.py"]
    assert _defining("write_whole", ast.FunctionDef) == ["aurora_crawl/files.py"]
    replacing = {
        str(path.relative_to(ROOT))
        for path in (*FILES, *TRAIN_FILES)
        if {"os.replace", "os.rename"} & {ast.unparse(node) for node in ast.walk(_tree(path)) if _is_dotted(node)}
    }
    # A folder of checkpoints is renamed before it is emptied, so that none is ever half there.
    assert replacing <= {"aurora_crawl/files.py", "train/atomic.py", "train/training/checkpoints.py"}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _is_dotted(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)


def _defining(name: str, kind: type[ast.stmt]) -> list[str]:
    """The files that define a name at the top."""
    found = []
    for path in FILES:
        for node in _tree(path).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            names = {getattr(one, "id", None) for one in targets} | {getattr(node, "name", None)}
            if isinstance(node, kind) and name in names:
                found.append(str(path.relative_to(ROOT)))
    return found


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
            assert order.index(other) < order.index(here) or here in ("monitoring", "commands"), (
                f"{here} stands before {other}"
            )


TRAIN = ROOT / "train"
BESIDE = {"errors", "cli", "console", "atomic"}
"""What every room of `train` may import."""

TRAIN_MAY_IMPORT = {
    "config": set(),
    "models": {"config"},
    "data": {"config", "models"},
    "adapter": {"config", "data", "models"},
    "planning": {"config", "data", "models"},
    "evaluation": {"config", "data", "models", "adapter", "planning"},
    "merging": {"config", "data", "models", "adapter", "planning"},
    "rehearsal": {"config", "data", "models", "adapter", "evaluation", "merging"},
    "training": {"config", "data", "models", "adapter", "planning", "rehearsal"},
    "export": {"config", "data", "models", "adapter", "planning", "merging"},
}
TRAIN_PROGRAMS = {"qlora", "evaluate", "merge", "generate", "selftest", "proofs"}

LAZY_IMPORTS = {
    ("train/qlora.py", "train.config.docs"): "--explain needs none of torch",
    (
        "train/qlora.py",
        "train.planning.dry_run",
    ): "--dry-run needs nothing of peft, which takes three times as long to load",
    ("train/qlora.py", "train.training.run"): "--help must not wait for torch, nor fail where it is not installed",
    ("train/evaluate.py", "train.evaluation.measuring"): "the same",
    ("train/merge.py", "train.merging.merged_model"): "the same",
    ("train/merge.py", "train.merging.onto"): "the same",
    ("train/export/__main__.py", "train.export.run"): "the same",
    ("train/selftest.py", "train.data.manifest"): "the same",
    ("train/selftest.py", "train.proofs"): "the same",
    ("train/generate.py", "torch"): "the same",
    ("train/generate.py", "train.adapter.load"): "the same",
    ("train/generate.py", "train.models.tokenizer"): "the same",
    ("train/evaluation/harness.py", "lm_eval"): "an extra of 250 MB, which most evaluations do without",
    ("train/evaluation/harness.py", "lm_eval.models.huggingface"): "the same",
    ("train/evaluation/harness.py", "lm_eval.tasks"): "the same",
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


@cache
def imported_in_functions(path: Path) -> list[tuple[str, int]]:
    """The modules that a file imports inside its functions, with their lines."""
    found: list[tuple[str, int]] = []
    for function in ast.walk(_tree(path)):
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
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and room(path) != "stat_names":
                assert not node.value.startswith("aurora/"), f"{path}: {node.value!r} stands in stat_names.py"
