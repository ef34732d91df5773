"""An adapter merged into its base: the same logits as the 4-bit model with it, little memory, whole or not there."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from train.adapter.load import adapter_config, load_adapted
from train.merge import main, parse_size
from train.merging.layerwise import streamed_logits
from train.merging.merged_model import TOLERANCE
from train.models.device import choose_machine
from train.models.stored_weights import Entry, ShardWriter, StoredWeights, plan_shards
from train.qlora import main as train_main

IDS = torch.arange(3, 60)[None]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path) -> Path:
    """An adapter that was trained for a few steps at a high rate, so that it matters."""
    return trained(tmp_path_factory.mktemp("merge"), tiny_base)


def trained(folder: Path, base: Path, **values: object) -> Path:
    data = folder / "dados.json"
    data.write_text(json.dumps([{"text": "a cidade e o rio " * 20}] * 30))
    settings = {
        "base_model": str(base),
        "datasets": [{"path": str(data)}],
        "sequence_len": 64,
        "lora_r": 4,
        "learning_rate": 0.05,
        "max_steps": 4,
        "save_strategy": "no",
        "output_dir": str(folder / "adaptador"),
    } | values
    config = folder / "receita.yml"
    config.write_text(json.dumps(settings))
    assert train_main([str(config)]) == 0
    return folder / "adaptador"


def adapted_logits(adapter: Path) -> torch.Tensor:
    """The logits of the real 4-bit model with its adapter."""
    config, base = adapter_config(None, adapter)
    model: Any = load_adapted(config, base, adapter, choose_machine(config))
    with torch.no_grad():
        return model(input_ids=IDS).logits


def worst(merged: Path, adapter: Path) -> float:
    model = AutoModelForCausalLM.from_pretrained(merged, dtype=torch.float32)
    with torch.no_grad():
        return (model(input_ids=IDS).logits - adapted_logits(adapter)).abs().max().item()


def test_merged_in_float32_has_the_logits_of_the_4_bit_model_with_its_adapter(
    adapter: Path, tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    merged = tmp_path / "junto"
    assert main(["--adapter", str(adapter), "--output", str(merged), "--dtype", "float32"]) == 0
    assert worst(merged, adapter) <= TOLERANCE
    # The adapter does something, and the plain base is something else than what is left of it in 4 bits.
    base = AutoModelForCausalLM.from_pretrained(tiny_base, dtype=torch.float32)
    with torch.no_grad():
        assert (base(input_ids=IDS).logits - adapted_logits(adapter)).abs().max().item() > 0.1
    said = capsys.readouterr().out
    assert "bfloat16" in said
    assert "float16" in said
    assert (merged / "documents.jsonl").is_file()
    assert list(tmp_path.iterdir()) == [merged]


@pytest.mark.parametrize(
    "values",
    [
        {"peft_use_rslora": True},
        {"peft_use_dora": True},
        {"bnb_config_kwargs": {"bnb_4bit_quant_type": "fp4", "bnb_4bit_use_double_quant": False}},
        {"lora_target_modules": ["q_proj", "lm_head"], "lora_modules_to_save": ["embed_tokens"]},
    ],
    ids=["rslora", "dora", "fp4", "head and embeddings"],
)
def test_every_kind_of_adapter_is_merged_as_it_was_trained(
    make_tiny_base: Callable[..., Path], tmp_path: Path, values: dict[str, object]
) -> None:
    adapter = trained(tmp_path, make_tiny_base(num_hidden_layers=1), **values)
    assert main(["--adapter", str(adapter), "--output", str(tmp_path / "junto"), "--dtype", "float32"]) == 0
    assert worst(tmp_path / "junto", adapter) <= TOLERANCE


def test_a_trained_head_of_a_tied_model_is_written_beside_its_embedding(
    make_tiny_base: Callable[..., Path], tmp_path: Path
) -> None:
    base = make_tiny_base(tie_word_embeddings=True, num_hidden_layers=1)
    adapter = trained(tmp_path, base, lora_target_modules=["q_proj", "lm_head"])
    merged = tmp_path / "junto"
    assert main(["--adapter", str(adapter), "--output", str(merged), "--dtype", "float32"]) == 0
    assert not json.loads((merged / "config.json").read_text())["tie_word_embeddings"]
    assert worst(merged, adapter) <= TOLERANCE


def test_files_are_cut_by_size_and_read_back_by_transformers(adapter: Path, tmp_path: Path) -> None:
    merged = tmp_path / "junto"
    words = ["--adapter", str(adapter), "--output", str(merged), "--dtype", "bfloat16", "--max-shard-size", "60KB"]
    assert main([*words, "--no-check"]) == 0
    files = sorted(path.name for path in merged.glob("*.safetensors"))
    assert len(files) > 2
    assert files[0] == f"model-00001-of-{len(files):05d}.safetensors"
    assert max(path.stat().st_size for path in merged.glob("*.safetensors")) < 70_000
    model = AutoModelForCausalLM.from_pretrained(merged)
    assert model.dtype == torch.bfloat16
    expected = streamed_logits(merged, IDS)
    with torch.no_grad():
        assert torch.allclose(model.float()(input_ids=IDS).logits, expected, atol=1e-4)


def test_a_merge_that_was_killed_leaves_nothing_that_looks_whole(adapter: Path, tmp_path: Path, forks: Any) -> None:
    merged = tmp_path / "junto"
    words = ["--adapter", str(adapter), "--output", str(merged)]
    assert forks.run("merge", *words, place="weight", number=9) == -signal.SIGKILL
    assert not merged.exists()
    assert len(list(tmp_path.iterdir())) == 1
    assert main(["--adapter", str(adapter), "--output", str(merged), "--no-check"]) == 0
    assert list(tmp_path.iterdir()) == [merged]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--adapter", "/nicht/da", "--output", "x"], "holds no finished adapter"),
        (["--adapter", "ADAPTER", "--output", "ADAPTER"], "is there already"),
        (["--adapter", "ADAPTER", "--output", "x", "--max-shard-size", "viel"], "is no size"),
        (["--adapter", "ADAPTER", "--output", "x", "--base_model", "/nicht/da"], "/nicht/da"),
    ],
)
def test_what_the_user_can_mend_is_one_line(
    adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    places = {"ADAPTER": str(adapter), "x": str(tmp_path / "x")}
    assert main([places.get(word, word) for word in words]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("error: ")
    assert said in lines[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_manifest_is_refused_and_a_missing_one_is_said(
    adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copia"
    shutil.copytree(adapter, copy)
    manifest = copy / "data_manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:100])
    words = ["--adapter", str(copy), "--output", str(tmp_path / "x")]
    assert main(words) == 2
    assert "data_manifest.json is damaged" in capsys.readouterr().err.splitlines()[-1]
    manifest.unlink()
    assert main(words) == 0
    said = capsys.readouterr().err
    assert "does not say in which type its base was computed with: takes float32" in said
    assert "merges 21 weights" in said
    assert "checks: loads the 4-bit model" in said


def test_weights_are_written_in_the_planned_order_and_read_back(tmp_path: Path) -> None:
    entries = [Entry("a", (3, 5)), Entry("b", (4,)), Entry("c", (2, 2))]
    assert [[entry.name for entry in shard] for shard in plan_shards(entries, torch.float32, 70)] == [["a"], ["b", "c"]]
    with ShardWriter(tmp_path, entries, torch.float16, 40) as writer:
        writer.write("a", torch.ones(3, 5))
        writer.write("b", torch.arange(4.0))
        with pytest.raises(ValueError, match="was planned"):
            writer.write("a", torch.ones(3, 5))
        writer.write("c", torch.eye(2))
    stored = StoredWeights(tmp_path)
    assert list(stored) == ["a", "b", "c"]
    assert torch.equal(stored.read("b"), torch.arange(4.0).half())


def test_sizes_are_read_as_people_write_them() -> None:
    assert parse_size("5GB") == 5_000_000_000
    assert parse_size("1.5mb") == 1_500_000
    assert parse_size("1000") == 1000


def test_a_weaker_adapter_is_merged_as_it_was_measured(
    recipe: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train_main([str(recipe(save_strategy="no"))]) == 0
    output = tmp_path / "fraco"
    words = ["--adapter", str(tmp_path / "adaptador"), "--output", str(output), "--dtype", "float32", "--scale", "0.7"]
    # The check compares with the 4-bit model whose adapter is as weak, and keeps nothing that is further off.
    assert main(words) == 0
    assert output.is_dir()
    assert main([*words[:-1], "9", "--output", str(tmp_path / "outro")]) == 2
    assert "--scale: should be" in capsys.readouterr().err


def test_an_adapter_with_whole_layers_has_no_strength(
    recipe: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train_main([str(recipe(save_strategy="no", max_steps=1, lora_modules_to_save=["lm_head"]))]) == 0
    words = ["--adapter", str(tmp_path / "adaptador"), "--output", str(tmp_path / "fraco"), "--scale", "0.7"]
    assert main(words) == 2
    assert "has no strength of its own" in capsys.readouterr().err
    assert not (tmp_path / "fraco").exists()
