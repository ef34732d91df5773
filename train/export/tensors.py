"""A model's weights as GGUF holds them: names, rows in llama.cpp's order, and the numbers in their type, some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from gguf import GGML_QUANT_SIZES, MODEL_ARCH, MODEL_ARCH_NAMES, GGMLQuantizationType, get_tensor_name_map, quants
from torch import Tensor
from transformers import PreTrainedConfig

from train.errors import ConfigError
from train.models.gguf_families import GgufFamily
from train.models.stored_weights import Entry

OUTTYPES = {
    "f32": GGMLQuantizationType.F32,
    "f16": GGMLQuantizationType.F16,
    "bf16": GGMLQuantizationType.BF16,
    "q8_0": GGMLQuantizationType.Q8_0,
}
"""llama.cpp's names of the types that are written."""

BLOCK_BYTES = 64 << 20
"""How much of a weight, in float32, is turned into its type at once."""

_LARGEST_F16 = 65504.0


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """A weight to be written: its name here and there, its shape (rows first), and the type of its numbers."""

    source: str
    name: str
    shape: tuple[int, ...]
    kind: GGMLQuantizationType

    @property
    def bytes(self) -> int:
        """Its size in the file, without padding."""
        block, size = GGML_QUANT_SIZES[self.kind]
        return int(np.prod(self.shape)) // block * size


class TensorPlan:
    """The weights of a model of a family, in the order of `entries`, and how each is turned into what GGUF holds."""

    def __init__(self, family: GgufFamily, settings: PreTrainedConfig) -> None:
        """Takes the model's settings, for its heads."""
        self.family = family
        self.heads = int(settings.num_attention_heads)
        self.kv_heads = int(settings.num_key_value_heads or self.heads)
        architecture = next(each for each in MODEL_ARCH if MODEL_ARCH_NAMES[each] == family.architecture)
        self.names = get_tensor_name_map(architecture, int(settings.num_hidden_layers))

    def name(self, source: str) -> str:
        """GGUF's name of a weight. Raises ConfigError where it has none."""
        found = self.names.get_name(source, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise ConfigError(f"base_model: GGUF's {self.family.architecture} has no place for the weight {source}")
        return str(found)

    def tensor(self, entry: Entry, kind: GGMLQuantizationType) -> GgufTensor:
        """How a weight is written; vectors, and rows that are no whole blocks of the type, stay in wider numbers."""
        if len(entry.shape) < 2:
            kind = GGMLQuantizationType.F32
        elif entry.shape[-1] % GGML_QUANT_SIZES[kind][0]:
            kind = GGMLQuantizationType.F16
        return GgufTensor(entry.name, self.name(entry.name), entry.shape, kind)

    def turns(self, source: str) -> bool:
        """Whether the rows of a weight (or of what is added to it) come in another order."""
        return self.family.turned_heads and (".q_proj." in source or ".k_proj." in source)

    def turned(self, source: str, rows: Tensor) -> Tensor:
        """The rows, of which each head's two halves are interleaved where llama.cpp turns pairs of neighbours."""
        if not self.turns(source):
            return rows
        heads = self.heads if ".q_proj." in source else self.kv_heads
        halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
        return halves.swapaxes(1, 2).reshape(rows.shape)

    def shifted(self, source: str, rows: Tensor) -> Tensor:
        """The rows, where they are a norm's with what the family adds to it."""
        return rows + self.family.norm_offset if self.family.norm_offset and source.endswith("norm.weight") else rows


def encoded(blocks: Iterator[Tensor], tensor: GgufTensor) -> Iterator[np.ndarray]:
    """The bytes of a weight, some rows at a time. Raises ConfigError for a number that its type cannot hold.

    `blocks` are its rows in float32.
    """
    for block in blocks:
        largest = float(block.abs().max())
        if not largest < float("inf") or (tensor.kind == GGMLQuantizationType.F16 and largest > _LARGEST_F16):
            raise ConfigError(
                f"--outtype: {tensor.kind.name} cannot hold the numbers of {tensor.source}; take bf16 or f32"
            )
        if tensor.kind == GGMLQuantizationType.BF16:
            yield block.to(torch.bfloat16).contiguous().view(torch.int16).numpy()
        elif tensor.kind == GGMLQuantizationType.F16:
            yield block.to(torch.float16).numpy()
        elif tensor.kind == GGMLQuantizationType.F32:
            yield block.contiguous().numpy()
        else:
            yield quants.quantize(block.contiguous().numpy(), tensor.kind)


def rows_at_once(shape: tuple[int, ...]) -> int:
    """How many rows of a weight are turned into their type at once."""
    return max(1, BLOCK_BYTES // (4 * max(1, int(np.prod(shape[1:])))))
