"""Runs that are stopped or killed: nothing is lost, nothing looks whole that is not, and the end is the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from train.training.checkpoints import UNFINISHED, checkpoints_in

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}

KILLS = 10

DRIVER = """
import json, os, signal, sys
from pathlib import Path
import bitsandbytes, peft, torch, transformers
from train.training import run
from train.training import callbacks, checkpoints
from train.qlora import main

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def dies_after_step(number):
    class Death(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            if state.global_step >= number:
                die()
    make = transformers.Trainer.__init__
    def init(self, *arguments, **named):
        make(self, *arguments, **named)
        self.add_callback(Death())
    transformers.Trainer.__init__ = init

def dies_while_writing(number):
    save, count = torch.save, [0]
    def cut_short(value, target, *arguments, **named):
        count[0] += 1
        save(value, target, *arguments, **named)
        if count[0] >= number:
            Path(target).write_bytes(Path(target).read_bytes()[:100])
            die()
    torch.save = cut_short

def dies_before_renaming(number):
    checkpoints.move_in = die

def dies_among_the_adapter_s_files(number):
    replace, count = Path.replace, [0]
    def cut_short(self, target):
        count[0] += 1
        if count[0] >= number:
            die()
        return replace(self, target)
    Path.replace = cut_short

deaths = {
    "step": dies_after_step,
    "write": dies_while_writing,
    "rename": dies_before_renaming,
    "adapter": dies_among_the_adapter_s_files,
    "none": lambda number: None,
}
for line in sys.stdin:
    place, number, words = json.loads(line)
    child = os.fork()
    if child == 0:
        deaths[place](number)
        os._exit(main(words))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Runs in processes of their own that kill themselves with SIGKILL at a chosen place: nothing can clean up after that, as
in a loss of power. They are forked from one that has imported everything, which takes longer than a run."""


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


@pytest.fixture
def run() -> Iterator[Callable[..., int]]:
    """Runs `train.qlora` with a death ordered at a place, and returns the exit status."""
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    )

    def ordered(place: str, number: int, *words: str) -> int:
        assert driver.stdin is not None
        assert driver.stdout is not None
        print(json.dumps([place, number, words]), file=driver.stdin, flush=True)
        return int(driver.stdout.readline())

    yield ordered
    driver.kill()
    driver.wait()


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


def test_killed_ten_times_also_while_saving_makes_the_same_adapter_bit_for_bit(
    recipe: Callable[..., Path], tmp_path: Path, run: Callable[..., int]
) -> None:
    path, whole, killed = str(recipe(max_steps=12, save_steps=1)), tmp_path / "inteiro", tmp_path / "morto"
    assert run("none", 0, path, "--output_dir", str(whole)) == 0
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
        assert run(place, number, path, "--output_dir", str(killed), "--resume") == -signal.SIGKILL
        assert not (killed / "adapter_config.json").exists(), "what was killed must not look finished"
        for checkpoint in killed.glob("checkpoint-*"):
            assert checkpoint in checkpoints_in(killed)
            torch.load(checkpoint / "optimizer.pt")
    assert run("none", 0, path, "--output_dir", str(killed), "--resume") == 0
    expected, found = weights(whole), weights(killed)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert not (killed / UNFINISHED).exists()
