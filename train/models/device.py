"""What this machine computes with: device, number type, optimiser, attention; chosen once, and said in one line."""

from __future__ import annotations

import importlib.util
import os
import resource
import sys
from dataclasses import dataclass

import torch

from train.config.load import Config
from train.errors import ConfigError

PAGED_OPTIMIZER = "paged_adamw_8bit"
"""On a GPU: its moments take a quarter of the memory, and move to the computer's own while they are not needed."""

PLAIN_OPTIMIZER = "adamw_torch"
"""On a CPU, where there is nothing to page to."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run computes with. `attention` is transformers' name of the implementation.

    `unused` are the GPUs beside the one that a process alone uses.
    """

    device: str
    name: str
    dtype: torch.dtype
    optimizer: str
    attention: str
    world_size: int = 1
    unused: int = 0

    @property
    def bf16(self) -> bool:
        """Whether the computation is in bfloat16."""
        return self.dtype == torch.bfloat16

    @property
    def fp16(self) -> bool:
        """Whether the computation is in float16."""
        return self.dtype == torch.float16

    @property
    def flash(self) -> bool:
        """Whether attention is FlashAttention, whose batches need the bounds of the packed documents."""
        return self.attention.startswith("flash_attention")

    def sentence(self) -> str:
        """The choice in one line."""
        several = f", {self.world_size} processes" if self.world_size > 1 else ""
        kind = str(self.dtype).removeprefix("torch.")
        return f"{self.name}{several}: computes in {kind}, optimiser {self.optimizer}, attention {self.attention}"

    def advice(self) -> str | None:
        """How to use the other GPUs, where there are any."""
        if not self.unused:
            return None
        every = self.unused + 1
        return (
            f"one process uses one GPU of {every}; for all: accelerate launch --num_processes {every} -m train.qlora …"
        )


def choose_machine(config: Config) -> Machine:
    """What the configuration asks for, as far as this machine has it. Raises ConfigError for what it has not."""
    cuda = torch.cuda.is_available()
    if cuda:
        local = int(os.environ.get("LOCAL_RANK", "0"))
        device, name = f"cuda:{local}", torch.cuda.get_device_name(local)
    else:
        device, name = "cpu", f"CPU with {torch.get_num_threads()} threads"
    optimizer = config.optimizer if config.optimizer != "auto" else (PAGED_OPTIMIZER if cuda else PLAIN_OPTIMIZER)
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    unused = torch.cuda.device_count() - 1 if cuda and world_size == 1 else 0
    return Machine(device, name, _dtype(config, cuda), optimizer, attention_of(config, cuda=cuda), world_size, unused)


def _dtype(config: Config, cuda: bool) -> torch.dtype:
    named = config.bnb_config_kwargs.bnb_4bit_compute_dtype
    if named != "auto":
        return {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}[named]
    if not cuda:
        # bfloat16 on a CPU without its instructions was 8 to 160 times slower (measured on two of them).
        return torch.float32
    if config.fp16:
        return torch.float16
    if config.bf16 is False:
        return torch.float32
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float16 if config.bf16 == "auto" else torch.float32


def attention_of(config: Config, *, cuda: bool) -> str:
    """transformers' name of the attention: as the configuration says, else FlashAttention where it is installed, else SDPA.

    Raises ConfigError where FlashAttention is asked for and cannot be had.
    """
    named = config.attn_implementation
    if named is None and config.eager_attention:
        named = "eager"
    if named is None and config.sdp_attention:
        named = "sdpa"
    installed = importlib.util.find_spec("flash_attn") is not None
    if named is None and config.flash_attention is True:
        named = "flash_attention_2"
    if named is None:
        half = cuda and config.bf16 is not False
        named = "flash_attention_2" if installed and half and config.flash_attention == "auto" else "sdpa"
    if named.startswith("flash_attention") and not (cuda and installed):
        lack = "no GPU is here" if not cuda else "the package flash-attn is not installed"
        raise ConfigError(f"attn_implementation: {named} cannot be used: {lack}; sdpa does the same")
    return named


def peak_memory() -> int:
    """The most memory in use so far, in bytes: the GPU's where there is one, else the process's."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
