"""Layers that are trained whole learn in float32 also where the base computes in sixteen bits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from train.config.load import load_config
from train.data.packing import collate
from train.merge import main as merge
from train.models.device import choose_machine
from train.models.load import load_for_training, loadable
from train.models.modules_to_save import whole_layers
from train.models.source import resolve_base
from train.qlora import main

Recipe = Callable[..., Path]

HEADS = {
    "lora_modules_to_save": ["embed_tokens", "lm_head"],
    "bnb_config_kwargs": {"bnb_4bit_compute_dtype": "bfloat16"},
    "learning_rate": 1.5e-5,
    "gradient_accumulation_steps": 1,
}
"""The first run's way with the heads, in bfloat16, at its learning rate."""


def test_heads_move_at_a_rate_below_the_steps_of_bfloat16(recipe: Recipe, tmp_path: Path, tiny_base: Path) -> None:
    assert main([str(recipe(**HEADS))]) == 0
    found = load_file(tmp_path / "adaptador/adapter_model.safetensors")
    before = load_file(tiny_base / "model.safetensors")["lm_head.weight"].bfloat16().float()
    after = found["base_model.model.lm_head.weight"]
    assert after.dtype == torch.float32
    assert (after != before).float().mean().item() > 0.9
    # What bfloat16 would have kept of it.
    assert (after.bfloat16().float() != before).float().mean().item() < 0.2


def test_layers_go_on_computing_in_the_narrow_type(recipe: Recipe) -> None:
    config, _ = load_config(recipe(**HEADS))
    model: Any = load_for_training(config, loadable(resolve_base(config)), choose_machine(config))
    assert {layer.weight.dtype for layer in whole_layers(model)} == {torch.float32}
    seen: list[torch.dtype] = []
    base = model.get_base_model()
    base.model.layers[0].register_forward_pre_hook(lambda _, given: seen.append(given[0].dtype))
    base.model.norm.register_forward_hook(lambda _, given, states: seen.append(states.dtype))
    tokens = torch.arange(3, 40).numpy()
    with torch.autocast("cpu", torch.bfloat16):
        loss = model(**collate([{"input_ids": tokens, "lengths": torch.tensor([20, 17]).numpy()}])).loss
    loss.backward()
    assert seen == [torch.bfloat16, torch.bfloat16]
    assert all(layer.weight.grad is not None and layer.weight.grad.any() for layer in whole_layers(model))


def test_merged_heads_are_those_that_were_trained(recipe: Recipe, tmp_path: Path) -> None:
    assert main([str(recipe(**HEADS | {"learning_rate": 0.01}))]) == 0
    words = ["--adapter", str(tmp_path / "adaptador"), "--output", str(tmp_path / "junto"), "--dtype", "float32"]
    assert merge(words) == 0


def test_an_adapter_is_trained_further_from_its_unrounded_weights(recipe: Recipe, tmp_path: Path) -> None:
    assert main([str(recipe(**HEADS))]) == 0
    config, _ = load_config(recipe(**HEADS, lora_model_dir=str(tmp_path / "adaptador")))
    model = load_for_training(config, loadable(resolve_base(config)), choose_machine(config))
    expected = load_file(tmp_path / "adaptador/adapter_model.safetensors")["base_model.model.lm_head.weight"]
    assert any(torch.equal(layer.weight, expected) for layer in whole_layers(model))


def test_an_older_adapter_with_pickled_weights_is_refused(
    recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "picles"
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}")
    torch.save({}, folder / "adapter_model.bin")
    assert main([str(recipe(lora_model_dir=str(folder)))]) == 2
    assert "pickled weights are not read" in capsys.readouterr().err.splitlines()[-1]
