"""Contradictions in a file are repaired and named; under `strict` they are errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from train.config.load import Config, load_config
from train.errors import ConfigError
from train.models.fit import fit, has_bfloat16
from train.models.source import resolve_base

BASE = {"base_model": "org/llama-2-7b", "adapter": "qlora", "sample_packing": True, "datasets": [{"path": "dados"}]}


def fitted(config: Config, notices: list[str]) -> tuple[Config, list[str]]:
    """The configuration as its base and this machine can follow it."""
    config, more = fit(config, resolve_base(config).shape)
    return config, [*notices, *more]


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., tuple[Config, list[str]]]:
    def load(**values: Any) -> tuple[Config, list[str]]:
        import yaml

        path = tmp_path / "receita.yml"
        path.write_text(yaml.safe_dump({k: v for k, v in (BASE | values).items() if v != "absent"}), encoding="utf-8")
        return fitted(*load_config(path))

    return load


@pytest.mark.parametrize(
    ("values", "notice", "result"),
    [
        ({"trust_remote_code": True}, "trust_remote_code: true becomes false", {"trust_remote_code": False}),
        ({"load_in_4bit": True, "load_in_8bit": True}, "load_in_8bit contradicts", {"load_in_8bit": False}),
        ({"load_in_4bit": False}, "adapter: qlora needs load_in_4bit", {"load_in_4bit": True}),
        ({"adapter": "absent"}, "adapter is not given", {"adapter": "qlora"}),
        ({"bf16": True, "fp16": True}, "fp16 contradicts bf16", {"fp16": False}),
        ({"sample_packing": "absent"}, "sample_packing is not given", {"sample_packing": True}),
        ({"sequence_len": 8192}, "sequence_len: 8192 is beyond the 4096", {"sequence_len": 4096}),
        ({"warmup_steps": 9, "warmup_ratio": 0.1}, "warmup_ratio contradicts", {"warmup_ratio": None}),
        ({"save_steps": 9, "saves_per_epoch": 2}, "saves_per_epoch contradicts", {"saves_per_epoch": None}),
        ({"eval_steps": 9, "evals_per_epoch": 2}, "evals_per_epoch contradicts", {"evals_per_epoch": None}),
        ({"val_set_size": 0.1, "test_datasets": [{"path": "x"}]}, "val_set_size contradicts", {"val_set_size": 0}),
        ({"peft_init_lora_weights": "pissa"}, "pissa cannot start", {"peft_init_lora_weights": None}),
        ({"lora_target_modules": ["q_proj", "wte"]}, "wte is dropped", {"lora_target_modules": ["q_proj"]}),
        ({"lora_modules_to_save": ["wte"]}, "wte is dropped", {"lora_modules_to_save": []}),
        (
            {"lora_target_modules": ["q_proj", "lm_head"], "lora_modules_to_save": ["lm_head"]},
            "lora_target_modules: lm_head is dropped",
            {"lora_target_modules": ["q_proj"], "lora_modules_to_save": ["lm_head"]},
        ),
        (
            {"lora_target_modules": ["q_proj"], "lora_target_linear": True},
            "lora_target_linear contains",
            {"lora_target_modules": "all-linear"},
        ),
        ({"base_model_config": "absent", "tokenizer_use_fast": False}, "tokenizer_use_fast: false", {}),
        ({"datasets": [{"path": "x", "trust_remote_code": True}]}, "trust_remote_code is dropped", {}),
    ],
)
def test_contradiction_is_repaired_and_named(load: Any, values: Any, notice: str, result: dict[str, object]) -> None:
    config, notices = load(**values)
    assert any(notice in line for line in notices), notices
    assert all("\n" not in line for line in notices)
    for key, value in result.items():
        assert getattr(config, key) == value
    with pytest.raises(ConfigError, match="strict: "):
        load(**values, strict=True)


def test_bfloat16_that_the_machine_lacks_is_said(load: Any) -> None:
    config, notices = load(bf16=True)
    if has_bfloat16():
        assert (config.bf16, notices) == (True, [])
    else:
        assert config.bf16 == "auto"
        assert "this machine has no GPU with bfloat16" in notices[0]


def test_modules_are_compared_with_a_model_on_this_machine(load: Any, tiny_base: Path) -> None:
    config, notices = load(base_model=str(tiny_base), sequence_len=1024, lora_target_modules=["q_proj", "c_attn"])
    assert config.lora_target_modules == ["q_proj"]
    assert config.sequence_len == 512
    assert len(notices) == 2


def test_all_linear_in_a_list_is_all_linear(load: Any) -> None:
    config, notices = load(lora_target_modules=["all-linear"])
    assert (config.lora_target_modules, notices) == ("all-linear", [])


def test_modules_of_an_unknown_model_are_left_alone(load: Any) -> None:
    config, notices = load(base_model="org/new-thing", lora_target_modules=["c_attn"], sequence_len=100_000)
    assert (config.lora_target_modules, config.sequence_len, notices) == (["c_attn"], 100_000, [])


def test_the_first_runs_file_loads_and_each_deviation_is_named(shared: Path, tiny_base: Path) -> None:
    path = shared / "data/axolotl/llama2-7b-comunism-br-pt-qlora.yml"
    config, notices = fitted(*load_config(path, {"base_model": str(tiny_base), "datasets": ["D"]}))
    named = [line.split(":")[0].split(" ")[0] for line in notices]
    for key in ("is_llama_derived_model", "trust_remote_code", "sample_packing", "sequence_len"):
        assert named.count(key) == 1
    assert named.count("lora_target_modules") == 3
    assert named.count("lora_modules_to_save") == 1
    assert config.lora_target_modules == ["q_proj", "v_proj", "k_proj", "o_proj", "gate_proj", "down_proj", "up_proj"]
    assert config.lora_modules_to_save == ["embed_tokens", "lm_head"]
    assert (config.lora_r, config.lora_alpha, config.warmup_steps, config.save_total_limit) == (128, 16, 100, 10)
    assert config.learning_rate == pytest.approx(1.5e-5)


@pytest.mark.parametrize(("key", "package"), [("wandb_project", "wandb"), ("use_tensorboard", "tensorboard")])
def test_a_tracker_that_is_not_installed_is_passed_over_or_under_strict_an_error(
    load: Any, monkeypatch: pytest.MonkeyPatch, key: str, package: str
) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *more: None if name == package else find(name, *more))
    config, notices = load(**{key: True if key == "use_tensorboard" else "p"})
    assert any(f"{package} is not installed here" in notice for notice in notices)
    assert not getattr(config, key)
    with pytest.raises(ConfigError, match=f"pip install {package}"):
        load(strict=True, **{key: True if key == "use_tensorboard" else "p"})
    if package == "wandb":
        assert load(wandb_project="p", wandb_mode="disabled")[1] == []


@pytest.mark.parametrize(
    ("optimizer", "passed_over"),
    [
        ("sgd", 3),
        ("adafactor", 3),
        ("rmsprop_bnb_8bit", 3),
        ("paged_lion_8bit", 1),
        ("adamw_torch", 0),
        ("ademamix", 0),
    ],
)
def test_numbers_of_adam_that_an_optimiser_lacks_are_named(load: Any, optimizer: str, passed_over: int) -> None:
    numbers = {"adam_beta1": 0.8, "adam_beta2": 0.95, "adam_epsilon": 1e-6}
    config, notices = load(optimizer=optimizer, **numbers)
    assert sum("is not followed" in notice for notice in notices) == passed_over
    assert (config.adam_epsilon == 1e-6) == (passed_over == 0)
