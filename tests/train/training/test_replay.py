"""Replay: what the base knew is among the rows, costs what it should, and keeps the adapter near."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from train.config.load import Config
from train.data.packing import IGNORED, Collator, PackedRows
from train.data.replay import ReplayedRows, replay_tokens
from train.evaluate import main as evaluate_main
from train.models.chunked_loss import split_loss
from train.models.replay_loss import add_replay_loss
from train.qlora import main


def rows(count: int, length: int, *, first: int) -> PackedRows:
    tokens = np.arange(first, first + count * length, dtype=np.uint32)
    return PackedRows.pack(tokens, np.full(count, length), length, seed=0)


def test_rows_of_both_kinds_are_whole_and_marked() -> None:
    both = ReplayedRows(rows(5, 8, first=100), rows(2, 8, first=500), flagged=True)
    assert len(both) == 7
    assert both.tokens == 56
    assert sorted(token for row in both for token in row["input_ids"].tolist()) == [*range(100, 140), *range(500, 516)]
    marked = [bool(both[place].get("replay")) for place in range(7)]
    assert marked == [False] * 5 + [True] * 2
    batch = Collator()([both[0], both[6]])
    assert batch["replay"].tolist() == [False, True]  # type: ignore[attr-defined]
    assert "replay" not in Collator()([both[0], both[1]])


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_the_share_is_that_of_all_tokens(share: float) -> None:
    config = Config(base_model="x", datasets=[{"path": "y"}], replay="self", replay_share=share)
    extra = replay_tokens(9000, config)
    assert extra / (9000 + extra) == pytest.approx(share, abs=1e-4)


def test_marked_rows_cost_the_divergence_from_the_base_and_the_others_their_cross_entropy(tiny_base: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_base, dtype=torch.float32)
    adapted = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"))
    torch.manual_seed(1)
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    ids = torch.randint(5, 200, (2, 12))
    with torch.no_grad():
        ours = adapted(input_ids=ids).logits.log_softmax(-1)
        with adapted.disable_adapter():
            theirs = adapted(input_ids=ids).logits.log_softmax(-1)
    learned = -ours[0, :-1].gather(-1, ids[0, 1:, None]).sum()
    kept = (theirs[1, :-1].exp() * (theirs[1, :-1] - ours[1, :-1])).sum()
    split_loss(model)
    add_replay_loss(adapted, pieces=3)
    labels = ids.clone()
    labels[:, 0] = IGNORED
    replay = torch.tensor([False, True])
    loss = adapted(input_ids=ids, labels=labels, replay=replay, num_items_in_batch=torch.tensor(22)).loss
    assert loss.item() == pytest.approx(float(learned + kept) / 22, rel=1e-4)
    assert kept > 0.1
    loss.backward()
    gradients = [parameter.grad for parameter in adapted.parameters() if parameter.requires_grad]
    assert all(gradient is not None and bool(torch.isfinite(gradient).all()) for gradient in gradients)
    assert all(parameter.grad is None for parameter in adapted.parameters() if not parameter.requires_grad)


def test_divergence_keeps_the_adapter_nearer_to_its_base(
    recipe: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drifts: dict[str, float] = {}
    for name, values in {
        "without": {},
        "kl": {
            "replay": "self",
            "replay_share": 0.5,
            "replay_loss": "kl",
            "dataset_prepared_path": str(tmp_path / "kept"),
        },
    }.items():
        output = str(tmp_path / name)
        path = recipe(output_dir=output, max_steps=None, num_epochs=2, lora_dropout=0.0, save_strategy="no", **values)
        assert main([str(path)]) == 0
        assert evaluate_main(["--adapter", output, "--drift", "8", "--json", str(tmp_path / "F.json")]) == 0
        drifts[name] = json.loads((tmp_path / "F.json").read_text(encoding="utf-8"))["drift"]["drift"]
    assert drifts["kl"] < 0.8 * drifts["without"]
    assert "replay: the base writes" in capsys.readouterr().err
    # What the base wrote is kept, and the same run does not have it written again.
    assert len(list((tmp_path / "kept").glob("replay-*.npz"))) == 1
    path = recipe(
        output_dir=str(tmp_path / "again"),
        max_steps=1,
        lora_dropout=0.0,
        save_strategy="no",
        replay="self",
        replay_share=0.5,
        replay_loss="lm",
        dataset_prepared_path=str(tmp_path / "kept"),
    )
    assert main([str(path)]) == 0
    assert "the base writes" not in capsys.readouterr().err


def test_texts_can_be_replayed_and_a_run_goes_on_bit_for_bit(
    recipe: Callable[..., Path], tiny_data: Path, tmp_path: Path
) -> None:
    values = {"replay": str(tiny_data), "replay_share": 0.25, "replay_loss": "kl", "max_steps": 4, "save_steps": 2}
    assert main([str(recipe(output_dir=str(tmp_path / "whole"), **values))]) == 0
    other = tmp_path / "halves"
    (tmp_path / "whole" / "checkpoint-2").rename(tmp_path / "checkpoint-2")
    other.mkdir()
    (tmp_path / "checkpoint-2").rename(other / "checkpoint-2")
    assert main([str(recipe(output_dir=str(other), **values)), "--resume"]) == 0
    whole, halves = (folder / "adapter_model.safetensors" for folder in (tmp_path / "whole", other))
    assert whole.read_bytes() == halves.read_bytes()
    # Every token stays traceable: the texts of replay are listed, and are not measured on as unseen ones.
    parts = [json.loads(line)["part"] for line in (other / "documents.jsonl").read_text(encoding="utf-8").splitlines()]
    assert 0 < parts.count("replay") < parts.count("train")
    assert str(tiny_data) in json.loads((other / "data_manifest.json").read_text(encoding="utf-8"))["files"]


@pytest.mark.parametrize("dry", [False, True], ids=["training", "plan"])
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"replay": "nowhere.jsonl"}, "error: replay: nowhere.jsonl: no such file or folder"),
        ({"replay": "nowhere/at-all"}, "error: replay: nowhere/at-all: no such file or folder, nor a data set"),
        ({"replay": "nowhere/*.jsonl"}, "error: replay: nowhere/*.jsonl: no file matches"),
        ({"replay": __file__}, "error: replay: "),
        ({"replay": str(Path(__file__).parent)}, "no shard or JSON file in this folder"),
        ({"replay": "damaged.jsonl"}, "damaged.jsonl, line 1: is no JSON"),
        ({"replay": "few.jsonl"}, "name more texts, or lower replay_share"),
        ({"test_datasets": [{"path": "nowhere.jsonl"}]}, "error: test_datasets: nowhere.jsonl: no such file"),
        ({"replay": "self", "chunked_cross_entropy": False}, "needs chunked_cross_entropy"),
        ({"replay": "self", "lora_modules_to_save": ["lm_head"]}, "a head that is not trained"),
        ({"replay": "self", "replay_share": 1.0}, "replay_share"),
    ],
    ids=str,
)
def test_replay_that_cannot_be_followed_is_refused_before_anything_is_written(
    values: dict[str, object],
    said: str,
    *,
    dry: bool,
    recipe: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "damaged.jsonl").write_text("a cidade\n", encoding="utf-8")
    (tmp_path / "few.jsonl").write_text(json.dumps({"text": "a cidade tem um rio"}) + "\n", encoding="utf-8")
    assert main([str(recipe(**values)), *(["--dry-run"] if dry else [])]) == 2
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "adaptador").exists()
