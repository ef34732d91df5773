"""The notebook for a free T4 is a notebook without results, and its commands exist; the integration tests run its cells."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tests.test_readme import faults_of

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "t4.ipynb"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of program text, as Jupyter runs it."""

    source: str
    tags: frozenset[str]


def cells() -> list[Cell]:
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return [
        Cell("".join(cell["source"]), frozenset(cell["metadata"].get("tags", ())))
        for cell in book["cells"]
        if cell["cell_type"] == "code"
    ]


def test_the_file_is_a_notebook_without_results() -> None:
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["metadata"]["accelerator"] == "GPU"
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    for cell in book["cells"]:
        assert cell["cell_type"] in ("markdown", "code")
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        else:
            links = re.findall(r"\]\(([^)#:]+)\)", "".join(cell["source"]))
            assert all((NOTEBOOK.parent / link).is_file() for link in links)


def test_its_commands_exist_with_their_options() -> None:
    lines = [line.strip()[1:] for cell in cells() for line in cell.source.splitlines() if line.strip().startswith("!")]
    assert len(lines) > 5
    assert {line: faults for line in lines if (faults := faults_of(re.sub(r"\{[^{}]*\}", "VALUE", line)))} == {}
