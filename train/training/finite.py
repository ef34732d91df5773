"""No number passes for a number: losses and weights are looked at before anything of them is written."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from train.console import say
from train.errors import NotANumberError
from train.training.callbacks import any_process
from train.training.checkpoints import checkpoints_in

PASSED_OVER = 25
"""Steps in a row that float16 may pass over. The scale begins at 65,536 and is halved each time; where it is below a
hundredth, not the scale overflows but the model."""


class FiniteNumbers(TrainerCallback):
    """Ends a run whose loss or weights are no numbers, before they are written.

    A step of float16 that overflows is passed over by the gradients' scaler and changes no weight; it ends nothing until
    `PASSED_OVER` of them follow each other. A held-out loss that is no number while the weights are is said, counts as
    worse than any other, and ends nothing either.
    """

    def __init__(self, output_dir: Path) -> None:
        """`output_dir` holds the checkpoints that an error names."""
        self.output_dir = output_dir
        self.in_a_row = 0
        self.since_log = self.since_begin = False

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Counts the steps that the scaler passes over. Raises NotANumberError after too many of them."""
        if not getattr(given.get("optimizer"), "step_was_skipped", False):
            self.in_a_row = 0
            return
        self.in_a_row += 1
        self.since_log = self.since_begin = True
        if self.in_a_row >= PASSED_OVER:
            raise NotANumberError(
                f"float16 overflowed in {self.in_a_row} steps in a row, to step {state.global_step}: compute in bf16, or "
                f"in float32{self._last_checkpoint()}"
            )

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Raises NotANumberError for a loss, of the last steps or of the whole run, that no overflow explains."""
        logs = logs or {}
        for key, overflowed in (("loss", self.since_log), ("train_loss", self.since_begin)):
            if key in logs and not math.isfinite(logs[key]) and not overflowed:
                raise NotANumberError(self._line(f"the loss of step {state.global_step} is {logs[key]}"))
        if "loss" in logs:
            self.since_log = False

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        model: nn.Module | None = None,
        **_: Any,
    ) -> None:
        """Looks at the held-out loss. Raises NotANumberError where it and the weights are no numbers."""
        if metrics is None or math.isfinite(metrics.get("eval_loss", 0.0)):
            return
        self._check_weights(state, model)
        say(
            f"the held-out loss at step {state.global_step} is {metrics['eval_loss']}; the weights are numbers: goes on"
        )
        # The first evaluation would else be the best one for ever: nothing is less than what is no number.
        metrics["eval_loss"] = math.inf

    def on_save(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: nn.Module | None = None,
        **_: Any,
    ) -> None:
        """Raises NotANumberError for weights that are no numbers; their checkpoint gets no name then."""
        self._check_weights(state, model)

    def check_trained(self, trainer: Trainer) -> None:
        """Raises NotANumberError where the trained weights are no numbers, or give no number for the first row."""
        self._check_weights(trainer.state, trainer.model)
        loss = _loss_of_one_row(trainer)
        if loss is None or math.isfinite(loss):
            return
        if trainer.args.fp16:
            say("the loss of the first row overflows in float16; the weights are numbers: they are kept")
            return
        raise NotANumberError(self._line(f"the trained weights give a loss of {loss}"))

    def _check_weights(self, state: TrainerState, model: nn.Module | None) -> None:
        bad = first_not_finite(model) if model is not None else None
        if any_process(bad is not None):
            raise NotANumberError(
                self._line(f"at step {state.global_step} the weights of {bad or 'another process'} are no numbers")
            )

    def _line(self, found: str) -> str:
        return f"{found}: lower learning_rate, or compute in bf16{self._last_checkpoint()}"

    def _last_checkpoint(self) -> str:
        whole = checkpoints_in(self.output_dir)
        return f"; {whole[-1]} is the last checkpoint, of weights that were numbers" if whole else ""


def finite_numbers(trainer: Trainer) -> FiniteNumbers:
    """The callback of a run that looks at its numbers."""
    return next(each for each in trainer.callback_handler.callbacks if isinstance(each, FiniteNumbers))


def first_not_finite(model: nn.Module) -> str | None:
    """The name of the first trained weight that holds something that is no number."""
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and not bool(torch.isfinite(parameter).all()):
            return name
    return None


def _loss_of_one_row(trainer: Trainer) -> float | None:
    """The loss of the first row as the run computes it; None where memory does not suffice for it."""
    rows: Any = trainer.train_dataset
    collate: Any = trainer.data_collator
    model: Any = trainer.model_wrapped
    model.eval()
    try:
        loss, _, _ = trainer.prediction_step(model, collate([rows[0]]), prediction_loss_only=True)
    except (torch.OutOfMemoryError, MemoryError):
        return None
    return None if loss is None else float(loss)
