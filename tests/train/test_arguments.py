"""The configuration as transformers' Trainer takes it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch

from train.arguments import training_arguments
from train.config import Config, DatasetKeys
from train.keys.base import ConfigError
from train.machine import Machine

CPU = Machine("cpu", "CPU", torch.float32, "adamw_torch", "sdpa")


def settings(**values: object) -> Config:
    return Config.model_validate({"base_model": "x", "datasets": [DatasetKeys(path=".")]} | values)


def test_checkpoints_and_evaluations_of_an_epoch_become_steps(tmp_path: Path) -> None:
    config = settings(saves_per_epoch=4, evals_per_epoch=2)
    found = training_arguments(config, CPU, tmp_path, steps_per_epoch=10, evaluates=True)
    assert (found.save_steps, found.eval_steps) == (3, 5)
    assert not found.bf16
    assert found.lr_scheduler_type == "cosine"


def test_w_and_b_that_is_not_installed_is_passed_over_or_under_strict_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if importlib.util.find_spec("wandb"):
        pytest.skip("wandb is installed here")
    found = training_arguments(settings(wandb_project="p"), CPU, tmp_path, steps_per_epoch=1, evaluates=False)
    assert found.report_to == []
    assert "wandb is not installed" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="pip install wandb"):
        training_arguments(settings(wandb_project="p", strict=True), CPU, tmp_path, steps_per_epoch=1, evaluates=False)
