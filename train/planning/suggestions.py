"""Changes to a configuration that make a run fit its device, the least harmful first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from train.config.load import Config
from train.models.dimensions import Shape
from train.planning.memory import plan_memory


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change to the configuration, and the peak in bytes once it and those before it are made."""

    change: str
    total: int


def remedies(config: Config, shape: Shape, available: int, *, on_gpu: bool, processes: int = 1) -> Iterator[Remedy]:
    """Changes that lower the peak, the least harmful first, each on top of those before, until the run fits."""
    for change, values in _changes(config):
        changed = config.model_copy(update=values)
        lowered = plan_memory(changed, shape, on_gpu=on_gpu, processes=processes).total
        if lowered >= plan_memory(config, shape, on_gpu=on_gpu, processes=processes).total:
            continue
        config = changed
        yield Remedy(change, lowered)
        if lowered <= available:
            return


def _changes(config: Config) -> Iterator[tuple[str, dict[str, object]]]:
    if not config.load_in_4bit:
        yield "load_in_4bit: true", {"load_in_4bit": True, "load_in_8bit": False}
    if not config.gradient_checkpointing:
        yield "gradient_checkpointing: true", {"gradient_checkpointing": True}
    if not config.chunked_cross_entropy and not config.fsdp:
        yield "chunked_cross_entropy: true", {"chunked_cross_entropy": True}
    if "8bit" not in config.optimizer and not config.fsdp:
        yield "optimizer: paged_adamw_8bit", {"optimizer": "paged_adamw_8bit"}
    if config.micro_batch_size > 1:
        accumulated = config.gradient_accumulation_steps * config.micro_batch_size
        yield (
            f"micro_batch_size: 1 with gradient_accumulation_steps: {accumulated}",
            {"micro_batch_size": 1, "gradient_accumulation_steps": accumulated},
        )
    if config.lora_modules_to_save:
        yield "lora_modules_to_save: []", {"lora_modules_to_save": []}
    rank, length = config.lora_r, config.sequence_len
    while rank > 16 or length > 512:
        if length > 512:
            length //= 2
            yield f"sequence_len: {length}", {"sequence_len": length}
        if rank > 16:
            rank //= 2
            yield f"lora_r: {rank}", {"lora_r": rank}
