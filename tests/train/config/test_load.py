"""A configuration is read as written, or refused in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from train.config.load import Config, load_config
from train.errors import ConfigError

MINIMAL = "base_model: some/model\nadapter: qlora\nsample_packing: true\ndatasets:\n  - path: dados\n"


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(text: str) -> Path:
        path = tmp_path / "receita.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refusal(path: Path, **overrides: object) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(path, overrides)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_minimal_file_gives_defaults_without_notices(write: Any) -> None:
    config, notices = load_config(write(MINIMAL))
    assert notices == []
    assert (config.lora_r, config.bnb_config_kwargs.bnb_4bit_quant_type, config.datasets[0].weight) == (16, "nf4", 1.0)


def test_resolved_configuration_reads_back_to_the_same_values(write: Any, tmp_path: Path) -> None:
    config, _ = load_config(write(MINIMAL + "lora_r: 8\nlr_scheduler_kwargs: {min_lr: 1.0e-5}\n"))
    again = tmp_path / "again.yml"
    again.write_text(config.to_yaml(), encoding="utf-8")
    assert load_config(again) == (config, [])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("lora_rank: 8", "unknown key lora_rank; did you mean lora_r?"),
        ("secuence_len: 512", "unknown key secuence_len; did you mean sequence_len?"),
        ("zzzz: 1", "unknown key zzzz; `--explain all` lists what there is"),
        ("lora_r: muitos", "lora_r: should be a valid integer"),
        ("lora_dropout: 1.5", "lora_dropout: should be less than 1"),
        ("optimizer: adamw_8bits", "optimizer: adamw_8bits is none of transformers' names; did you mean"),
        ("lr_scheduler: cosinus", "lr_scheduler: cosinus is none of transformers' names; did you mean cosine?"),
        ("bnb_config_kwargs: {bnb_4bit_quant_typ: nf4}", "bnb_4bit_quant_typ; did you mean bnb_4bit_quant_type?"),
        ("lora_r: 8\nlora_r: 16", "line 7: the key lora_r stands there twice"),
        ("lora_r: [", "is not YAML"),
        ("strict: maybe", "strict: should be true or false"),
    ],
)
def test_wrong_line_is_refused_by_name(write: Any, line: str, says: str) -> None:
    path = write(MINIMAL + line + "\n")
    text = refusal(path)
    assert says in text or (says == "is not YAML" and "line" in text)
    assert str(path) in text


def test_unknown_key_within_a_data_set_is_refused_with_the_nearest(write: Any) -> None:
    text = refusal(write(MINIMAL + "    wheight: 2\n"))
    assert "wheight; did you mean weight?" in text


def test_missing_file_folder_and_empty_file_are_refused(tmp_path: Path, write: Any) -> None:
    assert "no such configuration file" in refusal(tmp_path / "nada.yml")
    assert "is a folder" in refusal(tmp_path)
    assert "should hold keys and values, not nothing" in refusal(write(""))


def test_missing_key_names_how_to_learn_about_it(write: Any) -> None:
    assert "base_model is missing; `--explain base_model`" in refusal(
        write("adapter: qlora\nsample_packing: true\ndatasets: [{path: x}]\n")
    )


def test_overrides_are_read_as_yaml_and_win(write: Any) -> None:
    path = write(MINIMAL)
    config, _ = load_config(
        path, {"learning_rate": "1e-3", "lora_target_modules": "[q_proj, v_proj]", "bf16": "false", "max_steps": "5"}
    )
    assert config.learning_rate == pytest.approx(0.001)
    assert config.lora_target_modules == ["q_proj", "v_proj"]
    assert (config.bf16, config.max_steps) == (False, 5)


def test_an_unquoted_no_is_understood(write: Any) -> None:
    config, _ = load_config(write(MINIMAL + "save_strategy: no\n"), {"eval_strategy": "no"})
    assert (config.save_strategy, config.eval_strategy) == ("no", "no")


def test_wrong_override_is_blamed_on_the_command_line(write: Any) -> None:
    assert refusal(write(MINIMAL), lora_r="0").startswith("command line: lora_r: should be greater than or equal to 1")
    assert refusal(write(MINIMAL), lora_rr="4").startswith("command line: unknown key lora_rr")


def test_plain_paths_replace_data_sets(write: Any) -> None:
    config, _ = load_config(write(MINIMAL), {"datasets": ["a", "b.jsonl"]})
    assert [entry.path for entry in config.datasets] == ["a", "b.jsonl"]
    config, _ = load_config(write(MINIMAL), {"datasets": "a"})
    assert [entry.path for entry in config.datasets] == ["a"]


def test_empty_keys_mean_not_given(write: Any) -> None:
    config, notices = load_config(write(MINIMAL + "lora_r:\ndeepspeed:\nwandb_watch:\nxformers_attention: false\n"))
    assert notices == []
    assert config.lora_r == Config.model_fields["lora_r"].default


def test_keys_not_followed_are_listed_and_under_strict_refused(write: Any) -> None:
    _, notices = load_config(write(MINIMAL + "xformers_attention: true\n"))
    assert len(notices) == 1
    assert notices[0].startswith("xformers_attention: true is not followed: ")
    assert "strict: xformers_attention" in refusal(write(MINIMAL + "xformers_attention: true\nstrict: true\n"))


def test_base_model_of_the_command_line_does_not_take_the_shape_of_the_files(write: Any) -> None:
    config, _ = load_config(write(MINIMAL + "base_model_config: some/model\n"), {"base_model": "other/model"})
    assert config.base_model_config is None


def test_names_of_optimisers_and_schedules_are_those_of_transformers() -> None:
    from transformers.trainer_utils import SchedulerType
    from transformers.training_args import OptimizerNames

    from train.config.keys.running import OPTIMIZERS, SCHEDULERS

    assert set(OPTIMIZERS) - {"auto"} <= {name.value for name in OptimizerNames}
    assert set(SCHEDULERS) <= {name.value for name in SchedulerType}
