"""The configuration as transformers' Trainer takes it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path

import pytest
import torch
from transformers import TrainingArguments

from train.config.load import Config, DatasetKeys
from train.models.device import Machine
from train.training.arguments import training_arguments

CPU = Machine("cpu", "CPU", torch.float32, "adamw_torch", "sdpa")


def settings(**values: object) -> Config:
    return Config.model_validate({"base_model": "x", "datasets": [DatasetKeys(path=".")]} | values)


def test_checkpoints_and_evaluations_of_an_epoch_become_steps(tmp_path: Path) -> None:
    config = settings(saves_per_epoch=4, evals_per_epoch=2)
    found = training_arguments(config, CPU, tmp_path, steps_per_epoch=10, evaluates=True)
    assert (found.save_steps, found.eval_steps) == (3, 5)
    assert not found.bf16
    assert found.lr_scheduler_type == "cosine"


@pytest.mark.parametrize(
    ("values", "name", "value"),
    [
        ({"neftune_noise_alpha": 5}, "neftune_noise_alpha", 5.0),
        ({"torch_compile": True}, "torch_compile", True),
        ({"warmup_ratio": 0.25}, "warmup_steps", 3),
        ({"warmup_ratio": 1.0}, "warmup_steps", 10),
        ({"warmup_steps": 7}, "warmup_steps", 7),
        ({"optimizer": "sgd", "optim_args": {"momentum": 0.9}}, "optim_args", "momentum=0.9"),
        ({"lr_scheduler": "cosine_with_min_lr", "lr_scheduler_kwargs": {"min_lr": 1e-5}}, "lr_scheduler_kwargs", None),
        ({"max_grad_norm": 0.3}, "max_grad_norm", 0.3),
        ({"eval_steps": 5, "early_stopping_patience": 2}, "metric_for_best_model", "eval_loss"),
        ({"use_tensorboard": True}, "report_to", ["tensorboard"]),
        ({"wandb_project": "p", "wandb_mode": "disabled"}, "report_to", []),
    ],
    ids=str,
)
def test_flags_are_passed_through(tmp_path: Path, values: dict[str, object], name: str, value: object) -> None:
    found = training_arguments(settings(**values), CPU, tmp_path, steps_per_epoch=10, evaluates=True)
    assert getattr(found, name) == (values[name] if value is None else value)


@pytest.mark.parametrize("name", ["paged_adamw_8bit", "adamw_8bit", "paged_lion_8bit", "adafactor"])
def test_optimisers_are_those_of_transformers(tmp_path: Path, name: str) -> None:
    machine = replace(CPU, optimizer=name)
    assert training_arguments(settings(), machine, tmp_path, steps_per_epoch=1, evaluates=False).optim == name


def test_one_process_uses_one_gpu_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two GPUs are what transformers' own arguments say that they found; the machine here has none."""
    setup = TrainingArguments._setup_devices.func

    def two_found(arguments: TrainingArguments) -> torch.device:
        device = setup(arguments)
        arguments._n_gpu = 2
        return device

    found = cached_property(two_found)
    found.__set_name__(TrainingArguments, "_setup_devices")
    monkeypatch.setattr(TrainingArguments, "_setup_devices", found)
    assert TrainingArguments(output_dir=str(tmp_path), use_cpu=True).n_gpu == 2
    arguments = training_arguments(settings(micro_batch_size=3), CPU, tmp_path, steps_per_epoch=1, evaluates=False)
    assert (arguments.n_gpu, arguments.train_batch_size) == (1, 3)


def test_the_other_gpus_are_said_with_the_command_that_uses_them() -> None:
    assert CPU.advice() is None
    assert "Apple's GPU is not used" in str(replace(CPU, apples=True).advice())
    said = replace(CPU, unused=1).advice()
    assert said is not None
    assert "one GPU of 2" in said
    assert "accelerate launch --num_processes 2 -m train.qlora" in said
