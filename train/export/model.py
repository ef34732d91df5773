"""The merged model as GGUF, from the base's files and the adapter; no merged model is written in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gguf import GGUFWriter
from torch import Tensor

from train.errors import ConfigError
from train.export.gguf_file import write_gguf
from train.export.metadata import rope_factors, write_metadata, write_vocabulary
from train.export.source import Exported
from train.export.tensors import OUTTYPES, GgufTensor, TensorPlan, encoded, rows_at_once
from train.merging.merged_weights import Merger
from train.models.stored_weights import Entry

ROPE_FACTORS = "rope_freqs.weight"

_FILE_TYPES = {"f32": 0, "f16": 1, "q8_0": 7, "bf16": 32}
"""llama.cpp's numbers of the types of a whole file."""


def planned_tensors(exported: Exported, outtype: str) -> list[GgufTensor]:
    """The weights that the file will hold, in their order. Raises ConfigError where GGUF has no place for one."""
    plan = TensorPlan(exported.family, exported.settings)
    found = [plan.tensor(entry, OUTTYPES[outtype]) for entry in exported.merger.entries()]
    factors = rope_factors(exported.settings, exported.model_type)
    if factors is not None:
        found.append(GgufTensor("", ROPE_FACTORS, factors.shape, OUTTYPES["f32"]))
    return found


def model_writer(exported: Exported, outtype: str) -> GGUFWriter:
    """A writer with all that the file says of the model and its tokenizer."""
    writer = GGUFWriter(None, exported.family.architecture)
    writer.add_type("model")
    writer.add_file_type(_FILE_TYPES[outtype])
    writer.add_quantization_version(2)
    write_metadata(writer, exported.settings, exported.model_type, exported.name)
    write_vocabulary(writer, exported.vocabulary)
    return writer


def write_model(path: Path, exported: Exported, outtype: str) -> None:
    """Writes the merged model. At most one merged weight is in memory, and what is not merged goes by in blocks of rows."""
    tensors = planned_tensors(exported, outtype)
    plan = TensorPlan(exported.family, exported.settings)

    def parts() -> Iterator[Iterator[np.ndarray]]:
        for tensor in tensors:
            if tensor.source:
                yield encoded(_blocks(exported.merger, plan, tensor), tensor)
            else:
                factors = rope_factors(exported.settings, exported.model_type)
                assert factors is not None
                yield iter([factors])

    write_gguf(path, model_writer(exported, outtype), tensors, parts())


def _blocks(merger: Merger, plan: TensorPlan, tensor: GgufTensor) -> Iterator[Tensor]:
    """The rows of a weight in float32, as llama.cpp has them, some at a time."""
    size = rows_at_once(tensor.shape)
    if merger.is_as_stored(tensor.source) and not plan.turns(tensor.source):
        for begin in range(0, tensor.shape[0], size):
            yield plan.shifted(tensor.source, merger.stored_rows(tensor.source, begin, begin + size))
        return
    whole = plan.turned(tensor.source, merger.merged(tensor.source))
    for begin in range(0, tensor.shape[0], size):
        yield plan.shifted(tensor.source, whole[begin : begin + size])


def check_lora_places(exported: Exported) -> None:
    """Raises ConfigError for what a LoRA file cannot hold."""
    adapter = exported.merger.adapter
    if adapter.settings.use_dora:
        raise ConfigError(f"{adapter.owner} is a DoRA, which a LoRA file cannot hold; leave --lora out")
    whole = sorted({name.rsplit(".", 1)[0] for name in (*adapter.whole, *adapter.bases)})
    if whole:
        raise ConfigError(
            f"{adapter.owner} has {whole[0]} trained whole, which a LoRA file cannot hold; leave --lora out"
        )
    for module, parts in adapter.parts.items():
        other = next((part for part in parts if part not in ("lora_A", "lora_B")), None)
        if other:
            raise ConfigError(
                f"{adapter.owner} has {other} on {module}, which a LoRA file cannot hold; leave --lora out"
            )
        if exported.merger.tied and module == exported.merger.head:
            raise ConfigError(
                f"{adapter.owner} adapts a head that is the embedding, which a LoRA file cannot hold; leave --lora out"
            )


def lora_tensors(exported: Exported, outtype: str) -> list[tuple[GgufTensor, Tensor]]:
    """The matrices that a LoRA file holds, with their numbers in float32.

    llama.cpp scales by one alpha over each matrix' own rank; what rsLoRA and patterns of alpha make of the scale is folded
    into the second matrix. Raises ConfigError for a module that GGUF has no place for.
    """
    adapter = exported.merger.adapter
    plan = TensorPlan(exported.family, exported.settings)
    found = []
    for module, parts in sorted(adapter.parts.items()):
        source = f"{module}.weight"
        name = plan.name(source)
        factor = adapter.scale(module) * adapter.rank(module) / adapter.settings.lora_alpha
        second = plan.turned(source, parts["lora_B"].float() * factor)
        for suffix, matrix in (("lora_a", parts["lora_A"].float()), ("lora_b", second)):
            planned = plan.tensor(Entry(source, tuple(matrix.shape)), OUTTYPES[outtype])
            found.append((GgufTensor(source, f"{name}.{suffix}", planned.shape, planned.kind), matrix))
    return found


def write_lora(path: Path, exported: Exported, outtype: str) -> None:
    """Writes the adapter alone, for llama.cpp's `--lora`."""
    tensors = lora_tensors(exported, outtype)
    writer = GGUFWriter(None, exported.family.architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(exported.merger.adapter.settings.lora_alpha))
    writer.add_name(exported.name)
    writer.add_file_type(_FILE_TYPES[outtype])
    blocks = (encoded(iter([matrix]), tensor) for tensor, matrix in tensors)
    write_gguf(path, writer, (tensor for tensor, _ in tensors), blocks)
