"""Runs that are stopped or killed: nothing is lost, nothing looks whole that is not, and the end is the same."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from train.training.checkpoints import UNFINISHED, checkpoints_in

KILLS = 10


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def test_sigterm_saves_a_checkpoint_and_says_how_to_go_on(
    recipe: Callable[..., Path], tmp_path: Path, forks: Any
) -> None:
    folder = tmp_path / "adaptador"
    process, said = forks.start("qlora", str(recipe(max_steps=10_000, save_steps=1000)))
    try:
        while "step 1/" not in said.read_text(encoding="utf-8"):
            os.kill(process, 0)
            time.sleep(0.05)
    finally:
        os.kill(process, signal.SIGTERM)
    assert forks.wait(process) == 130
    rest = said.read_text(encoding="utf-8")
    saved = list(folder.glob("checkpoint-*"))
    assert len(saved) == 1
    assert f"stopped at step {saved[0].name.removeprefix('checkpoint-')}; go on with: python -m train.qlora" in rest
    assert "--resume" in rest
    assert not (folder / "adapter_config.json").exists()


def test_killed_ten_times_also_while_saving_makes_the_same_adapter_bit_for_bit(
    recipe: Callable[..., Path], tmp_path: Path, forks: Any
) -> None:
    path, whole, killed = str(recipe(max_steps=12, save_steps=1)), tmp_path / "inteiro", tmp_path / "morto"
    assert forks.run("qlora", path, "--output_dir", str(whole)) == 0
    places = [
        ("step", 2),
        ("write", 1),
        ("write", 3),
        ("rename", 1),
        ("step", 4),
        ("write", 5),
        ("step", 7),
        ("write", 2),
    ]
    places += [("adapter", 1), ("adapter", 5)]
    assert len(places) == KILLS
    for place, number in places:
        words = [path, "--output_dir", str(killed), "--resume"]
        assert forks.run("qlora", *words, place=place, number=number) == -signal.SIGKILL
        assert not (killed / "adapter_config.json").exists(), "what was killed must not look finished"
        for checkpoint in killed.glob("checkpoint-*"):
            assert checkpoint in checkpoints_in(killed)
            torch.load(checkpoint / "optimizer.pt")
    assert forks.run("qlora", path, "--output_dir", str(killed), "--resume") == 0
    expected, found = weights(whole), weights(killed)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert not (killed / UNFINISHED).exists()
