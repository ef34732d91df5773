"""Checkpoints that are whole or not there, and what a run must have in common with the one it goes on with."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from safetensors import SafetensorError, safe_open
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from train.adapter.card import CONFIG_FILE
from train.atomic import move_in, sync_folder
from train.config.load import Config
from train.data.packing import PackedRows
from train.errors import ConfigError

UNFINISHED = ".unfinished"
"""The folder within `output_dir` that the trainer writes into; what lies there is never read."""

RUN_FILE = "run.json"
"""The file within a checkpoint that says of which run it is."""

NOT_LEARNED_KEYS = {
    name
    for name, field in Config.model_fields.items()
    if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("learned") is False
}
"""Keys that may differ between a run and its continuation: they do not change what is learned."""

_LENGTHS = ("max_steps", "num_epochs")
_FURTHER = (
    "to train longer, finish this run and go on from its adapter (lora_model_dir): the learning rate follows the length"
)

_NAME = re.compile(r"checkpoint-(\d+)")
_NEEDED = ("trainer_state.json", "scheduler.pt", "adapter_model.safetensors", "adapter_config.json")
_OPTIMIZER = ("optimizer.pt", "optimizer.bin")
"""The optimiser's state by the trainer, or under FSDP by accelerate."""


@dataclass(frozen=True, slots=True)
class Run:
    """What decides a run: `settings` (those keys that change what is learned), `rows` (the rows' sha256), processes."""

    settings: dict[str, object]
    rows: str
    processes: int


def checkpoints_in(output_dir: Path) -> list[Path]:
    """The whole checkpoints in a folder, oldest first. A folder under a checkpoint's name is whole."""
    found = [
        (int(match[1]), path)
        for path in (output_dir.iterdir() if output_dir.is_dir() else ())
        if (match := _NAME.fullmatch(path.name))
        and all((path / name).is_file() for name in _NEEDED)
        and any((path / name).is_file() for name in _OPTIMIZER)
    ]
    return [path for _, path in sorted(found)]


def settings_of(checkpoint: Path) -> dict[str, object]:
    """The settings of the run that a checkpoint belongs to; none where it does not say."""
    try:
        found = json.loads((checkpoint / RUN_FILE).read_text(encoding="utf-8"))["settings"]
    except (OSError, ValueError, TypeError, KeyError):
        return {}
    return found if isinstance(found, dict) else {}


def broken_file(checkpoint: Path) -> str | None:
    """The name of the first file of a checkpoint that is cut or changed, None where all can be read.

    A checkpoint is whole when it gets its name; what a copy, a full disk or a failing one made of it later shows here. torch's
    files are archives with a sum for each part; of safetensors the lengths are looked at.
    """
    for path in sorted(path for path in checkpoint.iterdir() if path.is_file()):
        try:
            if path.suffix == ".json":
                json.loads(path.read_text(encoding="utf-8"))
            elif path.suffix == ".safetensors":
                with safe_open(path, framework="pt"):
                    pass
            elif path.suffix in (".pt", ".pth", ".bin"):
                with zipfile.ZipFile(path) as parts:
                    if parts.testzip() is not None:
                        return path.name
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, SafetensorError):
            return path.name
    return None


def is_last(checkpoint: Path) -> bool:
    """Whether the run had ended when this checkpoint was written: by its steps, or because it got no better."""
    state = json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    stopping = state.get("stateful_callbacks", {}).get("EarlyStoppingCallback")
    if isinstance(stopping, dict):
        patience = stopping["args"]["early_stopping_patience"]
        if stopping["attributes"]["early_stopping_patience_counter"] >= patience:
            return True
    return bool(state["global_step"] >= state["max_steps"])


