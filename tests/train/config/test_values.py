"""A value means what its key takes, before anything is repaired; and two keys about one thing are followed or named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from train.config.load import Config, load_config
from train.errors import ConfigError

MINIMAL = "base_model: some/model\nadapter: qlora\nsample_packing: true\ndatasets:\n  - path: dados\n"

BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in (*zip("abcde", "bcdef", strict=True),)
)
"""A million values out of six lines."""

Load = Callable[..., tuple[Config, list[str]]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(more: str, text: str = MINIMAL, **overrides: object) -> tuple[Config, list[str]]:
        path = tmp_path / "receita.yml"
        path.write_text(text + more, encoding="utf-8")
        return load_config(path, overrides)

    return load


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("load_in_8bit: 'false'", "load_in_8bit", False),
        ("trust_remote_code: 'false'", "trust_remote_code", False),
        ("trust_remote_code: 'no'", "trust_remote_code", False),
        ("strict: 'true'", "strict", True),
        ("flash_attention: 'false'", "flash_attention", False),
        ("resume_from_checkpoint: 'true'", "resume_from_checkpoint", True),
        ("sequence_len: '1024'", "sequence_len", 1024),
        ("sequence_len: 1024.0", "sequence_len", 1024),
        ("learning_rate: 2e-4", "learning_rate", 2e-4),
        ("wandb_name: 0012345", "wandb_name", "0012345"),
        ("wandb_name: 1e5", "wandb_name", "1e5"),
        ("wandb_name: no", "wandb_name", "no"),
        ("output_dir: 2024-01-02", "output_dir", "2024-01-02"),
        ("lora_modules_to_save: [no, 010]", "lora_modules_to_save", ["no", "010"]),
        ("special_tokens: {pad_token:, eos_token: 007}", "special_tokens", {"eos_token": "007"}),
        ("lr_scheduler_kwargs: {min_lr: }", "lr_scheduler_kwargs", {}),
        ("val_set_size:", "val_set_size", 0),
        ("save_strategy: no", "save_strategy", "no"),
    ],
)
def test_value_is_what_its_key_takes(load: Load, line: str, key: str, value: object) -> None:
    config, notices = load(line)
    assert getattr(config, key) == value
    assert notices == []


def test_quoted_false_is_repaired_as_false_is(load: Load) -> None:
    config, notices = load("load_in_4bit: 'false'")
    assert config.load_in_4bit
    assert notices == ["adapter: qlora needs load_in_4bit: true, which is done"]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("learning_rate: true", "learning_rate: should be a number, not true"),
        ("lora_r: yes", "lora_r: should be a number"),
        ("save_steps: on", "save_steps: should be a number"),
        ("save_steps: .inf", "save_steps: "),
        ("save_steps: 2.5", "save_steps: should be a whole number"),
        ("val_set_size: .nan", "val_set_size: "),
        ("val_set_size: '-inf'", "val_set_size: "),
        ("learning_rate: 1e400", "learning_rate: "),
        ("seed: 4294967296", "seed: is too large"),
        ("seed: '99999999999999999999'", "seed: is too large"),
        ("gpu_memory_limit: 1e300", "gpu_memory_limit: is too large"),
        ("base_model: '{{ MODEL }}'", "base_model"),
        ("wandb_name: '{{ MODEL }}'", "wandb_name: holds {{…}}"),
        ("wandb_name: {{ MODEL }}", "placeholder of a template"),
        ("? [a, b]\n: c", "a key should be a word"),
        ("wandb_name: &a [*a]", "holds itself"),
        ("optim_args: {a: !!binary aGk=}", "is not read"),
        ('output_dir: "a\\0b"', "a NUL"),
        ('output_dir: "\\ud800"', "half a character"),
        ("wandb_name: " + "[" * 3000, "nested too deep"),
        ("seed: " + "9" * 5000, "cannot be read"),
        (BOMB, "100,000"),
    ],
    ids=lambda value: value[:30],
)  # fmt: skip
def test_value_that_cannot_be_meant_is_refused_in_one_line(load: Load, line: str, named: str) -> None:
    text = MINIMAL.replace("base_model: some/model\n", "") if line.startswith("base_model") else MINIMAL
    with pytest.raises(ConfigError) as refused:
        load(line, text)
    assert named in str(refused.value)
    assert "receita.yml" in str(refused.value)


def test_option_without_a_value_is_no_number_and_no_text(load: Load) -> None:
    for key in ("learning_rate", "output_dir"):
        with pytest.raises(ConfigError, match=f"command line: {key}"):
            load("", **{key: True})


def test_anchor_is_shared_and_its_own_keys_come_first(load: Load) -> None:
    config, notices = load(
        "datasets:\n- &c\n  type: completion\n  revision: 0012\n  path: um\n- <<: *c\n  path: dois\n",
        MINIMAL.replace("datasets:\n  - path: dados\n", ""),
    )
    assert [(entry.path, entry.revision) for entry in config.datasets] == [("um", "0012"), ("dois", "0012")]
    assert notices == []


def test_key_of_a_data_set_that_means_nothing_here_is_named(load: Load) -> None:
    config, notices = load("    shards: 4\n    conversation:\n    data_files:\n")
    assert notices == ["datasets: shards: 4 is not followed: the whole data set is read"]
    assert config.datasets[0].data_files is None


@pytest.mark.parametrize(
    ("lines", "notice", "result"),
    [
        ("warmup_steps: 0\nwarmup_ratio: 0.1", "warmup_ratio is followed", {"warmup_steps": None, "warmup_ratio": 0.1}),
        ("save_strategy: epoch\nsave_steps: 1", "save_steps contradicts", {"save_steps": None}),
        ("save_strategy: no\nsaves_per_epoch: 2", "saves_per_epoch contradicts", {"saves_per_epoch": None}),
        ("eval_strategy: no\neval_steps: 1", "eval_steps contradicts eval_strategy: no", {"eval_steps": None}),
        ("lr_scheduler: constant\nwarmup_steps: 5", "constant becomes", {"lr_scheduler": "constant_with_warmup"}),
        ("lr_scheduler: reduce_lr_on_plateau\nwarmup_ratio: 0.1", "no warm-up", {"warmup_ratio": None}),
    ],
)
def test_two_keys_about_one_thing(load: Load, lines: str, notice: str, result: dict[str, Any]) -> None:
    config, notices = load(lines)
    assert [line for line in notices if notice in line], notices
    assert {key: getattr(config, key) for key in result} == result


def test_adapter_that_is_gone_on_with_keeps_its_rank(load: Load, tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({"r": 4, "lora_alpha": 32, "use_dora": False}))
    config, notices = load(f"lora_model_dir: {tmp_path}\nlora_r: 64\n")
    assert (config.lora_r, config.lora_alpha) == (4, 32)
    assert notices == ["lora_r: 64 becomes 4, which the adapter in lora_model_dir has"]


@pytest.mark.parametrize(
    "named", ["alpaca", "sharegpt", "chat_template", "input_output", {"field_instruction": "q"}], ids=str
)
def test_data_of_questions_or_chats_is_refused_with_the_reason(load: Load, named: object) -> None:
    with pytest.raises(
        ConfigError, match=r"type: .* is a form of questions and answers or of chats.*write each example"
    ):
        load("", MINIMAL.replace("path: dados", f"path: dados\n    type: {json.dumps(named)}"))


def test_a_misspelt_type_is_no_chat(load: Load) -> None:
    with pytest.raises(ConfigError, match="'completion' or 'pretrain'"):
        load("", MINIMAL.replace("path: dados", "path: dados\n    type: completions"))


@pytest.mark.parametrize(
    ("line", "begins"),
    [("chatml", "{% for message"), ("tokenizer_default", None), ("'{{ messages }}'", "{{ messages }}")],
)
def test_chat_templates_are_looked_up_by_name(load: Load, line: str, begins: str | None) -> None:
    config, _ = load(f"chat_template: {line}")
    assert config.chat_template == begins or str(config.chat_template).startswith(str(begins))


def test_a_chat_template_of_an_unknown_name_is_refused(load: Load) -> None:
    for name in ("llama3", "alpaca", "um texto"):
        with pytest.raises(ConfigError, match=f"chat_template: {name} is no template"):
            load(f"chat_template: {name}")


@pytest.mark.parametrize(("kept", "dropped"), [("max_steps", "num_epochs"), ("warmup_steps", "warmup_ratio")])
def test_of_two_keys_about_one_thing_the_command_lines_is_followed(load: Load, kept: str, dropped: str) -> None:
    both = f"{kept}: 3\n{dropped}: 0.5\n"
    config, notices = load(both)
    assert getattr(config, kept) == 3
    assert notices == [f"{dropped} contradicts {kept}: {kept} is followed"]
    config, notices = load(f"strict: true\n{dropped}: 0.5", **{kept: "4"})
    assert (getattr(config, kept), notices) == (4, [])
    config, notices = load(f"strict: true\n{kept}: 3", **{dropped: "0.25"})
    assert (getattr(config, dropped), getattr(config, kept), notices) == (0.25, None, [])


@pytest.mark.parametrize(
    "line", ["load_in_8bit: [1]", "adapter: 3", "val_set_size: x\ntest_datasets: [{path: y}]", "fp16: 7"]
)
def test_a_value_of_no_kind_is_an_error_before_a_repair_replaces_it(load: Load, line: str) -> None:
    text = MINIMAL.replace("adapter: qlora\n", "") if line.startswith("adapter") else MINIMAL
    with pytest.raises(ConfigError, match=line.partition(":")[0]):
        load(line, text + "bf16: true\n")


def test_no_target_modules_is_named(load: Load) -> None:
    config, notices = load("lora_target_modules: []")
    assert config.lora_target_modules is None
    assert notices == ["lora_target_modules: [] names no layer: all linear layers get an adapter"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lora_target_modules: '(q_proj'", r"\(q_proj is no pattern of names"),
        ("special_tokens: {pad_tokens: x}", "did you mean pad_token"),
        ("gradient_checkpointing_kwargs: {use_reentrent: true}", "did you mean use_reentrant"),
        ("fsdp: fullshard", "did you mean full_shard"),
    ],
)
def test_names_that_a_library_would_pass_over_or_trip_on_are_refused(load: Load, line: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load(line)
