"""What is tried on a loaded model before the first step: leaks, merging, reading; families apart stand in tests/integration."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.train.conftest import write_documents, write_recipe
from tests.train.families import make_family
from train.config.load import load_config
from train.evaluate import main as evaluate
from train.merge import main as merge
from train.models.device import choose_machine
from train.models.load import load_for_training, loadable
from train.models.source import resolve_base
from train.qlora import main as train
from train.rehearsal import merging, rehearse

USUAL = {"strict": False, "lora_r": 4, "lora_dropout": 0.0, "max_steps": 2, "save_steps": 1, "val_set_size": 4}


@pytest.fixture
def family(tiny_base: Path, tmp_path: Path) -> Callable[..., Path]:
    """Writes a recipe for a tiny model of a family."""

    def write(name: str, **values: object) -> Path:
        base = make_family(name, tmp_path / "base", tiny_base)
        return write_recipe(tmp_path, base, write_documents(tmp_path / "dados.jsonl", 40), **(USUAL | values))

    return write


def test_a_base_whose_documents_see_each_other_is_trained_unpacked_and_resumed(
    family: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = family("LFM2")
    assert train([str(path)]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "a row of its own" in line]
    assert len(said) == 1
    assert said[0].startswith("sample_packing: ")
    whole = tmp_path / "adaptador"
    config, _ = load_config(whole / "config.yml")
    assert not config.sample_packing
    assert not config.eval_sample_packing
    kept = load_file(whole / "adapter_model.safetensors")
    for file in ("adapter_config.json", "checkpoint-2/trainer_state.json"):
        (whole / file).unlink()
    assert train([str(path), "--resume"]) == 0
    found = load_file(whole / "adapter_model.safetensors")
    assert all(torch.equal(kept[name], found[name]) for name in kept)
    assert merge(["--adapter", str(whole), "--output", str(tmp_path / "junto"), "--dtype", "float32"]) == 0


def test_under_strict_a_leak_ends_the_run_before_anything_is_written(
    family: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train([str(family("LFM2", strict=True))]) == 2
    assert "set sample_packing and eval_sample_packing to false" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "adaptador").exists()
    assert train([str(tmp_path / "receita.yml"), "--sample_packing=false", "--eval_sample_packing=false"]) == 0


def test_what_cannot_be_merged_is_refused_before_anything_is_written(
    family: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train([str(family("Qwen3-MoE"))]) == 2
    assert "target_parameters, which is not merged here" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "adaptador").exists()


def test_the_language_part_of_a_model_that_sees_is_trained_merged_and_measured(
    family: Callable[..., Path], tmp_path: Path
) -> None:
    path = family("Gemma 3 as published")
    assert train([str(path)]) == 0
    merged = tmp_path / "junto"
    assert merge(["--adapter", str(tmp_path / "adaptador"), "--output", str(merged), "--dtype", "float32"]) == 0
    settings = json.loads((merged / "config.json").read_text())
    assert settings["architectures"] == ["Gemma3ForCausalLM"]
    assert "vision_config" not in settings
    words = ["--adapter", str(tmp_path / "adaptador"), "--datasets", str(tmp_path / "dados.jsonl")]
    assert evaluate([*words, "--limit", "1"]) == 0


def test_the_model_and_torchs_random_numbers_are_as_they_were(family: Callable[..., Path]) -> None:
    config, _ = load_config(family("Granite 3"))
    base = loadable(resolve_base(config))
    machine = choose_machine(config)
    model = load_for_training(config, base, machine).train()
    before: dict[str, Any] = {name: each.detach().clone() for name, each in model.named_parameters()}
    state = torch.get_rng_state()
    tokens = torch.arange(3, 200).numpy()
    assert rehearse.keeps_documents_apart(config, machine, model, tokens)
    rehearse.rehearse(config, base, machine, model, tokens)
    assert torch.equal(state, torch.get_rng_state())
    assert model.training
    assert all(torch.equal(before[name], each) for name, each in model.named_parameters())


def test_a_layer_that_is_another_function_once_merged_ends_the_run(
    family: Callable[..., Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = merging.Merger.merged

    def wrong(self: Any, name: str) -> torch.Tensor:
        return right(self, name) * (1.01 if "down_proj" in name else 1.0)

    monkeypatch.setattr(merging.Merger, "merged", wrong)
    assert train([str(family("Qwen3"))]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert "can be trained and not merged" in last
    assert "down_proj" in last


def test_a_base_that_cannot_generate_is_refused_in_one_line(
    family: Callable[..., Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("cache\nsecond line")

    monkeypatch.setattr(rehearse, "check_generation", broken)
    assert train([str(family("Qwen3"))]) == 2
    assert "can be trained and not used to generate: KeyError" in capsys.readouterr().err.splitlines()[-1]
