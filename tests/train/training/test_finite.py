"""No number passes for a number: a run without one ends in a line, and nothing that looks finished is left."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import TrainerControl, TrainerState, TrainingArguments

from train.data.packing import PackedRows, collate
from train.errors import NotANumberError
from train.qlora import main
from train.training.finite import PASSED_OVER, FiniteNumbers


@dataclass
class Optimizer:
    """What accelerate's optimizer says of the last step."""

    step_was_skipped: bool


@pytest.fixture
def arguments(tmp_path: Path) -> TrainingArguments:
    return TrainingArguments(output_dir=str(tmp_path), use_cpu=True)


@pytest.mark.parametrize(
    "values",
    [
        {"logging_steps": 50},
        {"logging_steps": 1},
        {"logging_steps": 50, "max_steps": 1},
        {"logging_steps": 50, "save_strategy": "no"},
        {"logging_steps": 50, "val_set_size": 4, "eval_steps": 2},
        {"logging_steps": 50, "val_set_size": 4, "eval_steps": 2, "load_best_model_at_end": True},
    ],
    ids=str,
)
def test_a_run_that_diverges_ends_in_one_line_and_leaves_no_adapter(
    recipe: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], values: dict[str, object]
) -> None:
    path = recipe(**{"learning_rate": 1.0e32, "warmup_steps": 0, "max_steps": 4} | values)
    assert main([str(path)]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ")
    assert "lower learning_rate" in last
    left = {path.name for path in (tmp_path / "adaptador").iterdir()}
    assert not left & {"adapter_config.json", "adapter_model.safetensors", ".trained"}


def test_a_step_that_float16_passes_over_ends_nothing_until_many_follow_each_other(
    arguments: TrainingArguments, tmp_path: Path
) -> None:
    finite, control = FiniteNumbers(tmp_path), TrainerControl()
    skipped, made = Optimizer(step_was_skipped=True), Optimizer(step_was_skipped=False)
    finite.on_step_end(arguments, TrainerState(global_step=1), control, optimizer=skipped)
    finite.on_log(arguments, TrainerState(global_step=1), control, {"loss": math.inf})
    finite.on_step_end(arguments, TrainerState(global_step=2), control, optimizer=made)
    with pytest.raises(NotANumberError, match="loss of step 2"):
        finite.on_log(arguments, TrainerState(global_step=2), control, {"loss": math.nan})
    finite.on_log(arguments, TrainerState(global_step=2), control, {"train_loss": math.nan})
    for _ in range(PASSED_OVER - 1):
        finite.on_step_end(arguments, TrainerState(global_step=3), control, optimizer=skipped)
    with pytest.raises(NotANumberError, match="in a row"):
        finite.on_step_end(arguments, TrainerState(global_step=4), control, optimizer=skipped)


def test_a_held_out_loss_that_is_no_number_is_the_worst_not_the_best(
    arguments: TrainingArguments, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finite, model = FiniteNumbers(tmp_path), torch.nn.Linear(2, 2)
    metrics = {"eval_loss": math.nan}
    finite.on_evaluate(arguments, TrainerState(global_step=7), TrainerControl(), metrics, model=model)
    assert metrics["eval_loss"] == math.inf
    assert "step 7" in capsys.readouterr().err
    torch.nn.init.constant_(model.bias, math.nan)
    with pytest.raises(NotANumberError, match="weights of bias"):
        finite.on_evaluate(arguments, TrainerState(), TrainerControl(), {"eval_loss": math.nan}, model=model)
    with pytest.raises(NotANumberError, match="weights of bias"):
        finite.on_save(arguments, TrainerState(), TrainerControl(), model=model)


@pytest.mark.parametrize("packed", [True, False])
def test_a_row_of_which_no_token_has_a_label_is_left_out(packed: bool) -> None:
    lengths = np.array([1, 9, 1, 7, 1, 8])
    rows = PackedRows.pack(np.arange(lengths.sum()), lengths, 9, seed=0, packed=packed)
    batches: list[Any] = [collate([rows[index]]) for index in range(len(rows))]
    assert all((batch["labels"] != -100).any() for batch in batches)
    assert {9, 7, 8} <= set(rows.layout.lengths.tolist())
