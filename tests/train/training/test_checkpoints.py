"""What lies in a checkpoint is looked at before a run goes on from it; what cannot be gone on with says how it can."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from train.qlora import main
from train.training.checkpoints import broken_file

Recipe = Callable[..., Path]
WEIGHTS = "adapter_model.safetensors"


@pytest.fixture(scope="module")
def finished(session_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a recipe of four steps, with its adapter and a checkpoint of every second step."""
    folder = tmp_path_factory.mktemp("acabado")
    assert main([str(session_recipe(folder, max_steps=4, val_set_size=4, eval_steps=2))]) == 0
    return folder


@pytest.fixture
def stopped(finished: Path, tmp_path: Path) -> tuple[list[str], Path]:
    """The command that goes on with the same run as if it had been killed after its last checkpoint; and its folder."""
    output = tmp_path / "parado"
    shutil.copytree(finished / "adaptador", output)
    (output / "adapter_config.json").unlink()
    return [str(finished / "receita.yml"), "--output_dir", str(output), "--resume"], output


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_every_file_that_is_cut_is_named(stopped: tuple[list[str], Path]) -> None:
    last = stopped[1] / "checkpoint-4"
    assert broken_file(last) is None
    names = {path.name for path in last.iterdir() if path.suffix not in (".md", ".jinja")}
    assert {"optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json", "run.json", WEIGHTS} <= names
    for name in names:
        before = (last / name).read_bytes()
        cut(last / name)
        assert broken_file(last) == name
        (last / name).write_bytes(b"")
        assert broken_file(last) == name
        (last / name).write_bytes(before)
    state = bytearray((last / "optimizer.pt").read_bytes())
    state[len(state) // 2] ^= 0xFF
    (last / "optimizer.pt").write_bytes(state)
    assert broken_file(last) == "optimizer.pt"


def test_a_cut_checkpoint_is_passed_over_and_the_adapter_is_the_same(
    stopped: tuple[list[str], Path], finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, output = stopped
    cut(output / "checkpoint-4" / "optimizer.pt")
    assert main(command) == 0
    said = capsys.readouterr().err
    assert "checkpoint-4 is passed over: optimizer.pt is cut" in said
    assert f"goes on from {output / 'checkpoint-2'}" in said
    found, expected = load_file(output / WEIGHTS), load_file(finished / "adaptador" / WEIGHTS)
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_where_no_checkpoint_is_whole_nothing_is_begun(
    stopped: tuple[list[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    command, output = stopped
    for number in (2, 4):
        cut(output / f"checkpoint-{number}" / "optimizer.pt")
    assert main(command) == 2
    assert "no checkpoint in" in capsys.readouterr().err.splitlines()[-1]
    assert main([*command[:-1], "--resume_from_checkpoint", str(output / "checkpoint-4")]) == 2
    assert "is no whole checkpoint (optimizer.pt is cut)" in capsys.readouterr().err.splitlines()[-1]


def test_the_best_checkpoint_that_is_gone_is_missed(
    session_recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The first step helps, the second goes too far.
    steps = {"max_steps": 2, "eval_steps": 1, "save_steps": 1, "val_set_size": 4, "load_best_model_at_end": True}
    rates = {"learning_rate": 1.0, "lr_scheduler": "constant", "warmup_steps": 0, "lora_dropout": 0.0}
    path = session_recipe(tmp_path, **steps, **rates)
    assert main([str(path)]) == 0
    output = tmp_path / "adaptador"
    (output / "adapter_config.json").unlink()
    moved = tmp_path / "mudado"
    output.rename(moved)
    assert main([str(path), "--output_dir", str(moved), "--resume"]) == 0
    best = load_file(moved / "checkpoint-1" / WEIGHTS)
    assert all(torch.equal(tensor, best[name]) for name, tensor in load_file(moved / WEIGHTS).items())
    (moved / "adapter_config.json").unlink()
    shutil.rmtree(moved / "checkpoint-1")
    assert main([str(path), "--output_dir", str(moved), "--resume"]) == 2
    assert "checkpoint-1, the best so far, is gone" in capsys.readouterr().err.splitlines()[-1]


def test_a_run_that_was_killed_after_its_last_checkpoint_is_finished_without_another_step(
    stopped: tuple[list[str], Path], finished: Path
) -> None:
    command, output = stopped
    assert main(command) == 0
    found, expected = load_file(output / WEIGHTS), load_file(finished / "adaptador" / WEIGHTS)
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    figures = [
        json.loads((folder / "data_manifest.json").read_text())["figures"]
        for folder in (output, finished / "adaptador")
    ]
    for name in ("steps", "tokens", "loss", "held_out_loss"):
        assert figures[0][name] == figures[1][name]


def test_a_run_that_stopped_early_is_not_gone_on_with(session_recipe: Recipe, tmp_path: Path) -> None:
    steps = {"max_steps": 9, "eval_steps": 1, "save_steps": 1, "val_set_size": 4, "load_best_model_at_end": True}
    rates = {"learning_rate": 1.0, "lr_scheduler": "constant", "warmup_steps": 0, "lora_dropout": 0.0}
    path = session_recipe(tmp_path, **steps, **rates, early_stopping_patience=1)
    assert main([str(path)]) == 0
    output = tmp_path / "adaptador"
    assert sorted(each.name for each in output.glob("checkpoint-*")) == ["checkpoint-1", "checkpoint-2"]
    expected = load_file(output / WEIGHTS)
    (output / "adapter_config.json").unlink()
    assert main([str(path), "--resume"]) == 0
    assert not (output / "checkpoint-3").exists()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in load_file(output / WEIGHTS).items())


def test_going_on_beyond_the_end_says_how(
    finished: Path, stopped: tuple[list[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = str(finished / "receita.yml")
    assert main([recipe, "--resume"]) == 0
    assert main([recipe, "--resume", "--max_steps", "8"]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert "finished, with max_steps: 4, and max_steps is 8 now" in last
    assert f"lora_model_dir: {finished / 'adaptador'}" in last
    assert main([*stopped[0], "--max_steps", "8"]) == 2
    assert "go on from its adapter (lora_model_dir)" in capsys.readouterr().err.splitlines()[-1]
    # And what it says works.
    further = ["--lora_model_dir", str(finished / "adaptador"), "--output_dir", str(stopped[1].parent / "mais")]
    assert main([recipe, *further, "--strict", "false", "--max_steps", "2"]) == 0
