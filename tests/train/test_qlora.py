"""A run from configuration to adapter: what it leaves behind, how it goes on, and how it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from train.config.load import load_config
from train.qlora import main

Recipe = Callable[..., Path]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def same(one: Path, two: Path) -> bool:
    first, second = weights(one), weights(two)
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_adapter_carries_all_that_repeats_the_run(
    recipe: Recipe,
    tmp_path: Path,
    tiny_base: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert main([str(recipe(val_set_size=4))]) == 0
    folder = tmp_path / "adaptador"
    said = capsys.readouterr().err
    assert "computes in float32, optimiser adamw_torch, attention sdpa" in said
    settings = json.loads((folder / "adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == str(tiny_base)
    assert settings["r"] == 8
    assert {name.split(".")[-3] for name in weights(folder)} == {
        "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj",
    }  # fmt: skip
    lines = [json.loads(line) for line in (folder / "documents.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sorted(line["part"] for line in lines) == ["held_out"] * 4 + ["train"] * 36
    assert all(line["url"].startswith("https://exemplo.invalid/") for line in lines)
    manifest = json.loads((folder / "data_manifest.json").read_text(encoding="utf-8"))
    assert manifest["documents"] == 36
    assert manifest["licenses"].keys() == {"CC-BY-4.0", "unknown"}
    assert manifest["figures"]["held_out_loss"] > 0
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "português do Brasil" in card
    assert "Brazilian Portuguese" in card
    # The program text that it shows runs, beside the adapter.
    shown = re.search(r"```python\n(.+?)```", card, flags=re.S)
    assert shown
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    exec(shown[1], names)  # noqa: S102 (it is what this test is about)
    assert any(type(module).__name__ == "Linear4bit" for module in names["model"].modules())
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [f"checkpoint-{n}" for n in (2, 4, 6)]

    # The configuration that it carries makes the same adapter again.
    again = tmp_path / "outra-vez"
    assert main([str(folder / "config.yml"), "--output_dir", str(again)]) == 0
    assert same(folder, again)


def test_base_is_in_four_bits_with_double_quantisation(recipe: Recipe) -> None:
    from bitsandbytes.nn import Linear4bit

    from train.models.device import choose_machine
    from train.models.load import load_for_training, loadable
    from train.models.source import resolve_base

    config, _ = load_config(recipe())
    model = load_for_training(config, loadable(resolve_base(config)), choose_machine(config))
    layers = [module for module in model.modules() if isinstance(module, Linear4bit)]
    assert len(layers) == 14
    assert all(layer.weight.quant_state.nested and layer.weight.quant_state.quant_type == "nf4" for layer in layers)
    assert not model.config.use_cache
    assert model.get_base_model().model.gradient_checkpointing
    assert {name for name, weight in model.named_parameters() if weight.requires_grad} == {
        name for name, _ in model.named_parameters() if "lora_" in name
    }


def test_loss_falls(recipe: Recipe, tmp_path: Path) -> None:
    assert main([str(recipe(max_steps=20, save_steps=20, learning_rate=0.02))]) == 0
    history = json.loads((tmp_path / "adaptador/checkpoint-20/trainer_state.json").read_text())["log_history"]
    losses = [entry["loss"] for entry in history if "loss" in entry]
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])


def test_resumed_run_makes_the_same_adapter_bit_for_bit(recipe: Recipe, tmp_path: Path) -> None:
    whole, broken = tmp_path / "inteiro", tmp_path / "retomado"
    path = recipe(optimizer="paged_adamw_8bit")
    assert main([str(path), "--output_dir", str(whole)]) == 0
    assert main([str(path), "--output_dir", str(broken)]) == 0
    # As if the run had died after step 4, in the middle of writing the next checkpoint.
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (broken / name).unlink()
    half = broken / ".unfinished" / "checkpoint-6"
    half.parent.mkdir()
    (broken / "checkpoint-6").rename(half)
    (half / "optimizer.pt").write_bytes(b"cut")
    assert main([str(path), "--output_dir", str(broken), "--resume"]) == 0
    assert same(whole, broken)
    assert not (broken / ".unfinished").exists()


def test_resume_of_a_finished_run_does_nothing_and_a_new_start_is_refused(
    recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recipe(max_steps=2)
    assert main([str(path)]) == 0
    before = (tmp_path / "adaptador/adapter_model.safetensors").stat().st_mtime_ns
    assert main([str(path), "--resume"]) == 0
    assert main([str(path)]) == 2
    assert (tmp_path / "adaptador/adapter_model.safetensors").stat().st_mtime_ns == before
    assert "--resume goes on with it" in capsys.readouterr().err.splitlines()[-1]


def test_only_the_last_checkpoints_are_kept(recipe: Recipe, tmp_path: Path) -> None:
    assert main([str(recipe(save_steps=1, save_total_limit=2))]) == 0
    found = sorted(path.name for path in (tmp_path / "adaptador").glob("checkpoint-*"))
    assert found == ["checkpoint-5", "checkpoint-6"]


def test_a_run_does_not_go_on_with_another(
    recipe: Recipe, tmp_path: Path, tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(recipe(max_steps=2))]) == 0
    (tmp_path / "adaptador/adapter_config.json").unlink()

    def refusal(**changed: object) -> str:
        assert main([str(recipe(max_steps=2, **changed)), "--resume"]) == 2
        return capsys.readouterr().err.splitlines()[-1]

    assert refusal(learning_rate=0.02).startswith("error: resume_from_checkpoint: learning_rate was 0.01")
    assert refusal(seed=7).startswith("error: resume_from_checkpoint: seed was 42")
    lines = tiny_data.read_text(encoding="utf-8").splitlines(keepends=True)
    tiny_data.write_text("".join(lines[:-1]), encoding="utf-8")
    assert refusal().startswith("error: resume_from_checkpoint: the data has changed")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"lora_rank": 8}, "unknown key lora_rank"),
        ({"datasets": [{"path": "/nicht/da"}]}, "/nicht/da"),
        ({"base_model": "/nicht/da"}, "/nicht/da"),
        ({"lora_target_modules": ["q_proj"], "lora_target_linear": False, "optimizer": "adamm"}, "adamm"),
        ({"lr_scheduler": "cosinus"}, "cosinus"),
        ({"attn_implementation": "flash_attention_2"}, "sdpa does the same"),
        ({"early_stopping_patience": 2}, "val_set_size"),
        ({"liger_kernel": True}, "pip install liger-kernel"),
        ({"optim_args": "foo"}, "optim_args: foo should be key=value"),
        ({"lr_scheduler_kwargs": {"foo": 1}}, "lr_scheduler_kwargs: cosine"),
        ({"load_best_model_at_end": True, "val_set_size": 4, "eval_steps": 3}, "round multiple"),
        ({"special_tokens": {"eos_token": "<fim>"}}, "is not in the vocabulary"),
        (
            {
                "fsdp": "full_shard",
                "optimizer": "adamw_torch",
                "chunked_cross_entropy": False,
                "bnb_config_kwargs": {"bnb_4bit_quant_storage": "bfloat16"},
            },
            "fsdp: needs GPUs",
        ),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_leaves_nothing(
    recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str], values: dict[str, object], words: str
) -> None:
    assert main([str(recipe(**values))]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert words in lines[0]
    assert not (tmp_path / "adaptador").exists()


def test_a_base_with_pickled_weights_only_is_refused(
    recipe: Recipe, tmp_path: Path, tiny_base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "picles"
    folder.mkdir()
    for path in tiny_base.iterdir():
        if path.suffix != ".safetensors":
            (folder / path.name).write_bytes(path.read_bytes())
    torch.save(load_file(tiny_base / "model.safetensors"), folder / "pytorch_model.bin")
    assert main([str(recipe(base_model=str(folder)))]) == 2
    assert "only pickled weights" in capsys.readouterr().err.splitlines()[-1]


def test_a_base_that_asks_for_remote_code_is_refused(
    recipe: Recipe, tmp_path: Path, tiny_base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "alheio"
    folder.mkdir()
    for path in tiny_base.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    settings = json.loads((folder / "config.json").read_text()) | {
        "auto_map": {"AutoModelForCausalLM": "modeling_alheio.AlheioForCausalLM"}
    }
    (folder / "config.json").write_text(json.dumps(settings))
    (folder / "modeling_alheio.py").write_text("raise SystemExit('this must never run')")
    assert main([str(recipe(base_model=str(folder)))]) == 2
    assert "asks for its own program text" in capsys.readouterr().err.splitlines()[-1]


def test_a_loss_that_is_no_number_ends_the_run(recipe: Recipe, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(recipe(learning_rate=1e30, max_grad_norm=0))]) == 2
    assert "lower learning_rate" in capsys.readouterr().err.splitlines()[-1]


def test_the_best_checkpoint_is_kept_and_a_run_that_gets_no_better_stops_early(recipe: Recipe, tmp_path: Path) -> None:
    rates = {"learning_rate": 0.1, "lr_scheduler": "constant", "warmup_steps": 0, "max_steps": 40, "lora_dropout": 0.0}
    stops = {"early_stopping_patience": 1, "load_best_model_at_end": True, "save_total_limit": 1}
    path = recipe(**rates, **stops, val_set_size=6, eval_steps=2, save_steps=2)
    assert main([str(path)]) == 0
    folder = tmp_path / "adaptador"
    checkpoints = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    state = json.loads((checkpoints[-1] / "trainer_state.json").read_text())
    assert state["global_step"] < 40, "an evaluation was no better"
    best = folder / f"checkpoint-{state['best_global_step']}"
    assert best in checkpoints, "the best is kept beyond the limit"
    assert same(folder, best)
    figures = json.loads((folder / "data_manifest.json").read_text())["figures"]
    assert figures["held_out_loss"] == state["best_metric"]


def test_warming_up_longer_than_the_run_is_said(recipe: Recipe, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(recipe(warmup_steps=100))]) == 0
    assert "warmup_steps: 100 in a run of 6 steps: learning_rate is never reached" in capsys.readouterr().err


def test_tokens_seen_are_those_of_the_rows_without_padding_also_after_a_resume(recipe: Recipe, tmp_path: Path) -> None:
    epochs: dict[str, object] = {"max_steps": None, "num_epochs": 2, "save_steps": 3, "micro_batch_size": 8}
    path = recipe(**epochs, sample_packing=False, pad_to_sequence_len=True)
    assert main([str(path)]) == 0
    folder = tmp_path / "adaptador"

    def figures() -> dict[str, Any]:
        found: dict[str, Any] = json.loads((folder / "data_manifest.json").read_text(encoding="utf-8"))
        assert found["figures"]["tokens"] == 2 * found["tokens"]
        return found

    assert figures()["fill"] < 0.9, "there is padding"
    (folder / "adapter_config.json").unlink()
    last = max(folder.glob("checkpoint-*"), key=lambda each: int(each.name.partition("-")[2]))
    (last / "trainer_state.json").unlink()
    assert main([str(path), "--resume"]) == 0
    figures()


def test_the_first_runs_file_trains_on_another_base(
    shared: Path, tiny_mistral: Path, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = shared / "data/axolotl/llama2-7b-comunism-br-pt-qlora.yml"
    words = ["--base_model", str(tiny_mistral), "--datasets", str(tiny_data), "--output_dir", "adaptador"]
    assert main([str(path), *words, "--sequence_len", "64", "--max_steps", "2"]) == 0
    names = {name.split(".")[-2] for name in weights(Path("adaptador"))}
    assert {"embed_tokens", "lm_head", "lora_A", "lora_B"} <= names
