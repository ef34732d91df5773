"""Every library that is imported is declared, pinned and explained."""

import ast
import configparser
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OWN = {"aurora_crawl", "train"}


def imported() -> dict[str, Path]:
    """The top-level modules of other projects that the two packages import, each with a file that does."""
    found: dict[str, Path] = {}
    for package in OWN:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                else:
                    continue
                found.update({name.split(".")[0]: path for name in names})
    return {name: path for name, path in found.items() if name not in OWN | sys.stdlib_module_names}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """The distributions that setup.cfg names, whether always or in an extra."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    lines = [*config["options"]["install_requires"].splitlines()]
    lines += [line for extra in config["options.extras_require"].values() for line in extra.splitlines()]
    return {normalised(re.split(r"[<>=\[; ]", line.strip())[0]) for line in lines if line.strip()}


# Parts of a declared library that have a distribution of their own, by that library's own doing.
COMES_WITH = {
    "twisted": "scrapy",
    "parsel": "scrapy",
    "huggingface-hub": "transformers",
    "numpy": "torch",
    "tokenizers": "transformers",
    "playwright": "scrapy-playwright",
    "pydantic-core": "pydantic",
    "cssselect": "scrapy",
}


def test_every_import_is_declared() -> None:
    known = declared()
    distributions = packages_distributions()
    for module, path in imported().items():
        names = {normalised(name) for name in distributions.get(module, [module])}
        names |= {COMES_WITH[name] for name in names & COMES_WITH.keys()}
        assert names & known, f"{path.relative_to(ROOT)} imports {module}, which setup.cfg does not name"


def test_everything_declared_is_pinned_and_explained() -> None:
    pins = {
        normalised(line.split("==")[0]) for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    }
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = {normalised(word) for word in re.findall(r"[\w-]+(?:\.[\w-]+)*", text)}
    for name in declared() - {"aurora-br"}:
        assert name in pins, f"{name} has no pin in constraints.txt"
        if not name.startswith("types-") and not name.endswith("-stubs"):
            assert name in explained, f"docs/dependencies.md does not say why {name}"


def test_nothing_is_declared_that_nobody_imports() -> None:
    distributions = packages_distributions()
    used = {normalised(name) for module in imported() for name in distributions.get(module, [module])}
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    always = {normalised(re.split(r"[<>=]", line)[0]) for line in config["options"]["install_requires"].split()}
    # trafilatura's import fails without lxml_html_clean where pip is old; nobody else needs it.
    assert always - used <= {"lxml-html-clean"}
