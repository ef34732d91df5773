"""What this machine computes with: device, number type, optimiser, attention; chosen once, and said in one line."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from typing import Any

import psutil
import torch
from transformers import PreTrainedConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING

from train.config.load import Config
from train.errors import ConfigError

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]

PAGED_OPTIMIZER = "paged_adamw_8bit"
"""On a GPU: its moments take a quarter of the memory, and move to the computer's own while they are not needed."""

PLAIN_OPTIMIZER = "adamw_torch"
"""On a CPU, where there is nothing to page to."""


FLASH = {
    "flash_attention_2": ("flash_attn", "flash-attn", (8, 0)),
    "flash_attention_3": ("flash_attn_interface", "flash-attn-3", (9, 0)),
    "kernels-community/flash-attn2": ("kernels", "kernels", (8, 0)),
    "kernels-community/flash-attn3": ("kernels", "kernels", (9, 0)),
}
"""FlashAttention by transformers' names: the module and the package that bring it, and the least generation of GPU (compute
capability). All of them take the bounds of the packed documents, and 16 bits only."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run computes with. `attention` is transformers' name of the implementation.

    `unused` are the GPUs beside the one that a process alone uses; `apples` says that there is one of Apple's, which is not used.
    """

    device: str
    name: str
    dtype: torch.dtype
    optimizer: str
    attention: str
    world_size: int = 1
    unused: int = 0
    apples: bool = False

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
        return self.attention in FLASH

    def sentence(self) -> str:
        """The choice in one line."""
        several = f", {self.world_size} processes" if self.world_size > 1 else ""
        kind = str(self.dtype).removeprefix("torch.")
        return f"{self.name}{several}: computes in {kind}, optimiser {self.optimizer}, attention {self.attention}"

    def advice(self) -> str | None:
        """How to use the other GPUs, where there are any; or why one of Apple's is not used."""
        if self.apples:
            return (
                "Apple's GPU is not used: the base in 4 bits is computed on NVIDIA's GPUs and on processors; here a model of a "
                "few hundred million weights can be trained, larger ones be planned (--dry-run) and trained elsewhere"
            )
        if not self.unused:
            return None
        every = self.unused + 1
        return (
            f"one process uses one GPU of {every}; for all: accelerate launch --num_processes {every} -m train.qlora …"
        )


def choose_machine(config: Config) -> Machine:
    """What the configuration asks for, as far as this machine has it. Raises ConfigError for what it has not."""
    cuda = torch.cuda.is_available()
    local = int(os.environ.get("LOCAL_RANK", "0"))
    if cuda:
        device, name = f"cuda:{local}", torch.cuda.get_device_name(local)
    else:
        device, name = "cpu", f"CPU with {torch.get_num_threads()} threads"
    optimizer = config.optimizer if config.optimizer != "auto" else (PAGED_OPTIMIZER if cuda else PLAIN_OPTIMIZER)
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    unused = torch.cuda.device_count() - 1 if cuda and world_size == 1 else 0
    dtype = _dtype(config, cuda)
    attention = attention_of(config, dtype, torch.cuda.get_device_capability(local) if cuda else None)
    apples = not cuda and torch.backends.mps.is_available()
    return Machine(device, name, dtype, optimizer, attention, world_size, unused, apples)


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


def attention_of(config: Config, dtype: torch.dtype, capability: tuple[int, int] | None) -> str:
    """transformers' name of the attention: as the configuration says, else FlashAttention where it can be had, else SDPA.

    `dtype` is what is computed in, `capability` the GPU's generation, None without one. Raises ConfigError for a name under
    which packed documents are not known to be kept apart, and for FlashAttention where it cannot be had.
    """
    named = config.attn_implementation
    if named is None and config.eager_attention:
        named = "eager"
    if named is None and config.sdp_attention:
        named = "sdpa"
    if named is None and config.flash_attention is True:
        named = "flash_attention_2"
    if named is None:
        usual = "flash_attention_2"
        named = usual if config.flash_attention == "auto" and not _lack(usual, dtype, capability) else "sdpa"
    if named in ("eager", "sdpa"):
        return named
    if named not in FLASH:
        raise ConfigError(
            f"attn_implementation: {named} is not known to keep packed documents apart; take sdpa, eager or one of "
            f"{', '.join(FLASH)}"
        )
    lack = _lack(named, dtype, capability)
    if lack:
        raise ConfigError(f"attn_implementation: {named} cannot be used: {lack}; sdpa does the same")
    return named


def attention_of_model(attention: str, settings: PreTrainedConfig) -> str:
    """The attention that a model is loaded with: plain PyTorch's where SDPA was chosen and the model has none.

    Such models bend the scores or add to them (Gemma 2, gpt-oss), which SDPA cannot.
    """
    model: Any = MODEL_FOR_CAUSAL_LM_MAPPING.get(type(settings), None)
    return "eager" if attention == "sdpa" and model is not None and not model._supports_sdpa else attention


def _lack(attention: str, dtype: torch.dtype, capability: tuple[int, int] | None) -> str:
    """What this machine lacks for a kind of FlashAttention; empty where it has all."""
    module, package, least = FLASH[attention]
    if capability is None:
        return "no GPU is here"
    if importlib.util.find_spec(module) is None:
        return f"the package {package} is not installed"
    if capability < least:
        have, want = (".".join(str(part) for part in version) for version in (capability, least))
        return f"it wants a GPU of capability {want}, this one has {have}"
    if dtype not in (torch.float16, torch.bfloat16):
        return f"it wants 16 bits, and this run computes in {str(dtype).removeprefix('torch.')}"
    return ""


def peak_memory() -> int:
    """The most memory in use so far, in bytes: the GPU's where there is one, else the process's."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    if resource is None:
        return int(psutil.Process().memory_info().peak_wset)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
