"""A GGUF file that appears whole or not at all: the head first, then one weight after another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from gguf import GGUFWriter

from train.atomic import is_running, sync_file
from train.export.tensors import GgufTensor


@contextmanager
def whole_file(final: Path) -> Iterator[Path]:
    """The path of a hidden file beside `final` to write into; at the end it is synced, and gets its name in one step.

    What killed processes left of it is removed; what fails leaves nothing.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    for left in final.parent.glob(f".{final.name}.*.part"):
        if not is_running(left.name.split(".")[-2]):
            left.unlink(missing_ok=True)
    unfinished = final.parent / f".{final.name}.{os.getpid()}.part"
    try:
        yield unfinished
        sync_file(unfinished)
        unfinished.replace(final)
        sync_file(final.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def write_gguf(
    path: Path, writer: GGUFWriter, tensors: Iterable[GgufTensor], blocks: Iterable[Iterator[np.ndarray]]
) -> None:
    """Writes head and weights; `blocks` are those of each tensor, in the order of `tensors`, and none waits in memory."""
    planned = list(tensors)
    for tensor in planned:
        writer.add_tensor_info(tensor.name, tensor.shape, np.dtype(np.float32), tensor.bytes, raw_dtype=tensor.kind)
    writer.write_header_to_file(path)
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    assert writer.fout is not None
    file = writer.fout[0]
    writer.write_padding(file, file.tell())
    for tensor, parts in zip(planned, blocks, strict=True):
        written = 0
        for part in parts:
            file.write(np.ascontiguousarray(part).data)
            written += part.nbytes
        if written != tensor.bytes:
            raise ValueError(f"{tensor.name} came to {written} bytes where {tensor.bytes} were planned")
        writer.write_padding(file, written)
    writer.close()
