"""What a training run will be, before it is one: data, rows, steps, hours, memory, and what would make it fit.

`plan_text` says it to people.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

from train.config.load import Config
from train.data.manifest import read_manifest
from train.data.prepare import Prepared, prepare
from train.data.replay import SELF, replay_tokens, rows_with_replay
from train.data.replayed_texts import check_replay, replayed_texts
from train.errors import DataError
from train.models.base_check import (
    check_base,
    check_earlier_adapter,
    check_model_type,
    check_sample_prompts,
    check_targets,
)
from train.models.dimensions import Shape
from train.models.fit import check_combinations
from train.models.hub import stay_offline
from train.models.source import Base
from train.models.tokenizer import Encoder, planning_encoder
from train.planning.memory import GIB, Memory, plan_memory
from train.planning.strategies import check_strategies
from train.planning.suggestions import Remedy, remedies


@dataclass(frozen=True, slots=True)
class Plan:
    """A run, planned; `shape` and `memory` are None for a model whose shape is not known here.

    `steps` are the optimiser's, `available` the device's memory in bytes, `remedies` what would make the run fit (empty
    where it fits), `hours` and `speed` (tokens a second) None where no speed is known, `speed_source` whose it is.
    """

    config: Config
    notices: Sequence[str]
    data: Prepared
    encoder: Encoder
    shape: Shape | None
    on_gpu: bool
    available: int
    memory: Memory | None
    remedies: Sequence[Remedy]
    steps_per_epoch: int
    steps: int
    hours: float | None
    speed: float | None
    speed_source: str
    processes: int
    processes_said: str = ""

    @property
    def fits(self) -> bool | None:
        """Whether the peak is below what the device has; None where it is not known."""
        return None if self.memory is None else self.memory.total <= self.available


def plan(config: Config, base: Base, notices: Sequence[str] = (), *, processes: int | None = None) -> Plan:
    """The plan of a run on `processes` GPUs, by default those of `planned_processes`. Reads the data, loads no weights, asks no network, writes nothing.

    Raises ConfigError and DataError as training would.
    """
    stay_offline()
    processes, said = planned_processes(config) if processes is None else (processes, "")
    shape = base.shape
    base.refuse_misplaced()
    check_earlier_adapter(config)
    encoder = planning_encoder(config, base)
    check_model_type(config, base)
    check_base(base, encoder)
    check_targets(config, base)
    check_sample_prompts(config, encoder)
    check_replay(config, processes)
    data = prepare(config, encoder, write_cache=False)
    if config.replay and config.replay != SELF:
        replayed_texts(config, encoder, replay_tokens(data.train.tokens, config))
    on_gpu, available = planned_device(config)
    check_combinations(config, planned_type(config, on_gpu=on_gpu))
    memory = plan_memory(config, shape, on_gpu=on_gpu, processes=processes) if shape else None
    too_much = memory is not None and memory.total > available
    per_epoch = steps_per_epoch(rows_with_replay(len(data.train), config), config, processes)
    steps = total_steps(config, per_epoch)
    check_strategies(config, per_epoch, evaluates=data.validation is not None)
    tokens = (data.train.tokens + replay_tokens(data.train.tokens, config)) * steps / per_epoch
    speed, source = planned_speed(config)
    return Plan(
        config=config,
        notices=notices,
        data=data,
        encoder=encoder,
        shape=shape,
        on_gpu=on_gpu,
        available=available,
        memory=memory,
        remedies=list(remedies(config, shape, available, on_gpu=on_gpu, processes=processes))
        if shape and too_much
        else [],
        steps_per_epoch=per_epoch,
        steps=steps,
        hours=tokens / speed / 3600 if speed else None,
        speed=speed,
        speed_source=source,
        processes=processes,
        processes_said=said,
    )


def steps_per_epoch(rows: int, config: Config, processes: int = 1) -> int:
    """The optimiser's steps in an epoch, reckoned as transformers' Trainer does."""
    batches = math.ceil(math.ceil(rows / processes) / config.micro_batch_size)
    return max(1, math.ceil(batches / config.gradient_accumulation_steps))


def total_steps(config: Config, per_epoch: int) -> int:
    """The optimiser's steps of the whole run."""
    return config.max_steps or math.ceil(config.num_epochs * per_epoch)


def warmup_steps(config: Config, steps: int) -> int:
    """The steps of the warm-up in a run of `steps`; a ratio is a part of them, 1.0 all."""
    return config.warmup_steps if config.warmup_steps is not None else math.ceil((config.warmup_ratio or 0) * steps)


def doubts(config: Config, steps: int, *, evaluates: bool = True) -> list[str]:
    """What is allowed and probably not meant, a line each; `evaluates` says whether anything is held out."""
    found = []
    warm_up = warmup_steps(config, steps)
    if warm_up and warm_up >= steps:
        key = "warmup_steps" if config.warmup_steps is not None else "warmup_ratio"
        found.append(f"{key}: {warm_up} in a run of {steps} steps: learning_rate is never reached")
    if config.sample_steps and not config.sample_prompts:
        found.append("sample_steps: there are no sample_prompts, so nothing is written on the way")
    if not evaluates:
        asked = [
            key
            for key in ("eval_steps", "evals_per_epoch", "eval_strategy")
            if getattr(config, key) not in (None, "no")
        ]
        found += [
            f"{key}: nothing is held out, so nothing is evaluated; give val_set_size or test_datasets" for key in asked
        ]
    return found


def planned_speed(config: Config) -> tuple[float | None, str]:
    """Tokens a second, and whose figure that is: the configuration's, or what a finished run in `output_dir` measured.

    A run counts that had the same base model and length of rows; its manifest holds the figure.
    """
    if config.tokens_per_second:
        return config.tokens_per_second, "as the configuration gives it"
    try:
        earlier = read_manifest(Path(config.output_dir))
    except DataError as error:
        return None, str(error)
    if (
        earlier
        and earlier.tokens_per_second
        and (earlier.base_model, earlier.sequence_len) == (config.base_model, config.sequence_len)
    ):
        return earlier.tokens_per_second, f"as the run in {config.output_dir} measured it"
    return None, ""


def planned_type(config: Config, *, on_gpu: bool) -> str:
    """torch's name of the type that is planned to be computed in; a GPU, which fsdp always means, has bfloat16."""
    named = config.bnb_config_kwargs.bnb_4bit_compute_dtype
    if named != "auto":
        return named
    if not on_gpu and not config.fsdp:
        return "float32"
    return "float16" if config.fp16 else "bfloat16" if config.bf16 else "float32"


def planned_processes(config: Config) -> tuple[int, str]:
    """How many GPUs are planned for, and a line about it where nobody said so.

    As many as there are processes; under FSDP, which a process alone cannot use, two.
    """
    given = int(os.environ.get("WORLD_SIZE", "1"))
    if config.fsdp and given == 1:
        return 2, "planned for 2 GPUs, because fsdp needs several: WORLD_SIZE=4 before the command plans for 4"
    return given, ""


def planned_device(config: Config) -> tuple[bool, int]:
    """Whether a GPU is planned for, and its (or the machine's) memory in bytes.

    A GPU where `gpu_memory_limit` is given or one is here; else this machine's processor.
    """
    if config.gpu_memory_limit:
        return True, int(config.gpu_memory_limit * GIB)
    if torch.cuda.is_available():
        return True, torch.cuda.get_device_properties(0).total_memory
    return False, int(psutil.virtual_memory().total)
