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

from train.console import is_first
from train.models.device import peak_memory

PLAIN_INTERVAL = 15.0
"""Seconds between two lines where the output is no terminal."""

GIB = 1 << 30


class Progress(TrainerCallback):
    """A bar on a terminal, a line now and then elsewhere.

    `tokens_per_step` are the tokens of a step on the average, padding not counted. Speed and time left are reckoned from
    the steps of this process, also after a resume; the first step, which sets things up, counts until there is a second.
    """

    def __init__(self, tokens_per_step: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self.tokens_per_step = tokens_per_step
        self.clock = clock
        self.bar: tqdm[Any] | None = None
        self.started = self.said = 0.0
        self.first_step = self.counted_from = self.last_step = 0
        self.loss = math.nan
        self.held_out_loss: float | None = None
        self.terminal = sys.stderr.isatty()

    @property
    def last_loss(self) -> float | None:
        """The last loss that was reported; None before the first."""
        return None if math.isnan(self.loss) else self.loss

    @property
    def tokens_per_second(self) -> float:
        """The speed so far."""
        return self._speed(self.last_step) if self.bar is not None else 0.0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Starts the bar at the step that the run goes on from."""
        self.first_step = self.counted_from = self.last_step = state.global_step
        self.started = self.said = self.clock()
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
        """Moves the bar, or says a line."""
        assert self.bar is not None
        now = self.clock()
        self.last_step = state.global_step
        if state.global_step == self.first_step + 1 and state.max_steps > state.global_step:
            # The first step of a run sets things up; speed is counted from its end.
            self.started, self.counted_from = now, state.global_step
        line = self._line(state)
        self.bar.set_postfix_str(line, refresh=False)
        self.bar.update()
        if not self.terminal and state.is_world_process_zero:
            last = state.global_step == state.max_steps
            if now - self.said >= PLAIN_INTERVAL or last or state.global_step == self.first_step + 1:
                self.said = now
                print(f"step {state.global_step}/{state.max_steps}, {line}", file=sys.stderr, flush=True)

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
            self.loss = logs["loss"]
        if "eval_loss" in logs:
            self.held_out_loss = logs["eval_loss"] if math.isfinite(logs["eval_loss"]) else None

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Leaves the bar as it is."""
        if self.bar is not None:
            self.bar.close()

    def _speed(self, step: int) -> float:
        seconds = self.clock() - self.started
        return (step - self.counted_from) * self.tokens_per_step / seconds if seconds > 0 else 0.0

    def _line(self, state: TrainerState) -> str:
        parts = [] if math.isnan(self.loss) else [f"loss {self.loss:.3f}"]
        if self.held_out_loss is not None:
            parts.append(f"held out {self.held_out_loss:.3f}")
        speed = self._speed(state.global_step)
        if speed:
            parts.append(f"{speed:,.0f} tokens/s")
        parts.append(f"{peak_memory() / GIB:.1f} GiB")
        if speed:
            left = (state.max_steps - state.global_step) * self.tokens_per_step / speed
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


def duration(seconds: float) -> str:
    """Seconds as people say them: `48 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
