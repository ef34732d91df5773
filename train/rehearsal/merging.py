"""Whether a loaded model's adapter can be merged: its settings and names, and a layer of each kind, number by number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel, get_peft_model_state_dict
from torch import nn

from train.config.load import Config
from train.errors import ConfigError
from train.merging.adapter_weights import AdapterWeights, check_mergeable
from train.merging.merged_weights import Merger

ROUNDING = {torch.float32: 1e-4, torch.bfloat16: 0.05, torch.float16: 0.01}
"""How far a layer's output may be off the merged one's, in standard deviations of it."""

_TRIED_TOKENS = 7


def check_merging(config: Config, weights: Path, model: PeftModel, computed_in: torch.dtype) -> int:
    """Merges one layer of each kind that the adapter is on, with an adapter that matters; returns how many kinds there are.

    `weights` is the folder of the base's weights. The adapter is as it was afterwards. Raises ConfigError where the adapter
    could not be merged, or a merged layer is another function than the loaded one.
    """
    settings: Any = model.peft_config["default"]
    owner = f"base_model: an adapter of {config.base_model}"
    check_mergeable(settings.to_dict(), owner)
    tensors = get_peft_model_state_dict(model)
    kinds: dict[str, tuple[str, Any]] = {}
    for name, module in model.get_base_model().named_modules():
        if hasattr(module, "lora_A") and hasattr(module, "base_layer"):
            kinds.setdefault(
                f"{re.sub(r'[.][0-9]+[.]', '.N.', name)} {type(module.base_layer).__name__}", (name, module)
            )
    modules = [module for _, module in kinds.values()]
    with _adapters_that_matter(modules), torch.no_grad():
        merger = Merger(config, weights, AdapterWeights(owner, settings, tensors), computed_in)
        for name, module in kinds.values():
            off = _difference(merger, name, module)
            if not off <= ROUNDING[computed_in]:
                raise ConfigError(
                    f"base_model: {config.base_model} can be trained and not merged: {name} is {off:.2g} of its output's "
                    "spread off once it is merged; take another base, or leave that layer out of lora_target_modules"
                )
    return len(kinds)


@contextmanager
def _adapters_that_matter(modules: list[Any]) -> Iterator[None]:
    """Fills the matrices that begin as zeros, and empties them again."""
    parameters = [
        parameter
        for module in modules
        for holder in (module.lora_A, module.lora_B, module.lora_embedding_A, module.lora_embedding_B)
        for parameter in holder.parameters()
    ]
    before = [parameter.detach().clone() for parameter in parameters]
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in parameters:
            parameter.copy_(torch.randn(parameter.shape, generator=draw) / parameter.shape[-1] ** 0.5)
    try:
        yield
    finally:
        with torch.no_grad():
            for parameter, values in zip(parameters, before, strict=True):
                parameter.copy_(values)


def _difference(merger: Merger, name: str, module: Any) -> float:
    """The largest difference between a layer's output and the merged one's, in standard deviations."""
    weight = merger.merged(f"{name}.weight")
    layer = module.base_layer
    draw = torch.Generator().manual_seed(1)
    embeds = isinstance(layer, nn.Embedding)
    if embeds:
        inputs = torch.randint(0, weight.shape[0], (1, _TRIED_TOKENS), generator=draw)
        expected = weight[inputs]
    else:
        turned = name in merger.turned
        width = weight.shape[0] if turned else weight.shape[1]
        inputs = torch.randn((1, _TRIED_TOKENS, width), generator=draw)
        expected = inputs @ (weight if turned else weight.T)
    bias = getattr(layer, "bias", None)
    if bias is not None:
        expected = expected + merger.merged(f"{name}.bias")
    given = inputs if embeds else inputs.to(merger.trained_in)
    found = module(given.to(next(module.lora_A.parameters(), layer.weight).device)).float().cpu()
    return float((found - expected).abs().max() / expected.std())
