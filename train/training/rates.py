"""Learning rates of their own for parts of what is trained: embeddings (`embedding_lr`), and B matrices (LoRA+)."""

from __future__ import annotations

from typing import Any

import torch
from bitsandbytes.optim.optimizer import GlobalOptimManager
from torch import nn

from train.config.keys.base import LibraryOptions
from train.config.load import Config
from train.training.trainer import CountingTrainer

_EMBEDDINGS = ("embed_tokens", "lm_head", "wte", "embed_in", "embed_out", "word_embeddings")


class AdapterTrainer(CountingTrainer):
    """The Trainer of a run, whose optimizer has the rates that a configuration gives to parts of the adapter."""

    def __init__(self, config: Config, **given: Any) -> None:
        """`given` are the Trainer's own arguments."""
        self.run_config = config
        super().__init__(**given)

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:
        """The usual optimizer, its groups divided by rate."""
        # It knows tensors by numbers that later ones get again: what a run before this one said would hold for others.
        GlobalOptimManager.get_instance().initialize()  # type: ignore[no-untyped-call]
        optimizer = super().create_optimizer(model)
        trained: Any = model if model is not None else self.model
        divide_by_rate(optimizer, trained, self.run_config)
        return optimizer


def divide_by_rate(optimizer: torch.optim.Optimizer, model: nn.Module, config: Config) -> None:
    """Divides the groups of an optimizer that has not stepped yet, so that each weight gets the rate of its part."""
    if config.embedding_lr is None and config.loraplus_lr_ratio is None:
        return
    rates = {id(parameter): rate_of(name, config) for name, parameter in model.named_parameters()}
    groups: list[LibraryOptions] = []
    for group in optimizer.param_groups:
        parts: dict[float, list[nn.Parameter]] = {}
        for parameter in group["params"]:
            parts.setdefault(rates[id(parameter)], []).append(parameter)
        groups += [{**group, "params": parts[rate], "lr": rate} for rate in sorted(parts)]
    # In place: optimizers of other libraries keep the list itself.
    optimizer.param_groups[:] = groups


def rate_of(name: str, config: Config) -> float:
    """The rate of a trained weight by its name, as peft names it."""
    if any(part in _EMBEDDINGS or part.startswith("lora_embedding_") for part in name.split(".")):
        return config.embedding_lr or config.learning_rate
    if ".lora_B." in name and config.loraplus_lr_ratio is not None:
        return config.learning_rate * config.loraplus_lr_ratio
    return config.learning_rate
