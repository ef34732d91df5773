"""`aurora WORD`: one way in to the programs of both packages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aurora_crawl import __main__ as entry
from aurora_crawl.messages import speak


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each word runs as in a process of its own."""
    monkeypatch.setattr(sys, "argv", ["aurora"])
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", entry.SETTINGS)
    before = dict(sys.modules)
    yield
    for name in [name for name in sys.modules if name not in before and name.startswith("train")]:
        del sys.modules[name]
    speak("en")


@pytest.mark.parametrize("language", ["en", "pt_BR"])
def test_help_names_every_word_in_the_reader_s_language(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AURORA_LANG", language)
    speak(None)
    assert entry.main(["--help"]) == 0
    said = capsys.readouterr().out
    for word in ("crawl", "corpus", "status", "articles", "list", "train", "chat", "demo", "merge"):
        assert f"\n  {word} " in said
    assert ("usage: aurora WORD" in said) == (language == "en")
    assert ("Coleta um site" in said) == (language == "pt_BR")


@pytest.mark.parametrize("word", [*entry.crawl_words(), *entry.OF_SCRAPY, *entry.programs()])
def test_each_word_is_its_program(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main([word, "--help"]) == 0
    assert "usage" in capsys.readouterr().out.lower()


@pytest.mark.parametrize(("word", "says"), [("craw", "did you mean crawl?"), ("xyzzy", "`aurora --help` names them")])
def test_an_unknown_word_is_one_line(word: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main([word]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


def test_the_exit_status_is_the_program_s(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert entry.main(["verify", "nada", "-s", f"DATA_DIR={tmp_path}"]) == 2
    assert entry.main(["train"]) == 2


def test_a_file_that_shadows_a_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "train.py").write_text("print('mine')\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "train"]:
        monkeypatch.delitem(sys.modules, name)
    assert entry.main(["train", "--help"]) == 2
    said = capsys.readouterr()
    assert f"{tmp_path / 'train.py'} stands in the way of Aurora BR's `train`" in said.err
    assert "mine" not in said.out
