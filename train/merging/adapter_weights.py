"""An adapter's weights as peft writes them, by the module that they belong to; what cannot be merged is refused here."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import torch
from peft import LoraConfig
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from train.errors import ConfigError, first_line

_PREFIX = "base_model.model."
_PART = re.compile(
    r"\.(lora_A|lora_B|lora_embedding_A|lora_embedding_B|lora_magnitude_vector|lora_B\.bias)(?:\.weight)?$"
)
_UNALTERED = (True, False, "gaussian", "eva", "orthogonal")
"""Ways to begin an adapter that leave the base as it is; pissa, olora, corda, loftq and others put a rest into it."""


class AdapterWeights:
    """The tensors of a LoRA adapter.

    `parts` are the matrices of each adapted module, `whole` the weights and biases that take the place of the base's,
    `bases` the base's weights of adapted embeddings as they were in training. `owner` is whose they are, as an error
    begins.
    """

    def __init__(self, owner: str, settings: LoraConfig, tensors: Mapping[str, Tensor], strength: float = 1.0) -> None:
        """Sorts the tensors, which have peft's names, by module; `strength` is what they are taken at, 1 as trained."""
        self.owner = owner
        self.settings = settings
        self.strength = strength
        self.parts: dict[str, dict[str, Tensor]] = defaultdict(dict)
        self.whole: dict[str, Tensor] = {}
        self.bases: dict[str, Tensor] = {}
        for name, tensor in tensors.items():
            self._sort_in(name.removeprefix(_PREFIX), tensor)

    @classmethod
    def read(cls, folder: Path, strength: float = 1.0) -> AdapterWeights:
        """A finished adapter's, taken `strength` times. Raises ConfigError for what is no whole LoRA adapter, or cannot be merged."""
        settings = _read_settings(folder)
        path = folder / "adapter_model.safetensors"
        try:
            tensors = load_file(path)
        except (SafetensorError, OSError) as error:
            raise ConfigError(f"--adapter: {path} is no whole safetensors file ({first_line(error)})") from error
        for name, tensor in tensors.items():
            if not bool(torch.isfinite(tensor).all()):
                raise ConfigError(
                    f"--adapter: {path}: {name.removeprefix(_PREFIX)} holds what is no number; the training has failed"
                )
        found = cls(f"--adapter: {folder}", settings, tensors, strength)
        if not found.parts and not found.whole:
            raise ConfigError(f"--adapter: {path} holds no weights of a LoRA adapter")
        if strength != 1 and (found.whole or settings.use_dora):
            what = "DoRA," if settings.use_dora else f"{next(iter(found.whole))}, trained whole,"
            raise ConfigError(f"--scale: {folder} holds {what} which has no strength of its own; leave --scale out")
        return found

    def _sort_in(self, name: str, tensor: Tensor) -> None:
        match = _PART.search(name)
        if match:
            self.parts[name[: match.start()]][match[1]] = tensor
        elif name.endswith(".base_layer.weight"):
            self.bases[name.replace(".base_layer.", ".")] = tensor
        else:
            self.whole[name.replace(".base_layer.", ".")] = tensor

    def rank(self, module: str) -> int:
        """The rank of a module's adapter."""
        return pattern_value(self.settings.rank_pattern, module, self.settings.r)

    def alpha(self, module: str) -> float:
        """The alpha of a module's adapter, times its strength."""
        return self.strength * pattern_value(self.settings.alpha_pattern, module, self.settings.lora_alpha)

    def scale(self, module: str) -> float:
        """What the product of a module's matrices is multiplied by."""
        rank = self.rank(module)
        return self.alpha(module) / (math.sqrt(rank) if self.settings.use_rslora else rank)

    def check_shapes(self, module: str, inputs: int, outputs: int) -> None:
        """Raises ConfigError where a module's matrices are not whole, or not of that size and of the rank that is said."""
        parts, rank = self.parts[module], self.rank(module)
        embeds = "lora_embedding_A" in parts
        first, second = ("lora_embedding_A", "lora_embedding_B") if embeds else ("lora_A", "lora_B")
        if first not in parts or second not in parts:
            raise ConfigError(f"{self.owner} has only one of the two matrices of {module}")
        if ("lora_magnitude_vector" in parts) != self.settings.use_dora:
            raise ConfigError(f"{self.owner}: use_dora in adapter_config.json and {module} contradict")
        if parts[first].shape[0] != rank:
            raise ConfigError(
                f"{self.owner}: adapter_config.json says rank {rank} for {module}, its weights have "
                f"{parts[first].shape[0]}"
            )
        found, wanted = (tuple(parts[first].shape), tuple(parts[second].shape)), ((rank, inputs), (outputs, rank))
        if found != wanted:
            raise ConfigError(
                f"{self.owner} does not fit the base: {module} has matrices {found[0]} and {found[1]}, the base "
                f"takes {wanted[0]} and {wanted[1]}{_RESIZED if embeds else ''}"
            )


_RESIZED = "; where its vocabulary was resized for the training, name the resized base with --base_model"


def check_same_shape(owner: str, name: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """Raises ConfigError where a weight that takes the place of the base's has another shape."""
    if found != wanted:
        raise ConfigError(f"{owner} does not fit the base: {name} is {found}, the base's is {wanted}{_RESIZED}")


def pattern_value(patterns: dict[str, int] | None, module: str, usual: int) -> int:
    """A rank or alpha that peft's patterns give a module of its own."""
    for pattern, value in (patterns or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            return value
    return usual


def _read_settings(folder: Path) -> LoraConfig:
    path = folder / "adapter_config.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"--adapter: {path} cannot be read ({first_line(error)})") from error
    if not isinstance(values, dict) or values.get("peft_type") != "LORA":
        kind = values.get("peft_type") if isinstance(values, dict) else None
        raise ConfigError(f"--adapter: {folder} is no LoRA adapter (peft_type {kind})")
    for key in ("r", "lora_alpha"):
        # peft would take 8 for both, silently.
        if not isinstance(values.get(key), int) or isinstance(values[key], bool) or values[key] < 1:
            raise ConfigError(f"--adapter: {path} does not say {key}, without which the adapter has no scale")
    check_mergeable(values, f"--adapter: {folder}")
    try:
        settings = LoraConfig.from_pretrained(str(folder))
    except (TypeError, ValueError, KeyError, OSError) as error:
        raise ConfigError(f"--adapter: {path}: {first_line(error)}") from error
    assert isinstance(settings, LoraConfig)
    return settings


def check_mergeable(values: Mapping[str, object], owner: str) -> None:
    """Raises ConfigError where peft's settings of an adapter are of a kind that is not merged here."""
    for key in ("target_parameters", "trainable_token_indices", "layer_replication", "alora_invocation_tokens"):
        if values.get(key):
            raise ConfigError(f"{owner} is trained with {key}, which is not merged here")
    if values.get("init_lora_weights", True) not in _UNALTERED:
        raise ConfigError(
            f"{owner} began as {values['init_lora_weights']}, which alters the base; convert it with peft's "
            "save_pretrained(path_initial_model_for_weight_conversion=…) first"
        )
