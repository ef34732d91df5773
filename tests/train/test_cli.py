"""Errors of the programs: one line, and the status that belongs to them."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from train.cli import EXTRA, ended
from train.errors import ConfigError, DataError, TrainError


def fails(error: Exception) -> int:
    def program() -> int:
        raise error

    return ended(program)


@pytest.mark.parametrize(
    ("error", "status"),
    [(ConfigError("a key"), 2), (DataError("a\nfile"), 2), (TrainError("else"), 1), (OSError(28, "no space left"), 2)],
    ids=str,
)
def test_an_error_is_one_line(error: Exception, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert fails(error) == status
    assert capsys.readouterr().err == f"error: {' '.join(str(error).split())}\n"


def test_without_the_extra_a_program_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert fails(ModuleNotFoundError("No module named 'torch'", name="torch")) == 2
    assert "pip install 'aurora-br[train]'" in capsys.readouterr().err


def test_an_error_of_the_program_itself_is_not_hidden() -> None:
    with pytest.raises(ModuleNotFoundError):
        fails(ModuleNotFoundError("No module named 'train.nothing'", name="train.nothing"))
    with pytest.raises(ValueError, match="a mistake"):
        fails(ValueError("a mistake"))


def test_every_program_without_the_extra_is_one_line() -> None:
    script = """
import importlib, sys
for name in {names}: sys.modules[name] = None
for program, words in {programs}:
    print(program, importlib.import_module("train." + program).main(words))
"""
    programs = [
        ("qlora", ["a.yml"]),
        ("qlora", ["a.yml", "--dry-run"]),
        ("qlora", ["--explain", "lora_r"]),
        ("qlora", ["--help"]),
        ("evaluate", ["--base_model", "a", "--datasets", "b"]),
        ("generate", ["--base_model", "a", "--prompt", "b"]),
        ("merge", ["--adapter", "a", "--output", "b-not-there"]),
        ("selftest", []),
    ]
    text = script.format(names=sorted(EXTRA), programs=programs)
    ran = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    status = [
        line.split()[1] for line in ran.stdout.splitlines() if line.split()[:1] and line.split()[0] in dict(programs)
    ]
    assert status == ["2", "2", "2", "0", "2", "2", "2", "2"], ran.stderr
    lines = ran.stderr.splitlines()
    assert len(lines) == 7
    assert all(line.startswith("error: ") and "pip install 'aurora-br[train]'" in line for line in lines)


def test_what_the_extra_brings_is_known() -> None:
    setup = configparser.ConfigParser()
    setup.read(Path(__file__).parents[2] / "setup.cfg")
    named = setup["options.extras_require"]["train"].split()
    # What others import for us, or what is asked for before it is imported.
    behind = {"protobuf", "gguf", "mistral_common"}
    modules = {
        re.split("[=><]", name)[0].replace("-", "_").replace("PyYAML", "yaml") for name in named if name[0].isalpha()
    }
    assert modules - behind <= EXTRA
