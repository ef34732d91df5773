"""A model that is never whole in memory: each layer's weights are read as it comes to them, and let go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from train.models.empty import empty_model
from train.models.stored_weights import StoredWeights


def streamed_logits(folder: Path, ids: torch.Tensor, rounded: torch.dtype = torch.float32) -> torch.Tensor:
    """The logits of a model in a folder, computed in float32 with its weights rounded to that type.

    `ids` has the shape (rows, tokens), the logits (rows, tokens, vocabulary). Takes the memory of the largest weight.
    """
    model = empty_model(folder)
    stored = StoredWeights(folder)
    tied = {
        target: source for target, source in getattr(model, "all_tied_weights_keys", {}).items() if target not in stored
    }
    for name, module in model.named_modules():
        own = [part for part, _ in module.named_parameters(recurse=False)]
        if own:
            _stream(module, name, own, stored, tied, rounded)
    with torch.no_grad():
        logits: torch.Tensor = model(input_ids=ids, use_cache=False).logits
    return logits


def _stream(
    module: nn.Module,
    name: str,
    own: list[str],
    stored: StoredWeights,
    tied: dict[str, str],
    rounded: torch.dtype,
) -> None:
    empty = {part: getattr(module, part) for part in own}

    def fetch(module: nn.Module, _: Any) -> None:
        for part in own:
            full = f"{name}.{part}"
            tensor = stored.read(tied.get(full, full)).to(rounded).float()
            setattr(module, part, nn.Parameter(tensor, requires_grad=False))

    def release(module: nn.Module, _: Any, __: Any) -> None:
        for part in own:
            setattr(module, part, empty[part])

    module.register_forward_pre_hook(fetch)
    module.register_forward_hook(release)
