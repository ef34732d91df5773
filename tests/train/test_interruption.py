"""Runs that are stopped or killed: nothing is lost, nothing looks whole that is not, and the end is the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from train.checkpoints import UNFINISHED, checkpoints_in

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}

KILLS = 10

KILLER = """
import os, random, signal, sys
from pathlib import Path
import transformers
from train import checkpoints
from train.checkpoints import WholeCheckpoints
from train.qlora import main

# Where this process dies: at a step, after the trainer has written this many files of a checkpoint, or at a rename.
place, number = sys.argv[1], int(sys.argv[2])

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if place == "step":
    class Death(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            if state.global_step >= number:
                die()
    trainer_init = transformers.Trainer.__init__
    def init(self, *arguments, **named):
        trainer_init(self, *arguments, **named)
        self.add_callback(Death())
    transformers.Trainer.__init__ = init
elif place == "write":
    import torch
    save, count = torch.save, [0]
    def cut_short(value, target, *arguments, **named):
        count[0] += 1
        save(value, target, *arguments, **named)
        if count[0] >= number:
            Path(target).write_bytes(Path(target).read_bytes()[:100])
            die()
    torch.save = cut_short
elif place == "publish":
    checkpoints.move_in = die
elif place == "adapter":
    from train import files
    replace, count = Path.replace, [0]
    def cut_short(self, target):
        count[0] += 1
        if count[0] >= number:
            die()
        return replace(self, target)
    Path.replace = cut_short
sys.exit(main(sys.argv[3:]))
"""
"""A run that kills itself with SIGKILL at a chosen place; nothing can clean up after that, as in a loss of power."""


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def run(*words: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "train.qlora", *words], env=ENVIRONMENT, check=False, capture_output=True
    ).returncode


def test_sigterm_saves_a_checkpoint_and_says_how_to_go_on(recipe: Callable[..., Path], tmp_path: Path) -> None:
    folder = tmp_path / "adaptador"
    process = subprocess.Popen(
        [sys.executable, "-m", "train.qlora", str(recipe(max_steps=10_000, save_steps=1000))],
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("step 1/"):
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(60) == 130
    finally:
        process.kill()
    saved = list(folder.glob("checkpoint-*"))
    assert len(saved) == 1
    assert f"stopped at step {saved[0].name.removeprefix('checkpoint-')}; go on with: python -m train.qlora" in rest
    assert "--resume" in rest
    assert not (folder / "adapter_config.json").exists()


@pytest.mark.slow
def test_killed_ten_times_also_while_saving_makes_the_same_adapter_bit_for_bit(
    recipe: Callable[..., Path], tmp_path: Path
) -> None:
    path, whole, killed = recipe(max_steps=12, save_steps=1), tmp_path / "inteiro", tmp_path / "morto"
    assert run(str(path), "--output_dir", str(whole)) == 0
    places = [
        ("step", 2),
        ("write", 1),
        ("write", 3),
        ("publish", 1),
        ("step", 4),
        ("write", 5),
        ("step", 7),
        ("write", 2),
    ]
    places += [("adapter", 1), ("adapter", 5)]
    assert len(places) == KILLS
    for place, number in places:
        process = subprocess.run(
            [sys.executable, "-c", KILLER, place, str(number), str(path), "--output_dir", str(killed), "--resume"],
            env=ENVIRONMENT,
            check=False,
            capture_output=True,
        )
        assert process.returncode == -signal.SIGKILL, process.stderr.decode()[-500:]
        assert not (killed / "adapter_config.json").exists(), "what was killed must not look finished"
        for checkpoint in killed.glob("checkpoint-*"):
            assert checkpoint in checkpoints_in(killed)
            torch.load(checkpoint / "optimizer.pt")
    assert run(str(path), "--output_dir", str(killed), "--resume") == 0
    expected, found = weights(whole), weights(killed)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert not (killed / UNFINISHED).exists()
