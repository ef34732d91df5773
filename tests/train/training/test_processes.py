"""Two processes over gloo learn what one learns."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from train.qlora import main

STEPS = 6


def losses(folder: Path) -> list[float]:
    history = json.loads((folder / f"checkpoint-{STEPS}" / "trainer_state.json").read_text())["log_history"]
    return [entry["loss"] for entry in history if "loss" in entry]


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "rows of every length"])
def test_two_processes_with_the_same_global_batch_have_the_loss_curve_of_one(
    recipe: Callable[..., Path], tmp_path: Path, forks: Any, packed: bool
) -> None:
    # Without packing the processes' rows have from 20 to 64 tokens: a mean of means would not be the mean.
    path = recipe(max_steps=STEPS, save_steps=STEPS, lora_dropout=0.0, sample_packing=packed)
    one, two = tmp_path / "um", tmp_path / "dois"
    assert (
        main([str(path), "--output_dir", str(one), "--micro_batch_size", "4", "--gradient_accumulation_steps", "1"])
        == 0
    )
    words = [str(path), "--output_dir", str(two), "--micro_batch_size", "2", "--gradient_accumulation_steps", "1"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    # The variables that accelerate and torchrun set; on a processor accelerate itself would ask for MPI.
    world = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    started = [forks.start("qlora", *words, RANK=rank, LOCAL_RANK=rank, **world) for rank in ("0", "1")]
    statuses = [forks.wait(process) for process, _ in started]
    said = [file.read_text(encoding="utf-8") for _, file in started]
    assert statuses == [0, 0], said
    assert ", 2 processes: computes in float32" in said[0]
    assert [text.count("adapter in ") for text in said] == [1, 0]
    assert losses(two) == pytest.approx(losses(one), abs=1e-3)
    assert (two / "adapter_config.json").is_file()
    assert sorted(path.name for path in (two / f"checkpoint-{STEPS}").glob("rng_state_*.pth")) == [
        "rng_state_0.pth",
        "rng_state_1.pth",
    ]
