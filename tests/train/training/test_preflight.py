"""What a GPU would do otherwise than it is asked is refused before a run starts; stand-ins say what machine it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from train.config.load import Config, DatasetKeys
from train.errors import ConfigError
from train.models.device import Machine
from train.qlora import main
from train.training import run
from train.training.preflight import check_machine

TWO_GPUS = Machine("cuda:0", "GPU", torch.bfloat16, "adamw_torch", "sdpa", 2)


def settings(**values: object) -> Config:
    return Config.model_validate({"base_model": "x", "datasets": [DatasetKeys(path=".")]} | values)


def test_under_fsdp_packed_bits_are_stored_in_what_is_computed_in() -> None:
    fsdp = {"fsdp": ["full_shard"], "bnb_config_kwargs": {"bnb_4bit_quant_storage": "bfloat16"}}
    check_machine(settings(**fsdp), TWO_GPUS)
    with pytest.raises(ConfigError, match="set it to bfloat16"):
        check_machine(settings(**fsdp | {"bnb_config_kwargs": {"bnb_4bit_quant_storage": "float16"}}), TWO_GPUS)


@pytest.mark.parametrize("targets", [["q_proj", "lm_head"], ".*lm_head"])
def test_liger_with_an_adapter_on_the_head_is_refused(targets: object) -> None:
    with pytest.raises(ConfigError, match="would learn nothing"):
        check_machine(settings(liger_kernel=True, lora_target_modules=targets), TWO_GPUS)
    check_machine(settings(liger_kernel=True, lora_target_modules=["q_proj"]), TWO_GPUS)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), MemoryError()], ids=repr)
def test_memory_that_runs_out_while_loading_gets_the_same_help(
    recipe: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(run, "load_for_training", fails)
    assert main([str(recipe())]) == 2
    assert "memory ran out" in capsys.readouterr().err.splitlines()[-1]
