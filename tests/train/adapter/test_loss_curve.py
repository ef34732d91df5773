"""The picture of a run's losses, and its place in the model card."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

from train.adapter.loss_curve import MOST_POINTS, lines_of, loss_curve

SVG = "{http://www.w3.org/2000/svg}"


def test_losses_become_lines_and_what_is_no_number_none() -> None:
    history = [
        {"loss": 3.0, "step": 1},
        {"loss": math.nan, "step": 2},
        {"eval_loss": 2.5, "step": 2},
        {"loss": 2.0, "step": 3},
        {"train_runtime": 5.0, "step": 3},
        # After a resume from step 2 the third step is made once more.
        {"loss": 1.5, "step": 3},
        {"learning_rate": 1e-4},
    ]
    assert {line.kind: line.points for line in lines_of(history)} == {
        "loss": ((1, 3.0), (3, 1.5)),
        "eval_loss": ((2, 2.5),),
    }
    assert lines_of([{"train_runtime": 5.0, "step": 3}]) == []


@pytest.mark.parametrize("losses", [[2.0], [2.0, 2.0], [9.0, 3.0, 2.5, 2.4]])
def test_every_point_lies_in_the_picture_and_falls_with_the_loss(losses: list[float]) -> None:
    lines = lines_of([{"loss": loss, "step": step} for step, loss in enumerate(losses, 1)])
    picture = ElementTree.fromstring(loss_curve(lines, "adapters/<x> & y"))  # noqa: S314 - made here
    width, height = map(float, picture.attrib["viewBox"].split()[2:])
    (drawn,) = picture.iter(f"{SVG}polyline")
    points = [tuple(map(float, point.split(","))) for point in drawn.attrib["points"].split()]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted(y for _, y in points)
    assert picture.findtext(f"{SVG}title") == "adapters/<x> & y"


def test_a_long_run_is_a_small_picture_whose_line_goes_to_its_end() -> None:
    (line,) = lines_of([{"loss": 3.0 - step / 50_000, "step": step} for step in range(1, 50_001)])
    assert len(line.points) <= MOST_POINTS
    assert line.points[-1][0] == 50_000
    assert len(loss_curve([line], "x")) < 20_000
