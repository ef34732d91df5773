"""transformers' Trainer, counting the tokens that it trains on."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import Trainer

from train.data.packing import TOKENS


class CountingTrainer(Trainer):
    """A Trainer whose `state.num_input_tokens_seen` are the tokens of all processes so far, padding left aside.

    Its batches say how many they hold (`Collator.counted`). The state is part of a checkpoint, so the count goes on after a
    resume. transformers' own count takes padding along, or needs a mask that packed rows must not have.
    """

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: torch.Tensor | int | None = None
    ) -> torch.Tensor:
        """One micro batch forward and back; its tokens are counted."""
        tokens = torch.tensor(inputs.pop(TOKENS), device=self.args.device)
        self.state.num_input_tokens_seen += int(self.accelerator.gather(tokens).sum())
        return super().training_step(model, inputs, num_items_in_batch)

    def prediction_step(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        prediction_loss_only: bool,
        ignore_keys: list[str] | None = None,
    ) -> tuple[torch.Tensor | None, torch.Tensor | None, torch.Tensor | None]:
        """One batch of an evaluation, which counts for nothing."""
        inputs.pop(TOKENS, None)
        return super().prediction_step(model, inputs, prediction_loss_only, ignore_keys)
