"""The recipes are strict, whole, and each value says why."""

from __future__ import annotations

import re
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
    assert names >= {"llama3.1-8b", "llama3.2-3b", "qwen3-1.7b", "qwen3-4b", "qwen3-8b", "gemma3-4b", "gemma3-12b"}
    assert names >= {"smollm3-3b", "ministral-8b", "mistral-small-24b"}


def test_there_is_a_recipe_for_each_size_of_gpu() -> None:
    limits = {load_config(path)[0].gpu_memory_limit for path in RECIPES}
    assert limits >= {24, 15, 12, 8}


def test_a_gpu_without_bfloat16_computes_in_float16_and_without_flash_attention() -> None:
    config, _ = load_config(FOLDER / "qwen3-4b-16gb-t4.yml")
    assert config.fp16
    assert config.bf16 is False
    assert config.flash_attention is False


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
    planned = plan_memory(config, shape, on_gpu=limit is not None, processes=2 if config.fsdp else 1).total / GIB
    if limit:
        assert planned < limit
    said = re.search(r"the plan says ([0-9.]+) GiB", path.read_text(encoding="utf-8"))
    if said:
        assert planned == pytest.approx(float(said[1]), abs=0.06)


def test_llama2_keeps_the_first_runs_values(shared: Path) -> None:
    original = yaml.safe_load((shared / "data/axolotl/llama2-7b-comunism-br-pt-qlora.yml").read_text(encoding="utf-8"))
    recipe = yaml.safe_load((FOLDER / "llama2-7b.yml").read_text(encoding="utf-8"))
    for key in (
        *("sequence_len", "lora_r", "lora_alpha", "lora_dropout", "gradient_accumulation_steps", "micro_batch_size"),
        *("num_epochs", "optimizer", "lr_scheduler", "learning_rate", "gradient_checkpointing", "warmup_steps"),
        *("save_steps", "save_total_limit", "logging_steps", "weight_decay", "val_set_size", "adapter", "load_in_4bit"),
    ):
        assert recipe[key] == original[key], key
