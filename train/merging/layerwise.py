"""A model that is never whole in memory: each module's weights are read as it comes to them, and let go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from train.models.empty import empty_model
from train.models.stored_weights import StoredWeights


def streamed_logits(folder: Path, ids: torch.Tensor, rounded: torch.dtype = torch.float32) -> torch.Tensor:
    """The logits of a model in a folder, computed in float32 with its weights rounded to that type.

    `ids` has the shape (rows, tokens), the logits (rows, tokens, vocabulary). Takes the memory of the largest weight, and of
    a whole mixer where a layer has a state or a convolution (Mamba, linear attention): its forward reads what is in it.
    """
    model = empty_model(folder)
    stored = StoredWeights(folder)
    tied = {
        target: source for target, source in getattr(model, "all_tied_weights_keys", {}).items() if target not in stored
    }
    done: list[str] = []
    for name, module in model.named_modules():
        if any(name.startswith(f"{mixer}.") for mixer in done):
            continue
        whole = _reads_within(module)
        if whole:
            done.append(name)
        parts = [part for part, _ in module.named_parameters(recurse=whole)]
        if parts:
            _stream(module, name, parts, stored, tied, rounded)
    with torch.no_grad():
        logits: torch.Tensor = model(input_ids=ids, use_cache=False).logits
    return logits


def _reads_within(module: nn.Module) -> bool:
    """Whether a module's forward takes weights out of the modules in it, instead of calling them: Mamba's, and its like."""
    inner = list(module.children())
    convolves = any(isinstance(child, nn.Conv1d) for child in inner)
    own = any(True for _ in module.parameters(recurse=False))
    return convolves or (own and any(True for child in inner for _ in child.parameters()))


def _stream(
    module: nn.Module,
    name: str,
    parts: list[str],
    stored: StoredWeights,
    tied: dict[str, str],
    rounded: torch.dtype,
) -> None:
    places = [(module.get_submodule(part.rpartition(".")[0]), part.rpartition(".")[2]) for part in parts]
    empty = [getattr(owner, leaf) for owner, leaf in places]

    def fetch(_: nn.Module, __: Any) -> None:
        for part, (owner, leaf) in zip(parts, places, strict=True):
            full = f"{name}.{part}"
            tensor = stored.read(tied.get(full, full)).to(rounded).float()
            setattr(owner, leaf, nn.Parameter(tensor, requires_grad=False))

    def release(_: nn.Module, __: Any, ___: Any) -> None:
        for (owner, leaf), nothing in zip(places, empty, strict=True):
            setattr(owner, leaf, nothing)

    module.register_forward_pre_hook(fetch)
    module.register_forward_hook(release)
