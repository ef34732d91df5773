"""What was trained, kept from the last step until the adapter is finished: the weights, figures, and of which run they are.

It is written into `.unfinished/adapter`, first `run.json` and `figures.json`, then the weights; renamed to `.trained` once it
is whole; and whatever fails from there on, the same command finishes the adapter: its `adapter_config.json` comes last.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from safetensors import SafetensorError, safe_open
from transformers import Trainer

from train.adapter.loss_curve import CURVE_FILE, lines_of, loss_curve
from train.atomic import move_in, sync_folder
from train.console import is_first
from train.data.manifest import Figures
from train.errors import ConfigError, first_line
from train.training.checkpoints import RUN_FILE, UNFINISHED, Run

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
        (writing / FIGURES_FILE).write_text(json.dumps(asdict(figures), allow_nan=False), encoding="utf-8")
        if lines := lines_of(trainer.state.log_history):
            (writing / CURVE_FILE).write_text(loss_curve(lines, output_dir.name), encoding="utf-8")
    with storage_errors(output_dir):
        trainer.save_model(str(writing))
    if is_first():
        _publish(writing, output_dir / TRAINED)


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
    return Figures(**json.loads((trained / FIGURES_FILE).read_text(encoding="utf-8")))


def _whole(folder: Path) -> bool:
    """Whether every file in a folder of trained weights was written to its end."""
    try:
        for name in (RUN_FILE, FIGURES_FILE, SETTINGS_FILE):
            json.loads((folder / name).read_text(encoding="utf-8"))
        with safe_open(folder / WEIGHTS_FILE, framework="pt"):
            return True
    except (OSError, ValueError, SafetensorError):
        return False
