"""The progress of a run: loss, tokens a second (of this run only), memory, time left; and stopping on a signal."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import torch
from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from train.console import INTERVAL, duration, is_first
from train.models.device import peak_memory

GIB = 1 << 30


class Progress(TrainerCallback):
    """A bar on a terminal, a line now and then elsewhere.

    Tokens are those that the trainer's state counts. Speed and time left are reckoned from the steps of this process, also
    after a resume, with all that comes between them; the first step, which sets things up, counts until there is a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self.clock = clock
        self.bar: tqdm[Any] | None = None
        self.begun = self.started = self.ended = self.said = 0.0
        self.first_step = self.counted_from = self.loss_step = 0
        self.tokens = self.tokens_before = 0
        self.loss = math.nan
        self.held_out_loss: float | None = None
        self.terminal = sys.stderr.isatty()
        self.waits = False

    @property
    def seconds(self) -> float:
        """How long this start has been training; 0 before it."""
        return self.clock() - self.begun if self.bar is not None else 0.0

    @property
    def tokens_per_second(self) -> float:
        """The speed so far."""
        seconds = self.ended - self.started
        return (self.tokens - self.tokens_before) / seconds if seconds > 0 else 0.0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Starts the bar at the step that the run goes on from."""
        self.first_step = self.loss_step = state.global_step
        self.begun = self.said = self._count_from(state)
        self.bar = tqdm(
            total=state.max_steps,
            initial=state.global_step,
            desc="training",
            unit=" steps",
            disable=not (state.is_world_process_zero and self.terminal),
            dynamic_ncols=True,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} steps{postfix}",
        )

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Moves the bar, or says a line; where this step's loss is about to be reported, it is waited for."""
        self.ended, self.tokens = self.clock(), state.num_input_tokens_seen
        if state.global_step == self.first_step + 1 and state.max_steps > state.global_step:
            # The first step of a run sets things up; speed is counted from its end.
            self._count_from(state)
        # The last step's loss is reported by itself, however seldom losses are.
        control.should_log |= state.global_step >= state.max_steps - 1
        self.waits = control.should_log
        if not self.waits:
            self._show(state)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Keeps the losses that the line shows, those that are numbers."""
        logs = logs or {}
        if math.isfinite(logs.get("loss", math.nan)):
            self.loss, self.loss_step = logs["loss"], state.global_step
        if "eval_loss" in logs:
            self.held_out_loss = logs["eval_loss"] if math.isfinite(logs["eval_loss"]) else None
        if self.waits:
            self.waits = False
            self._show(state)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Leaves the bar as it is."""
        if self.bar is not None:
            self.bar.close()

    def _count_from(self, state: TrainerState) -> float:
        self.started = self.ended = self.clock()
        self.counted_from, self.tokens_before = state.global_step, state.num_input_tokens_seen
        return self.started

    def _show(self, state: TrainerState) -> None:
        assert self.bar is not None
        line = self._line(state)
        self.bar.set_postfix_str(line, refresh=False)
        self.bar.update(state.global_step - self.bar.n)
        if self.terminal or not state.is_world_process_zero:
            return
        now = self.clock()
        last = state.global_step == state.max_steps
        if now - self.said >= INTERVAL or last or state.global_step == self.first_step + 1:
            self.said = now
            print(f"step {state.global_step}/{state.max_steps}, {line}", file=sys.stderr, flush=True)

    def _line(self, state: TrainerState) -> str:
        parts = []
        if not math.isnan(self.loss):
            earlier = f" at step {self.loss_step}" if self.loss_step != state.global_step else ""
            parts.append(f"loss {self.loss:.3f}{earlier}")
        if self.held_out_loss is not None:
            parts.append(f"held out {self.held_out_loss:.3f}")
        speed, steps = self.tokens_per_second, state.global_step - self.counted_from
        if speed:
            parts.append(f"{speed:,.0f} tokens/s")
        parts.append(f"{peak_memory() / GIB:.1f} GiB")
        if steps:
            left = (state.max_steps - state.global_step) * (self.ended - self.started) / steps
            parts.append(f"{duration(left)} left")
        return ", ".join(parts)


class StopOnSignal(TrainerCallback):
    """Saves a checkpoint after the step at hand and ends the run when SIGINT or SIGTERM comes; a second one ends it at once."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        """Nothing is caught before training begins."""
        self.received: int | None = None
        self._before: dict[int, Any] = {}

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Takes the signals over."""
        for number in self.SIGNALS:
            self._before[number] = signal.signal(number, self._note)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Asks for a checkpoint and the end; of several processes all do when one was signalled."""
        if any_process(self.received is not None):
            self.received = self.received or signal.SIGTERM
            control.should_save = True
            control.should_training_stop = True

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Gives the signals back."""
        self.give_back()

    def give_back(self) -> None:
        """Restores what the signals did before."""
        while self._before:
            signal.signal(*self._before.popitem())

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            self.give_back()
            raise KeyboardInterrupt
        self.received = number
        if is_first():
            print("\nstopping after this step, with a checkpoint; once more stops at once", file=sys.stderr, flush=True)


def any_process(flag: bool) -> bool:
    """Whether the flag is set in any process of the run."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return flag
    device = "cuda" if torch.distributed.get_backend() == "nccl" else "cpu"
    shared = torch.tensor(int(flag), device=device)
    torch.distributed.all_reduce(shared, op=torch.distributed.ReduceOp.MAX)
    return bool(shared.item())