def check_same_run(checkpoint: Path, run: Run) -> None:
    """Raises ConfigError where the checkpoint belongs to a run with other settings or other data."""
    try:
        saved = Run(**json.loads((checkpoint / RUN_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"resume_from_checkpoint: {checkpoint} does not say of which run it is ({error})") from error
    for key in sorted(saved.settings.keys() | run.settings.keys()):
        before, now = saved.settings.get(key), run.settings.get(key)
        if before != now:
            further = f"; {_FURTHER}" if key in _LENGTHS else ""
            raise ConfigError(
                f"resume_from_checkpoint: {key} was {json.dumps(before)} when {checkpoint} was written and is "
                f"{json.dumps(now)} now; put it back, or start anew in another output_dir{further}"
            )
    if saved.rows != run.rows:
        raise ConfigError(
            f"resume_from_checkpoint: the data has changed since {checkpoint} was written; put it back, or start anew "
            "in another output_dir"
        )
    if saved.processes != run.processes:
        raise ConfigError(
            f"resume_from_checkpoint: {checkpoint} is of a run on {saved.processes} processes, this one has "
            f"{run.processes}; start as many"
        )


def check_finished(output_dir: Path, config: Config, own: Mapping[str, object]) -> None:
    """Raises ConfigError where the finished adapter in `output_dir` was made by other settings than those it shall go on with.

    `own` are settings that a run may have given itself.
    """
    path = output_dir / CONFIG_FILE
    try:
        before = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        # Without its settings there is nothing to compare; the adapter is finished all the same.
        return
    now = yaml.safe_load(config.to_yaml())
    for key in sorted(now.keys() | before.keys()) if isinstance(before, dict) else ():
        if key not in NOT_LEARNED_KEYS and before.get(key) not in (now.get(key), own.get(key, now.get(key))):
            raise ConfigError(
                f"resume_from_checkpoint: {output_dir} holds an adapter that is finished, with {key}: "
                f"{json.dumps(before.get(key))}, and {key} is {json.dumps(now.get(key))} now; to train it further, give "
                f"lora_model_dir: {output_dir} and another output_dir"
            )


def run_of(config: Config, rows: PackedRows, processes: int) -> Run:
    """What decides a run of this configuration on these rows."""
    layout = rows.layout
    digest = hashlib.sha256()
    for array in (rows.tokens_flat.astype(np.uint32, copy=False), layout.lengths, layout.rows):
        digest.update(np.ascontiguousarray(array).data)
    settings = config.model_dump(mode="json", exclude=NOT_LEARNED_KEYS)
    return Run(settings, digest.hexdigest(), processes)


def clear_unfinished(output_dir: Path) -> None:
    """Removes what a run that was killed has left half-written, and makes room for this one."""
    shutil.rmtree(output_dir / UNFINISHED, ignore_errors=True)
    (output_dir / UNFINISHED).mkdir(parents=True)


class WholeCheckpoints(TrainerCallback):
    """Moves each checkpoint to `output_dir` once every byte of it is on the disk, and keeps the last `limit`."""

    def __init__(self, output_dir: Path, run: Run, limit: int | None) -> None:
        """`limit` None keeps all."""
        self.output_dir = output_dir
        self.run = run
        self.limit = limit

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Says where the best checkpoint is by this run's own path: its folder may have been moved."""
        if state.best_global_step:
            state.best_model_checkpoint = str(self.output_dir / f"checkpoint-{state.best_global_step}")

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Publishes the checkpoint that the trainer has just written."""
        name = f"checkpoint-{state.global_step}"
        written, final = Path(str(args.output_dir)) / name, self.output_dir / name
        if state.best_global_step:
            state.best_model_checkpoint = str(self.output_dir / f"checkpoint-{state.best_global_step}")
        _wait_for_all()
        if state.is_world_process_zero:
            state.save_to_json(str(written / "trainer_state.json"))
            (written / RUN_FILE).write_text(
                json.dumps(asdict(self.run), ensure_ascii=False, indent=1), encoding="utf-8"
            )
            sync_folder(written)
            move_in(written, final)
            self._keep_the_last(state.best_model_checkpoint)
        _wait_for_all()

    def _keep_the_last(self, best: str | None) -> None:
        if self.limit is None:
            return
        for old in checkpoints_in(self.output_dir)[: -self.limit]:
            if str(old) != best:
                # Renamed first: a removal that is killed half-way must not leave what looks whole.
                doomed = self.output_dir / UNFINISHED / f"{old.name}.old"
                os.replace(old, doomed)  # noqa: PTH105 (Path.replace says the same, but of files)
                shutil.rmtree(doomed)


def _wait_for_all() -> None:
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()
