"""Learning rates: of parts of the adapter, chosen by short runs, and far too high ones."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from train.config.load import Config
from train.errors import NotANumberError
from train.qlora import main
from train.training.lr_probe import MOST_RUNS, STEP, climb, lowest_good
from train.training.rates import divide_by_rate


def config_with(**values: object) -> Config:
    return Config.model_validate({"base_model": "x", "datasets": [{"path": "y"}], "learning_rate": 0.001, **values})


def test_parts_have_rates_of_their_own_and_no_weight_is_lost(tiny_base: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_base)
    settings = LoraConfig(r=2, target_modules=["q_proj"], modules_to_save=["embed_tokens"], task_type="CAUSAL_LM")
    adapted = get_peft_model(model, settings)
    trained = {name: each for name, each in adapted.named_parameters() if each.requires_grad}
    optimizer = torch.optim.AdamW(list(trained.values()), lr=0.001, weight_decay=0.1)
    divide_by_rate(optimizer, adapted, config_with(embedding_lr=0.0001, loraplus_lr_ratio=16))
    rates = {id(each): group["lr"] for group in optimizer.param_groups for each in group["params"]}
    assert len(rates) == len(trained)
    for name, each in trained.items():
        expected = 0.0001 if "embed_tokens" in name else 0.016 if "lora_B" in name else 0.001
        assert rates[id(each)] == pytest.approx(expected), name
    assert all(group["weight_decay"] == 0.1 for group in optimizer.param_groups)
    for each in trained.values():
        each.grad = torch.ones_like(each)
    optimizer.step()


def test_without_rates_of_their_own_the_groups_stay() -> None:
    weight = torch.nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.AdamW([weight], lr=0.001)
    before = list(optimizer.param_groups)
    divide_by_rate(optimizer, torch.nn.Linear(2, 2), config_with())
    assert optimizer.param_groups == before


@pytest.mark.parametrize("start", [1e-4, 3e-4, 1e-3, 1e-2])
def test_the_ladder_ends_near_the_best_rate_from_wherever_it_starts(start: float) -> None:
    def loss(rate: float) -> float:
        return 3 + 0.1 * math.log10(rate / 1e-3) ** 2 + (math.inf if rate > 0.09 else 0)

    losses = climb(loss, start)
    assert len(losses) <= MOST_RUNS
    assert loss(lowest_good(losses, before=4.0)) <= 1.02 * 3


def test_of_rates_that_come_to_nearly_the_same_the_lowest_is_taken() -> None:
    assert lowest_good({0.0003: 3.5, 0.001: 3.0, 0.003: 2.99, 0.01: 5.0}, before=4.0) == 0.001
    with pytest.raises(NotANumberError, match="lower learning_rate"):
        lowest_good({0.1: math.inf}, before=4.0)


def test_short_runs_choose_the_rate_and_a_run_that_goes_on_keeps_it(
    recipe: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a rate that hardly moves anything to one that learns; the run itself is that of the chosen rate."""
    values = {"lr_probe": True, "learning_rate": 1e-5, "micro_batch_size": 1, "gradient_accumulation_steps": 1}
    values |= {"max_steps": None, "num_epochs": 1, "warmup_steps": 0, "lora_dropout": 0.0, "save_steps": 20}
    path = recipe(**values)
    assert main([str(path)]) == 0
    said = capsys.readouterr().err
    output = tmp_path / "adaptador"
    probe = json.loads((output / "lr_probe.json").read_text(encoding="utf-8"))
    resolved = yaml.safe_load((output / "config.yml").read_text(encoding="utf-8"))
    assert resolved["learning_rate"] == probe["chosen"] > 1e-5 * STEP
    assert resolved["lr_probe"] is False
    assert f"learning_rate {probe['chosen']:g} instead of 1e-05" in said
    assert main([str(path), "--resume"]) == 0
    assert "nothing is left to do" in capsys.readouterr().err
    # A run that was stopped after the probe does not probe again, and ends with the same adapter.
    weights = (output / "adapter_model.safetensors").read_bytes()
    for name in ("adapter_config.json", "adapter_model.safetensors", "config.yml"):
        (output / name).unlink()
    assert main([str(path), "--resume"]) == 0
    assert "comes to" not in capsys.readouterr().err
    assert (output / "adapter_model.safetensors").read_bytes() == weights


@pytest.fixture
def learned_base(make_tiny_base: Callable[..., Path], tiny_data: Path) -> Path:
    """A tiny base that knows something which can be forgotten: how often each word stands in the data."""
    folder = make_tiny_base(num_hidden_layers=1)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = [json.loads(line)["text"] for line in tiny_data.read_text(encoding="utf-8").splitlines()]
    tokens = torch.tensor([token for text in texts for token in tokenizer(text).input_ids])
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.005)
    for step in range(80):
        rows = tokens[
            torch.randint(0, len(tokens) - 32, (16,), generator=torch.Generator().manual_seed(step))[:, None]
            + torch.arange(32)
        ]
        model(input_ids=rows, labels=rows).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    return folder


def test_a_run_at_a_hundredfold_rate_ends_within_twenty_steps_with_the_reason(
    learned_base: Path, recipe: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {"base_model": str(learned_base), "save_strategy": "no", "lora_dropout": 0.0, "max_steps": 25}
    assert main([str(recipe(learning_rate=0.01, output_dir=str(tmp_path / "usual"), **values))]) == 0
    path = recipe(learning_rate=1.0, **values)
    assert main([str(path)]) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert "learning_rate: at 1 the run forgets instead of learning" in line
    assert int(line.split(" steps;")[0].rsplit(" ", 1)[1]) <= 20
    assert not list(tmp_path.glob("adaptador/adapter_config.json"))


def test_too_short_a_run_is_not_probed(recipe: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(recipe(lr_probe=True, max_steps=2, save_strategy="no"))]) == 0
    assert "keeps 0.01" in capsys.readouterr().err
