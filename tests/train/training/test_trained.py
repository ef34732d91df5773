"""Between the last step and the finished adapter nothing that was trained is lost, and the same command finishes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import Trainer, TrainerCallback

from train.qlora import main
from train.training import finish, finite, run, trained
from train.training.checkpoints import WholeCheckpoints

WEIGHTS = "adapter_model.safetensors"


class Killed(BaseException):
    """Ends a run at once, as SIGKILL would: nothing in the program catches it."""


class Events:
    """Counts the steps on the way to the finished adapter and ends the run before that of number `deadly`."""

    def __init__(self, deadly: int = 0, error: BaseException | None = None) -> None:
        self.count = 0
        self.deadly = deadly
        self.error = error or Killed()

    def watched(self, step: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **named: object) -> object:
            self.count += 1
            if self.count == self.deadly:
                raise self.error
            return step(*arguments, **named)

        return counted

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for module, name in (
            (trained, "sync_folder"),
            (trained, "move_in"),
            (finish, "write_records"),
            (finish, "sync_folder"),
            (finish, "move_files_in"),
            (run, "clear_finished"),
            (finish, "clear_finished"),
        ):
            monkeypatch.setattr(module, name, self.watched(getattr(module, name)))
        replace = Path.replace
        # A plain function, so that it is bound to the path like the one that it stands for.
        watched = self.watched(replace)
        monkeypatch.setattr(Path, "replace", lambda path, target: watched(path, target))


@pytest.fixture
def command(recipe: Callable[..., Path]) -> list[str]:
    return [str(recipe(max_steps=2, save_strategy="no"))]


@pytest.fixture
def written(command: list[str], tmp_path: Path) -> Path:
    """An output folder as a kill right after the writing of the trained weights leaves it, before they have their name."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        # The first is the file of figures that gets its name.
        Events(deadly=2).watch(monkeypatch)
        with pytest.raises(Killed):
            main(command)
    return tmp_path / "adaptador"


def weights(folder: Path) -> dict[str, torch.Tensor]:
    found = next(path for path in sorted(folder.rglob(WEIGHTS)) if "checkpoint" not in str(path))
    return load_file(found)


def test_killed_at_each_step_after_the_last_the_same_command_finishes(
    command: list[str], written: Path, tmp_path: Path
) -> None:
    expected, copy = weights(written), tmp_path / "copia"
    shutil.copytree(written, copy)
    number, ended = 0, False
    while not ended:
        number += 1
        shutil.rmtree(written)
        shutil.copytree(copy, written)
        with pytest.MonkeyPatch.context() as patch:
            Events(deadly=number).watch(patch)
            try:
                assert main(command) == 0
                ended = True
            except Killed:
                pass
        assert all(torch.equal(tensor, expected[name]) for name, tensor in weights(written).items())
        if not ended:
            assert main(command) == 0
        assert (written / "adapter_config.json").is_file()
        assert (written / "README.md").is_file()
        assert not [path for path in written.iterdir() if path.name.startswith(".")]
    assert number > 10


@pytest.mark.parametrize("place", ["write_records", "sync_folder", "move_files_in"])
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), ValueError("no card"), TypeError()], ids=repr
)
def test_what_fails_after_the_last_step_is_a_line_that_says_where_the_weights_are(
    command: list[str], written: Path, capsys: pytest.CaptureFixture[str], place: str, error: Exception
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finish, place, fails)
        assert main(command) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert str(written / ".trained") in last
    assert "the same command finishes it" in last
    assert main(command) == 0
    assert (written / "adapter_config.json").is_file()


