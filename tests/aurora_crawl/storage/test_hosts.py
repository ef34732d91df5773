"""A host's clock outlives wrong clocks and absurd wishes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora_crawl.storage.hosts import FARTHEST_TURN, LONGEST_CLOSED, HostClock

NOW = 1_700_000_000.0
DAY = 86400.0


def clock(data: Path, at: float = NOW) -> HostClock:
    return HostClock(data, "exemplo.invalid", lambda: at)


@pytest.mark.parametrize("ahead", [DAY, 400 * DAY])
def test_a_clock_that_stood_ahead_makes_nobody_wait(tmp_path: Path, ahead: float) -> None:
    clock(tmp_path, NOW + ahead).reserve(2.0)
    assert clock(tmp_path).reserve(2.0) == 0.0
    assert clock(tmp_path).reserve(2.0) == 2.0


def test_turns_are_booked_one_after_the_other(tmp_path: Path) -> None:
    assert [clock(tmp_path).reserve(60.0) for _ in range(4)] == [0.0, 60.0, 120.0, 180.0]
    assert FARTHEST_TURN >= 180.0


def test_turns_that_are_given_back_are_free_again_but_not_those_before_others(tmp_path: Path) -> None:
    turns = [NOW + clock(tmp_path).reserve(10.0) for _ in range(4)]
    clock(tmp_path).give_back(turns[2:], 10.0)
    assert clock(tmp_path).reserve(10.0) == 20.0
    clock(tmp_path).give_back(turns[:1], 10.0)
    assert clock(tmp_path).reserve(10.0) == 30.0


@pytest.mark.parametrize("seconds", [8000 * 365 * DAY, 1e300])
def test_a_wait_for_ever_is_a_week(tmp_path: Path, seconds: float) -> None:
    clock(tmp_path).close_for(seconds)
    assert clock(tmp_path).closed_for() == LONGEST_CLOSED
    assert clock(tmp_path, NOW + LONGEST_CLOSED).closed_for() == 0.0


def test_a_wait_that_only_a_wrong_clock_can_have_meant_is_none(tmp_path: Path) -> None:
    clock(tmp_path, NOW + 30 * DAY).close_for(60.0)
    assert clock(tmp_path).closed_for() == 0.0
    clock(tmp_path).close_for(60.0)
    assert clock(tmp_path).closed_for() == 60.0


@pytest.mark.parametrize("value", ["Infinity", "NaN", "-5", "1e999", "[]", "true"])
def test_a_file_of_nonsense_says_nothing(tmp_path: Path, value: str) -> None:
    clock(tmp_path).reserve(1.0)
    (path,) = (tmp_path / "hosts").iterdir()
    path.write_text(f'{{"next": {value}, "closed_until": {value}}}')
    assert clock(tmp_path).closed_for() == 0.0
    assert clock(tmp_path).reserve(1.0) == 0.0
    assert json.loads(path.read_text())["next"] == NOW + 1.0


def test_what_a_host_said_can_be_forgotten(tmp_path: Path) -> None:
    clock(tmp_path).close_for(DAY)
    clock(tmp_path).reserve(60.0)
    clock(tmp_path).reopen()
    assert clock(tmp_path).closed_for() == 0.0
    assert clock(tmp_path).reserve(60.0) == 0.0
