"""The energy of a run, where the machine says what it draws: the GPU's own meter, or the processor's (RAPL)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

RAPL = Path("/sys/class/powercap")
"""Where Linux counts the microjoules of each processor package."""

_LEAST_SECONDS = 1.0
"""Between two looks at a GPU's meter."""


class Energy(TrainerCallback):
    """Adds up what this process' GPU, or the machine's processors, drew during the steps of this start.

    A processor's counter counts what else runs on the machine too.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, rapl: Path = RAPL) -> None:
        """`clock` gives seconds."""
        self.clock, self.rapl = clock, rapl
        self.joules: float | None = None
        self.last = 0.0
        self.counted: dict[Path, int] = {}

    @property
    def watt_hours(self) -> float | None:
        """What was drawn, or None where nothing is known."""
        return None if self.joules is None else self.joules / 3600

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Begins to count."""
        self.last = self.clock()
        self.counted = self._counters() if not torch.cuda.is_available() else {}

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Adds what was drawn since the last look."""
        now = self.clock()
        if torch.cuda.is_available():
            if now - self.last >= _LEAST_SECONDS or state.global_step == state.max_steps:
                self._add_gpu(now - self.last)
                self.last = now
            return
        counters = self._counters()
        for path, value in counters.items():
            # The counter begins anew at some number; what was drawn over that is lost.
            more = value - self.counted.get(path, value)
            if more >= 0:
                self.joules = (self.joules or 0.0) + more / 1e6
        self.counted = counters

    def _add_gpu(self, seconds: float) -> None:
        try:
            watts = torch.cuda.power_draw() / 1000
        except (RuntimeError, ModuleNotFoundError, AttributeError, OSError):
            # The meter needs a library (pynvml) that few have; no figure is better than a guess.
            return
        self.joules = (self.joules or 0.0) + watts * seconds

    def _counters(self) -> dict[Path, int]:
        found = {}
        for path in sorted(self.rapl.glob("intel-rapl:?/energy_uj")):
            try:
                found[path] = int(path.read_text(encoding="ascii"))
            except (OSError, ValueError):
                continue
        return found
