"""A guard against rates far too high: it ends a run that forgets in its first steps, before hours go into it."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from train.data.packing import Collator, PackedRows
from train.errors import DivergedError
from train.training.callbacks import any_process

ROWS = 4
"""Rows at most that are read again at each look; the same ones, so that nothing of the difference is the texts'."""

LOOKS = (2, 5, 10, 20)
"""Steps after which is looked, and after as many once the warm-up is over. A look reads no more rows than a step trains on,
and has no way back: it takes a third of a step."""

MOST_RISE = 1.0
"""Nats a token above the base's own loss. At rates that learn the loss falls from the first steps on."""


class Divergence(TrainerCallback):
    """Compares the loss on a few rows with what it was before the first step. Reads them without gradients or random numbers."""

    def __init__(self, rows: PackedRows, collator: Collator, learned_rows: int, warmup: int, rows_a_step: int) -> None:
        """The first `learned_rows` of `rows` are to be learned; replay after them is not looked at. `warmup` is in steps,
        and `rows_a_step` is what one of them trains on in this process.
        """
        count = max(1, min(ROWS, rows_a_step))
        places = sorted({learned_rows * number // count for number in range(count)})
        self.batches = [collator([rows[place]]) for place in places if place < learned_rows]
        self.looks = {*LOOKS, *(warmup + step for step in LOOKS)}
        self.before: float | None = None

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: nn.Module | None = None,
        **_: Any,
    ) -> None:
        """Takes the loss that there is to begin with; a run that goes on has had its first steps."""
        if state.global_step == 0 and model is not None and not args.fsdp:
            self.before = self._loss(model)

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: nn.Module | None = None,
        **_: Any,
    ) -> None:
        """Raises DivergedError where the loss has risen by more than `MOST_RISE`."""
        if self.before is None or model is None or state.global_step not in self.looks:
            return
        now = self._loss(model)
        if any_process(math.isfinite(now) and now > self.before + MOST_RISE):
            raise DivergedError(
                f"learning_rate: at {args.learning_rate:g} the run forgets instead of learning: the loss rose from "
                f"{self.before:.2f} to {now:.2f} nats a token in {state.global_step} steps; lower it, or set lr_probe: true"
            )

    def _loss(self, model: Any) -> float:
        training = model.training
        model.eval()
        total = tokens = 0.0
        with torch.no_grad():
            for batch in self.batches:
                moved = {key: value.to(model.device) if hasattr(value, "to") else value for key, value in batch.items()}
                count = int((batch["labels"][:, 1:] != -100).sum())  # type: ignore[index]
                total += float(model(**moved).loss) * count
                tokens += count
        model.train(mode=training)
        return total / max(1.0, tokens)
