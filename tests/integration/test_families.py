"""The families that people train, each as a tiny model from the proof before the first step to the merged model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.train.conftest import make_base, write_documents, write_recipe
from tests.train.families import FAMILIES, make_family
from train.config.load import Config, DatasetKeys, load_config
from train.evaluate import main as evaluate
from train.merge import main as merge
from train.models.device import choose_machine
from train.models.load import load_base, loadable
from train.models.source import resolve_base
from train.qlora import main as train
from train.rehearsal.isolation import isolation_of

# Models of a few thousand weights gain nothing from threads, which wait for each other on a busy machine.
torch.set_num_threads(1)

TRAINED = [name for name, family in FAMILIES.items() if not family.refused]


@pytest.fixture(scope="module")
def base_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("families")
    tokenizer = make_base(folder / "tokenizer", "llama")

    def made(name: str) -> Path:
        place = folder / name.replace(" ", "-")
        return place if place.is_dir() else make_family(name, place, tokenizer)

    return made


@pytest.mark.parametrize("name", FAMILIES)
def test_documents_of_a_row_are_apart_to_1e_5_or_the_leak_is_seen(name: str, base_of: Callable[[str], Path]) -> None:
    config = Config(base_model=str(base_of(name)), datasets=[DatasetKeys(path=".")], load_in_4bit=False, adapter="lora")
    model = load_base(config, loadable(resolve_base(config)), choose_machine(config))
    model.train(mode=False)
    tokens = np.random.default_rng(0).integers(3, 290, 400)
    found = isolation_of(model, tokens, torch.float32, flash=False)
    print(f"{name}: moved {found.moved:.2g}, off {found.off:.2g} nats")
    assert found.holds == FAMILIES[name].packed
    if FAMILIES[name].packed:
        assert max(found.moved, found.off) <= 1e-5


@pytest.mark.parametrize("name", TRAINED)
def test_a_family_is_trained_resumed_bit_for_bit_merged_and_evaluated(
    name: str, base_of: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_documents(tmp_path / "dados.jsonl", 40)
    values = {"strict": False, "lora_r": 4, "lora_dropout": 0.0, "max_steps": 4, "val_set_size": 4}
    path = write_recipe(tmp_path, base_of(name), data, **values)
    assert train([str(path)]) == 0
    assert ("a row of its own" in capsys.readouterr().err) != FAMILIES[name].packed
    whole = tmp_path / "adaptador"
    config, _ = load_config(whole / "config.yml")
    assert config.sample_packing == FAMILIES[name].packed

    cut = tmp_path / "retomado"
    assert train([str(path), "--output_dir", str(cut)]) == 0
    for file in ("adapter_config.json", "checkpoint-4/trainer_state.json"):
        (cut / file).unlink()
    assert train([str(path), "--output_dir", str(cut), "--resume"]) == 0
    first, second = (load_file(folder / "adapter_model.safetensors") for folder in (whole, cut))
    assert all(torch.equal(first[weight], second[weight]) for weight in first)

    words = ["--adapter", str(whole), "--output", str(tmp_path / "junto"), "--dtype", "float32"]
    assert merge(words) == 0, "the check allows 1e-4 of the logits' spread"
    assert evaluate(["--adapter", str(whole), "--datasets", str(data), "--limit", "2"]) == 0


@pytest.mark.parametrize("name", [name for name in FAMILIES if name not in TRAINED])
def test_a_family_that_cannot_be_merged_is_refused_before_it_is_trained(
    name: str, base_of: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_recipe(
        tmp_path, base_of(name), write_documents(tmp_path / "dados.jsonl", 40), strict=False, lora_dropout=0.0
    )
    assert train([str(path)]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ")
    assert FAMILIES[name].refused in last
    assert not (tmp_path / "adaptador").exists()
