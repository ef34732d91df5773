"""How far something has come is shown, and how long it will take."""

from __future__ import annotations

import io

import pytest

from train.console import counting, duration, fitted


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_of_a_terminal_end_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = (
        "  held out: "
        + "quarenta e sete documentos " * 3
        + "/a/very/long/path/that/nobody/wants/to/see/broken/at/all\nshort"
    )
    lines = fitted(text, Terminal(), indent="    ").split("\n")
    assert " ".join(line.strip() for line in lines[:-1]) == text.partition("\n")[0].strip()
    assert all(len(line) < 40 or " " not in line.strip() for line in lines)
    assert lines[1].startswith("      ")
    assert lines[-1] == "short"
    assert fitted(text, io.StringIO()) == text


def test_durations_are_said_as_people_say_them() -> None:
    assert duration(48) == "48 s"
    assert duration(12 * 60) == "12 min"
    assert duration(3 * 3600 + 5 * 60) == "3 h 05 min"


def test_a_line_now_and_then_says_how_far_and_how_long(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 1.0, 20.0, 21.0, 40.0])
    with counting("merging", "weights", 100, clock=lambda: next(times)) as count:
        for _ in range(4):
            count(10)
    assert capsys.readouterr().err.splitlines() == [
        "merging: 20 of 100 weights, 80 s left",
        "merging: 40 of 100 weights, 60 s left",
    ]


def test_what_is_done_at_once_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with counting("reading", "documents") as count:
        count(10)
    assert not capsys.readouterr().err
