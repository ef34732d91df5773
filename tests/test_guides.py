"""Every guide is there in both languages, with the same commands, settings and parts, and its links stay in its language."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
ENGLISH = sorted(path for path in DOCS.glob("*.md") if not path.name.endswith(".pt-BR.md"))
PROGRAMS = (
    "scrapy",
    "python",
    "python3",
    "pip",
    "make",
    "aurora",
    "dask",
    "docker",
    "git",
    "curl",
    "rsync",
    "accelerate",
)


def other(path: Path) -> Path:
    """The same guide in Portuguese."""
    return path.with_name(f"{path.stem}.pt-BR.md")


def commands(path: Path) -> list[str]:
    """The commands in blocks of code, fenced or indented, without their comments."""
    text = path.read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    lines += re.findall(r"^ {4}(\S.*)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    plain = [re.sub(r"\s+#.*", "", line).strip() for line in lines]
    return [line for line in plain if line.partition(" ")[0].rpartition("/")[2] in PROGRAMS]


def named(path: Path) -> set[str]:
    """Settings, options, keys and rules that stand as code in the text."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", text)
    return {
        span
        for span in spans
        if re.fullmatch(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+|-{1,2}[a-z][\w-]*|page-[\w-]+|[a-z]+_[a-z_0-9]+", span)
    }


def shape(path: Path) -> Counter[str]:
    """How many headings of each class, rows of tables and pictures a page has."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = Counter(f"heading {len(match)}" for match in re.findall(r"^(#+) ", text, re.MULTILINE))
    found["rows"] = len(re.findall(r"^\|", text, re.MULTILINE))
    found["pictures"] = text.count("![")
    return found


def test_every_guide_has_its_pair() -> None:
    assert {other(path).name for path in ENGLISH} == {path.name for path in DOCS.glob("*.pt-BR.md")}
    assert len(ENGLISH) > 10


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: path.stem)
def test_a_pair_says_the_same_commands_settings_and_parts(path: Path) -> None:
    pair = other(path)
    assert commands(path) == commands(pair)
    # The tables of a training's keys are made of the program, and stand in one page.
    whole = "keys: written by" not in path.read_text(encoding="utf-8")
    if whole:
        assert named(path) == named(pair)
        assert shape(path) == shape(pair)
    else:
        assert named(pair) <= named(path)
        assert shape(pair)["heading 2"] == shape(path)["heading 2"]


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: path.stem)
def test_each_of_a_pair_leads_to_the_other_and_its_links_stay_in_its_language(path: Path) -> None:
    pair = other(path)
    for page, partner in ((path, pair), (pair, path)):
        links = re.findall(r"\]\(([\w.-]+\.md)(#[^)]*)?\)", page.read_text(encoding="utf-8"))
        assert (partner.name, "") in links, f"{page.name} does not lead to {partner.name}"
        portuguese = page is pair
        strays = {name for name, part in links if name.endswith(".pt-BR.md") != portuguese and name != partner.name}
        assert strays == set(), page.name
