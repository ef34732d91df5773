"""The recipes are strict, whole, and each value says why."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from train.config.load import load_config
from train.models.source import find_shape, locate
from train.planning.memory import GIB, plan_memory

FOLDER = Path(__file__).parents[2] / "train" / "recipes"
RECIPES = sorted(FOLDER.glob("*.yml"))


def test_the_recipes_are_there() -> None:
    names = {path.stem for path in RECIPES}
    assert names >= {"llama2-7b", "mistral-7b", "llama3-8b", "llama-30b-24gb", "llama-30b-2x24gb-fsdp", "smollm2-135m"}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipe_is_strict_and_loads_without_a_notice(path: Path) -> None:
    config, notices = load_config(path)
    assert config.strict
    assert notices == []


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipe_fits_the_memory_it_names(path: Path) -> None:
    config, _ = load_config(path)
    shape = find_shape(locate(config.base_model))
    assert shape is not None
    limit = config.gpu_memory_limit
    if limit:
        assert plan_memory(config, shape, on_gpu=True, processes=2 if config.fsdp else 1).total < limit * GIB


def test_llama2_keeps_the_first_runs_values(shared: Path) -> None:
    original = yaml.safe_load((shared / "data/axolotl/llama2-7b-comunism-br-pt-qlora.yml").read_text(encoding="utf-8"))
    recipe = yaml.safe_load((FOLDER / "llama2-7b.yml").read_text(encoding="utf-8"))
    for key in (
        *("sequence_len", "lora_r", "lora_alpha", "lora_dropout", "gradient_accumulation_steps", "micro_batch_size"),
        *("num_epochs", "optimizer", "lr_scheduler", "learning_rate", "gradient_checkpointing", "warmup_steps"),
        *("save_steps", "save_total_limit", "logging_steps", "weight_decay", "val_set_size", "adapter", "load_in_4bit"),
    ):
        assert recipe[key] == original[key], key
