"""A model's weights as they lie in safetensors files: read one at a time, written one after another."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import torch
from safetensors import safe_open

from train.errors import ConfigError
from train.models.language_part import language_names

LFS_POINTER = b"version https://git-lfs"
"""How a file begins that stands for one that was not fetched."""

INDEX = "model.safetensors.index.json"

TYPE_NAMES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}
"""What safetensors calls the types that are written here."""


def weight_files(folder: Path) -> list[Path]:
    """The files that transformers reads a model's weights from, and no others that lie beside them.

    `model.safetensors` goes before the index; Mistral's `consolidated.safetensors` holds the same weights under other
    names. Raises ConfigError where there are none, or one that the index names is missing.
    """
    single, index = folder / "model.safetensors", folder / INDEX
    if single.is_file():
        return [single]
    if not index.is_file():
        raise ConfigError(f"base_model: {folder} holds neither model.safetensors nor {INDEX}")
    try:
        names = sorted({str(name) for name in json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"base_model: {index} is no index of weights ({error})") from error
    missing = [name for name in names if Path(name).name != name or not (folder / name).is_file()]
    if missing or not names:
        raise ConfigError(f"base_model: {index} names {(missing or ['nothing'])[0]}, which is not there")
    return [folder / name for name in names]


def stored_quantisation(folder: Path) -> str:
    """The method by which a model's weights are stored quantised; empty where they are not."""
    stored = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("quantization_config")
    if not stored:
        return ""
    return str(stored.get("quant_method") or "unknown method") if isinstance(stored, dict) else "unknown method"


class StoredWeights:
    """The weights in a folder, by name; only what is asked for is read.

    Of a model that also sees or hears they are those of its language part, under the names that they have there.
    """

    def __init__(self, folder: Path) -> None:
        """Reads the names. Raises ConfigError where there are no safetensors files or one is broken."""
        files = weight_files(folder)
        places: dict[str, Path] = {}
        shapes: dict[str, tuple[int, ...]] = {}
        for file in files:
            try:
                with safe_open(file, framework="pt") as opened:
                    for name in opened.keys():  # noqa: SIM118 (it is no dict)
                        places[name] = file
                        shapes[name] = tuple(opened.get_slice(name).get_shape())
            except Exception as error:
                if file.read_bytes()[: len(LFS_POINTER)] == LFS_POINTER:
                    raise ConfigError(
                        f"base_model: {file} is a pointer of Git LFS, not the weights; run git lfs pull in {folder}"
                    ) from error
                raise ConfigError(f"base_model: {file} is no whole safetensors file ({error})") from error
        self.names = language_names(places)
        """The name of each weight, and the one under which it lies in its file."""
        self.files = {name: places[stored] for name, stored in self.names.items()}
        self.shapes = {name: shapes[stored] for name, stored in self.names.items()}

    def __contains__(self, name: str) -> bool:
        """Whether there is a weight of that name."""
        return name in self.files

    def __iter__(self) -> Iterator[str]:
        """The names, file by file, as they lie there."""
        return iter(self.files)

    def read(self, name: str) -> torch.Tensor:
        """One weight, in the type that it is stored in."""
        with safe_open(self.files[name], framework="pt") as opened:
            tensor: torch.Tensor = opened.get_tensor(self.names[name])
            return tensor

    def read_rows(self, name: str, begin: int, end: int) -> torch.Tensor:
        """The rows `begin` to `end` of one weight (or those of its numbers, of a vector), in the type it is stored in."""
        with safe_open(self.files[name], framework="pt") as opened:
            tensor: torch.Tensor = opened.get_slice(self.names[name])[begin:end]
            return tensor


@dataclass(frozen=True, slots=True)
class Entry:
    """A weight to be written: its name and shape."""

    name: str
    shape: tuple[int, ...]

    def bytes(self, dtype: torch.dtype) -> int:
        """Its size in that type."""
        size = dtype.itemsize
        for length in self.shape:
            size *= length
        return size


def plan_shards(entries: list[Entry], dtype: torch.dtype, limit: int) -> list[list[Entry]]:
    """The entries in files of at most `limit` bytes; one that is larger has a file of its own."""
    shards: list[list[Entry]] = []
    filled = limit + 1
    for entry in entries:
        size = entry.bytes(dtype)
        if filled + size > limit:
            shards.append([])
            filled = 0
        shards[-1].append(entry)
        filled += size
    return shards


class ShardWriter:
    """Writes weights in the planned order straight to disk, so that none waits in memory for the rest of its file.

    Use it as a context; `write` takes the weights one by one, in the order of the entries.
    """

    def __init__(self, folder: Path, entries: list[Entry], dtype: torch.dtype, limit: int) -> None:
        """Plans the files; the folder must be there."""
        self.folder = folder
        self.dtype = dtype
        self.shards = plan_shards(entries, dtype, limit)
        self.waiting = [(index, entry) for index, shard in enumerate(self.shards) for entry in shard]
        self.position = 0
        self.open_shard = -1
        self.file: BinaryIO | None = None

    def file_name(self, index: int) -> str:
        """The name of a file, as transformers names them."""
        if len(self.shards) == 1:
            return "model.safetensors"
        return f"model-{index + 1:05d}-of-{len(self.shards):05d}.safetensors"

    def __enter__(self) -> ShardWriter:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the last file and, where all went well, writes the index."""
        if self.file is not None:
            self.file.close()
        if kind is None:
            if self.position != len(self.waiting):
                raise ValueError(f"{len(self.waiting) - self.position} weights were planned and not written")
            if len(self.shards) > 1:
                self._write_index()

    def write(self, name: str, tensor: torch.Tensor) -> None:
        """Writes the next weight, in the writer's type."""
        index, entry = self.waiting[self.position]
        if name != entry.name or tuple(tensor.shape) != entry.shape:
            raise ValueError(f"{name} {tuple(tensor.shape)} came where {entry.name} {entry.shape} was planned")
        if index != self.open_shard:
            self._begin(index)
        assert self.file is not None
        flat = tensor.to(self.dtype).contiguous().reshape(-1).view(torch.uint8)
        self.file.write(flat.numpy().data)
        self.position += 1

    def _begin(self, index: int) -> None:
        """Opens the file of that number and writes its head: a length, then the names with types, shapes and bounds."""
        if self.file is not None:
            self.file.close()
        head: dict[str, object] = {"__metadata__": {"format": "pt"}}
        begin = 0
        for entry in self.shards[index]:
            end = begin + entry.bytes(self.dtype)
            head[entry.name] = {
                "dtype": TYPE_NAMES[self.dtype],
                "shape": list(entry.shape),
                "data_offsets": [begin, end],
            }
            begin = end
        text = json.dumps(head).encode()
        text += b" " * (-len(text) % 8)
        self.file = (self.folder / self.file_name(index)).open("wb")
        self.file.write(struct.pack("<Q", len(text)) + text)
        self.open_shard = index

    def _write_index(self) -> None:
        total = sum(entry.bytes(self.dtype) for _, entry in self.waiting)
        places = {entry.name: self.file_name(index) for index, entry in self.waiting}
        (self.folder / INDEX).write_text(
            json.dumps({"metadata": {"total_size": total}, "weight_map": places}, indent=1) + "\n", encoding="utf-8"
        )
