"""What was trained, kept from the last step until the adapter is finished: the weights, figures, and of which run they are.

It is written into `.unfinished/adapter`, first `run.json` and `figures.json`, then the weights; renamed to `.trained` once it
is whole; and whatever fails from there on, the same command finishes the adapter: its `adapter_config.json` comes last.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from train.adapter.loss_curve import CURVE_FILE, lines_of, loss_curve
from train.atomic import move_in, sync_folder
from train.console import is_first
from train.data.manifest import Figures
from train.errors import ConfigError, first_line
from train.models.modules_to_save import read_again
from train.training.checkpoints import RUN_FILE, UNFINISHED, Run
from train.training.finite import finite_numbers

TRAINED = ".trained"
"""The folder within `output_dir` that holds trained weights whose adapter is not finished."""

FIGURES_FILE = "figures.json"
WEIGHTS_FILE = "adapter_model.safetensors"
SETTINGS_FILE = "adapter_config.json"
"""What peft calls an adapter's weights and settings; the settings are moved last, and say that an adapter is finished."""

_TORCH_CANNOT_WRITE = ("PytorchStreamWriter", "unexpected pos", "No space left")
"""What torch says, as a RuntimeError, where a file cannot be written."""


def keep_trained(trainer: Trainer, output_dir: Path, run: Run, figures: Figures) -> None:
    """Writes the trained weights whole into `.trained`; every process calls it, since each may hold a part."""
    writing = output_dir / UNFINISHED / "adapter"
    if is_first():
        shutil.rmtree(writing, ignore_errors=True)
        writing.mkdir(parents=True)
        (writing / RUN_FILE).write_text(json.dumps(asdict(run), ensure_ascii=False, indent=1), encoding="utf-8")
        _write_figures(writing, figures)
        if lines := lines_of(trainer.state.log_history):
            (writing / CURVE_FILE).write_text(loss_curve(lines, output_dir.name), encoding="utf-8")
    with storage_errors(output_dir):
        trainer.save_model(str(writing))
    if is_first():
        _publish(writing, output_dir / TRAINED)


class KeepAtEnd(TrainerCallback):
    """Keeps the trained weights once the last step's loss is known, before an evaluation and whatever else still comes.

    Not where the run is to end with the best of its checkpoints, nor in several processes, which each hold a part.
    """

    def __init__(self, trainer: Trainer, output_dir: Path, run: Run, figures: Callable[[], Figures]) -> None:
        """`figures` tells what the run has come to so far."""
        self.trainer = trainer
        self.output_dir = output_dir
        self.run = run
        self.figures = figures
        self.kept = False

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Looks at the weights and keeps them, at the last step."""
        alone = args.world_size == 1 and not args.load_best_model_at_end
        if self.kept or not alone or state.global_step < state.max_steps or "loss" not in (given.get("logs") or {}):
            return
        finite_numbers(self.trainer).check_trained(self.trainer)
        keep_trained(self.trainer, self.output_dir, self.run, self.figures())
        self.kept = True

    def finally_keep(self) -> None:
        """Keeps the trained weights at the end of a run where that is not done yet, and what it came to in all."""
        finite_numbers(self.trainer).check_trained(self.trainer)
        if not self.kept:
            keep_trained(self.trainer, self.output_dir, self.run, self.figures())
        elif is_first():
            _write_figures(self.output_dir / TRAINED, self.figures())


def take_from(trainer: Trainer, checkpoint: Path) -> None:
    """Gives a trainer the weights and the state that a run ended with, out of its last checkpoint; nothing is trained.

    transformers would train one step more than the run has.
    """
    trainer.state = TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))
    best = trainer.state.best_global_step if trainer.args.load_best_model_at_end else None
    read_again(trainer.model, checkpoint.with_name(f"checkpoint-{best}") if best else checkpoint)


def _write_figures(folder: Path, figures: Figures) -> None:
    unfinished = folder / f".{FIGURES_FILE}"
    unfinished.write_text(json.dumps(asdict(figures), allow_nan=False), encoding="utf-8")
    unfinished.replace(folder / FIGURES_FILE)


@contextmanager
def storage_errors(output_dir: Path) -> Iterator[None]:
    """What torch and safetensors say of a disk that is full or fails becomes a ConfigError of one line."""
    try:
        yield
    except SafetensorError as error:
        raise _not_written(output_dir, error) from error
    except RuntimeError as error:
        if not any(sign in str(error) for sign in _TORCH_CANNOT_WRITE):
            raise
        raise _not_written(output_dir, error) from error


def _not_written(output_dir: Path, error: BaseException) -> ConfigError:
    return ConfigError(f"output_dir: {output_dir} cannot be written: {first_line(error)}; make room, then --resume")


def _publish(writing: Path, kept: Path) -> None:
    # The trainer's own settings, pickled; the configuration says them in plain text.
    (writing / "training_args.bin").unlink(missing_ok=True)
    sync_folder(writing)
    move_in(writing, kept)


def trained_in(output_dir: Path) -> Path | None:
    """The folder of trained weights whose adapter is not finished, or None.

    What was written whole and only not renamed, by a process that was killed, is taken too.
    """
    kept, writing = output_dir / TRAINED, output_dir / UNFINISHED / "adapter"
    if not kept.is_dir() and _whole(writing):
        _publish(writing, kept)
    return kept if kept.is_dir() else None


def is_finished(output_dir: Path) -> bool:
    """Whether the adapter in `output_dir` is finished."""
    return (output_dir / SETTINGS_FILE).is_file() and not (output_dir / TRAINED / SETTINGS_FILE).is_file()


def read_figures(trained: Path) -> Figures:
    """The figures of the run that trained these weights."""
    found = json.loads((trained / FIGURES_FILE).read_text(encoding="utf-8"))
    found["curve"] = tuple((int(step), float(loss)) for step, loss in found.get("curve", ()))
    return Figures(**found)


def _whole(folder: Path) -> bool:
    """Whether every file in a folder of trained weights was written to its end."""
    try:
        for name in (RUN_FILE, FIGURES_FILE, SETTINGS_FILE):
            json.loads((folder / name).read_text(encoding="utf-8"))
        with safe_open(folder / WEIGHTS_FILE, framework="pt"):
            return True
    except (OSError, ValueError, SafetensorError):
        return False
