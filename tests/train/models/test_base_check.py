"""A base that cannot be loaded whole is refused in one line, in a plan as in a run, before its weights are read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from train.config.load import Config, DatasetKeys
from train.errors import ConfigError
from train.models.base_check import check_base
from train.models.source import resolve_base
from train.models.tokenizer import planning_encoder
from train.qlora import main


@pytest.fixture
def base(tiny_base: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return shutil.copytree(tiny_base, tmp_path / "base")


def check(folder: Path) -> None:
    config = Config(base_model=str(folder), datasets=[DatasetKeys(path="x")])
    found = resolve_base(config)
    check_base(found, planning_encoder(config, found))


def cut_config(base: Path) -> None:
    path = base / "config.json"
    path.write_text(path.read_text()[:-40])


def drop_sizes(base: Path) -> None:
    (base / "config.json").write_text(json.dumps({"model_type": "llama"}))


def size_in_words(base: Path) -> None:
    path = base / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"hidden_size": "many"}))


def cut_weights(base: Path) -> None:
    path = base / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])


def leave_a_pointer(base: Path) -> None:
    (base / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 7\n")


def drop_a_weight(base: Path) -> None:
    weights = load_file(base / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, base / "model.safetensors", metadata={"format": "pt"})


def other_width(base: Path) -> None:
    path = base / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"intermediate_size": 96}))


def name_a_file_that_is_not_there(base: Path) -> None:
    index = {"metadata": {}, "weight_map": {"lm_head.weight": "model-00002-of-00002.safetensors"}}
    (base / "model.safetensors.index.json").write_text(json.dumps(index))


def more_tokens(base: Path) -> None:
    path = base / "tokenizer.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    token = table["added_tokens"][0] | {"id": 300, "content": "<extra>"}
    table["added_tokens"].append(token)
    path.write_text(json.dumps(table), encoding="utf-8")


SPOILED: dict[Callable[[Path], None], str] = {
    cut_config: "is no JSON",
    drop_sizes: "lacks 'num_attention_heads'",
    size_in_words: "a size that is none",
    cut_weights: "is no whole safetensors file",
    leave_a_pointer: "git lfs pull",
    drop_a_weight: "no file holds the weight model.layers.1.mlp.up_proj.weight",
    other_width: "by config.json",
    name_a_file_that_is_not_there: "lacks model-00002-of-00002.safetensors",
    more_tokens: "has 301 tokens, the embedding of",
}


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_a_spoiled_base_is_named(base: Path, spoil: Callable[[Path], None]) -> None:
    check(base)
    spoil(base)
    with pytest.raises(ConfigError, match=SPOILED[spoil]):
        check(base)


@pytest.mark.parametrize("sizes", [{"kind": "mistral"}, {"tie_word_embeddings": True}], ids=["mistral", "tied"])
def test_whole_bases_of_other_kinds_pass(make_tiny_base: Callable[..., Path], sizes: dict[str, object]) -> None:
    check(make_tiny_base(**sizes))


def test_a_plan_and_a_run_refuse_it_with_the_same_line(
    base: Path, recipe: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drop_a_weight(base)
    path = str(recipe(base_model=str(base)))
    assert main([path, "--dry-run"]) == main([path]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 2
    assert len(set(lines)) == 1
    assert not (tmp_path / "adaptador").exists()


@pytest.mark.parametrize(
    ("pattern", "status"),
    [(r".*\.layers\.[01]\.self_attn\.(q|v)_proj", 0), (r".*\.q_projection", 2), ("q_proj", 2), ("all-linear", 0)],
)
def test_a_pattern_that_matches_no_layer_is_refused_before_weights_are_loaded(
    base: Path, recipe: Callable[..., Path], capsys: pytest.CaptureFixture[str], pattern: str, status: int
) -> None:
    path = str(recipe(base_model=str(base), lora_target_linear=False, lora_target_modules=pattern))
    assert main([path, "--dry-run"]) == status
    said = capsys.readouterr().err
    assert ("matches the whole name of no layer" in said) == (status == 2)
    assert said.count("\n") <= 1