def test_trained_weights_of_another_run_are_neither_finished_nor_overwritten(
    command: list[str], written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--learning_rate", "0.5"]) == 2
    assert "learning_rate" in capsys.readouterr().err.splitlines()[-1]
    assert (written / ".trained" / WEIGHTS).is_file()
    assert main(command) == 0


def test_what_was_cut_while_it_was_written_is_not_taken(command: list[str], written: Path) -> None:
    cut = written / ".unfinished" / "adapter" / WEIGHTS
    cut.write_bytes(cut.read_bytes()[:-100])
    assert trained.trained_in(written) is None
    assert main(command) == 0
    assert (written / "adapter_config.json").is_file()


def test_a_failure_after_the_last_step_loses_nothing(
    recipe: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Fails(TrainerCallback):
        def on_train_end(self, *_: object, **__: object) -> None:
            raise ConnectionError("the tracker is gone")

    make = Trainer.__init__

    def with_failure(self: Trainer, *arguments: object, **named: object) -> None:
        make(self, *arguments, **named)  # type: ignore[arg-type]
        self.add_callback(Fails())

    monkeypatch.setattr(Trainer, "__init__", with_failure)
    assert main([str(recipe(max_steps=2, save_strategy="no"))]) == 0
    assert "failed after the last step: the tracker is gone; the trained weights are kept" in capsys.readouterr().err
    assert (tmp_path / "adaptador" / "adapter_config.json").is_file()


def killed_at(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    def dies(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(owner, name, dies)


@pytest.mark.parametrize(
    ("owner", "place"),
    [
        (Trainer, "evaluate"),
        (Trainer, "_save_optimizer_and_scheduler"),
        (WholeCheckpoints, "on_save"),
        (finish, "finish"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
@pytest.mark.parametrize("strategy", ["no", "steps"])
def test_killed_after_the_last_step_the_same_command_finishes_without_training(
    recipe: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    place: str,
    strategy: str,
) -> None:
    command = [str(recipe(max_steps=2, save_strategy=strategy, val_set_size=4, eval_strategy="epoch"))]
    output = tmp_path / "adaptador"
    with pytest.MonkeyPatch.context() as patch:
        if strategy == "no" and owner in (Trainer, WholeCheckpoints) and place != "evaluate":
            place, owner = "finish", run
        killed_at(patch, run if place == "finish" else owner, place)
        with pytest.raises(Killed):
            main(command)
    expected = load_file(output / ".trained" / WEIGHTS)
    killed_at(monkeypatch, Trainer, "train")
    assert main(command) == 0
    assert all(torch.equal(tensor, expected[name]) for name, tensor in weights(output).items())
    assert (output / "adapter_config.json").is_file()


def test_killed_between_the_last_checkpoint_and_the_best_weights_the_same_command_finishes(
    recipe: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = {"max_steps": 2, "eval_steps": 1, "save_steps": 1, "val_set_size": 4, "load_best_model_at_end": True}
    command = [str(recipe(**steps))]
    with pytest.MonkeyPatch.context() as patch:
        killed_at(patch, Trainer, "_load_best_model")
        with pytest.raises(Killed):
            main(command)
    killed_at(monkeypatch, Trainer, "train")
    assert main(command) == 0
    assert (tmp_path / "adaptador" / "adapter_config.json").is_file()


def test_a_full_disk_at_the_last_checkpoint_ends_nothing(
    recipe: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError("[enforce fail at inline_container.cc:626] . unexpected pos 64 vs 0")

    monkeypatch.setattr(Trainer, "_save_optimizer_and_scheduler", full)
    assert main([str(recipe(max_steps=2, save_steps=2))]) == 0
    assert "failed after the last step" in capsys.readouterr().err
    assert (tmp_path / "adaptador" / "adapter_config.json").is_file()


def test_weights_that_give_no_number_are_not_kept(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(finite, "_loss_of_one_row", lambda trainer: float("nan"))
    assert main(command) == 2
    assert "give a loss of nan" in capsys.readouterr().err.splitlines()[-1]
    assert not [path for path in (tmp_path / "adaptador").rglob(WEIGHTS) if "checkpoint" not in str(path)]


def test_a_full_disk_is_one_line(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "save_model", full)
        assert main(command) == 2
    assert main(command) == 0
