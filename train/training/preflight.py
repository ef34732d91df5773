"""What is looked at before a run starts: places that are there, nothing overwritten, where to go on from."""

from __future__ import annotations

import json
import os
from pathlib import Path

from train.config.load import Config
from train.console import say
from train.data.documents import source_files
from train.data.prepare import data_entries
from train.errors import ConfigError
from train.models.base_check import check_earlier_adapter
from train.models.device import Machine
from train.models.fit import check_combinations
from train.models.source import Base
from train.training.checkpoints import broken_file, checkpoints_in, is_last
from train.training.trained import trained_in


def check_output(config: Config, output_dir: Path) -> None:
    """Raises ConfigError where `output_dir` cannot be written to, or holds a run that would be overwritten."""
    if output_dir.exists() and not output_dir.is_dir():
        raise ConfigError(f"output_dir: {output_dir} is a file, not a folder")
    existing = next((path for path in (output_dir, *output_dir.absolute().parents) if path.exists()), Path("/"))
    if not os.access(existing, os.W_OK):
        raise ConfigError(f"output_dir: {output_dir} cannot be written to")
    held = [*output_dir.glob("adapter_config.json"), *output_dir.glob("checkpoint-*")]
    if held and not config.resume_from_checkpoint and trained_in(output_dir) is None and not _ended(output_dir):
        raise ConfigError(
            f"output_dir: {output_dir} holds a run already ({held[0].name}); --resume goes on with it, "
            "another output_dir starts anew"
        )


def check_places(config: Config, base: Base) -> None:
    """Raises ConfigError or DataError for a base or data that is not there, before anything slow is loaded."""
    base.require()
    check_earlier_adapter(config)
    for key, entry in data_entries(config):
        source_files(entry, key)


def check_machine(config: Config, machine: Machine) -> None:
    """Raises ConfigError for what a machine would do otherwise than it is asked, without an error.

    FSDP where there is nothing to spread over, or packed bits that it would convert; Liger with an adapter on the head.
    """
    if config.fsdp and machine.device == "cpu":
        raise ConfigError("fsdp: needs GPUs; on processors several processes run without it")
    if config.fsdp and machine.world_size == 1:
        raise ConfigError("fsdp: needs several processes; start it with accelerate launch -m train.qlora")
    check_combinations(config, str(machine.dtype).removeprefix("torch."))


def checkpoint_to_resume(config: Config, output_dir: Path) -> Path | None:
    """The checkpoint that the configuration names, or the last whole one; None to start at the beginning.

    Raises ConfigError where the one that is named is not whole, where none in the folder is, and where the best one so far,
    which the run shall end with, is gone.
    """
    wanted = config.resume_from_checkpoint
    if not wanted:
        return _ended(output_dir)
    if isinstance(wanted, str):
        found = [path for path in checkpoints_in(Path(wanted).parent) if path.name == Path(wanted).name]
        cut = broken_file(found[0]) if found else None
        if not found or cut:
            raise ConfigError(
                f"resume_from_checkpoint: {wanted} is no whole checkpoint{f' ({cut} is cut)' if cut else ''}"
            )
        chosen = found[0]
    else:
        every = checkpoints_in(output_dir)
        whole = _last_whole(every)
        if whole is None:
            if every:
                raise ConfigError(
                    f"resume_from_checkpoint: no checkpoint in {output_dir} is whole; start anew in another"
                )
            say(f"{output_dir} holds no whole checkpoint: starts at the beginning")
            return None
        chosen = whole
    if config.load_best_model_at_end:
        _check_best(chosen, output_dir)
    return chosen


def _ended(output_dir: Path) -> Path | None:
    """The checkpoint that a run ended with whose adapter was never finished; None where there is none."""
    if (output_dir / "adapter_config.json").exists():
        return None
    every = checkpoints_in(output_dir)
    return every[-1] if every and broken_file(every[-1]) is None and is_last(every[-1]) else None


def _last_whole(checkpoints: list[Path]) -> Path | None:
    for checkpoint in reversed(checkpoints):
        cut = broken_file(checkpoint)
        if cut is None:
            return checkpoint
        say(f"{checkpoint} is passed over: {cut} is cut or changed")
    return None


def _check_best(checkpoint: Path, output_dir: Path) -> None:
    """Raises ConfigError where the best checkpoint so far cannot be read back; transformers would end with another."""
    step = json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8")).get("best_global_step")
    best = output_dir / f"checkpoint-{step}"
    if step and best != checkpoint and (not best.is_dir() or broken_file(best)):
        raise ConfigError(
            f"load_best_model_at_end: {best}, the best so far, is gone or cut; put it back, or start anew in another output_dir"
        )
