"""Errors of the programs: one line, and the status that belongs to them."""

from __future__ import annotations

import pytest

from train.cli import ended
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
