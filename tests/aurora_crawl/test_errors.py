"""The tree of errors is what its docstring draws, and every error of the package is in it."""

import ast
import importlib
import re
from pathlib import Path

import aurora_crawl
from aurora_crawl import errors
from aurora_crawl.errors import AuroraError

PACKAGE = Path(aurora_crawl.__file__).parent
OF_SCRAPY_S_KIND = {"ArticleDropped", "Refused"}
CONDITIONS = {
    "BrokenBody",
    "BrokenRecord",
    "CutShort",
    "EndsWithin",
    "NotMembers",
    "InvalidParameters",
    "LockedError",
    "NoOrder",
    "NotRows",
    "NotXml",
    "HeadTooLong",
    "OverBudget",
    "PassedOver",
    "TooHeavy",
    "TooLarge",
}
"""What the next caller deals with, and no command ends by."""


def modules() -> list[str]:
    paths = (path.relative_to(PACKAGE.parent).with_suffix("") for path in sorted(PACKAGE.rglob("*.py")))
    return [".".join(path.parts) for path in paths if path.name not in ("__main__", "__init__")]


def drawn() -> dict[str, tuple[str, int]]:
    """Name to the name that it hangs from, and its exit status."""
    found: dict[str, tuple[str, int]] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if part := re.match(r"    ([│├└─ ]*)(\w+) +(\d+)\b", line):
            depth = len(part[1]) // 4
            above[depth:] = [part[2]]
            found[part[2]] = (above[depth - 1] if depth else "", int(part[3]))
    return found


def below(cls: type[AuroraError]) -> list[type[AuroraError]]:
    return [one for child in cls.__subclasses__() for one in (child, *below(child))]


def test_the_tree_is_as_it_is_drawn() -> None:
    for name in modules():
        importlib.import_module(name)
    real = {"AuroraError": ("", AuroraError.exit_status)}
    for cls in below(AuroraError):
        if cls.__module__.startswith("aurora_crawl."):
            real[cls.__name__] = (cls.__bases__[0].__name__, cls.exit_status)
    assert drawn() == real
    assert all(status for _, status in real.values()), "no error passes for a success"


def test_every_error_of_the_package_is_in_the_tree() -> None:
    known = {*drawn(), *OF_SCRAPY_S_KIND, *CONDITIONS}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                if any(base.endswith(("Error", "Exception")) or base in known for base in bases):
                    assert node.name in known, f"{path}: {node.name} is not in the tree of errors"
