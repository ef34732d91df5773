"""The learning rate of a run, chosen by a few short ones: what `lr_probe` asks for.

Only a rate that is far off costs anything (a fifth of the best one 3 % of perplexity in a trial, three times it nothing), so the
ladder is coarse, and of rates that come to nearly the same the lowest is taken.
"""

from __future__ import annotations

import gc
import hashlib
import json
import math
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Subset
from transformers import PrinterCallback

from train.config.load import Config
from train.console import say
from train.data.packing import Collator, PackedRows, Row
from train.data.replay import learned_rows
from train.errors import ConfigError, NotANumberError
from train.models.device import Machine
from train.models.load import load_for_training
from train.models.source import Base
from train.planning.plan import steps_per_epoch, total_steps, warmup_steps
from train.training.arguments import training_arguments
from train.training.checkpoints import run_of
from train.training.rates import AdapterTrainer

PART = 0.1
"""Of the run's tokens, for each short run."""

LEAST_STEPS = 4
"""Fewer say nothing of a rate."""

MOST_RUNS = 8

STEP = math.sqrt(10)
"""Between two rates of the ladder."""

MOST_OF_IT = 0.9
"""Of the best rate's gain: rates that gain so much count as good, and the lowest of them is taken, since a longer run bears less."""

MEASURED_ROWS = 12
"""Rows that the short runs are measured on; none of them trains on them."""

PROBE_FILE = "lr_probe.json"
"""Beside the adapter: the rates that were tried, what they came to, which was chosen, and of which run."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What the short runs came to: a loss in nats a token for each rate (None: no number), the rate taken, of which run."""

    losses: dict[float, float | None]
    chosen: float
    run: str


def with_probed_rate(config: Config, base: Base, machine: Machine, rows: PackedRows) -> Config:
    """The configuration with the rate that short runs choose, where `lr_probe` asks for it.

    What was chosen for the same run before, by one that was stopped, holds. Raises ConfigError on several processes.
    """
    if not config.lr_probe:
        return config
    if machine.world_size > 1:
        raise ConfigError("lr_probe: runs on one process; choose the rate there, then start several without it")
    key = hashlib.sha256(json.dumps(asdict(run_of(config, rows, 1)), sort_keys=True).encode()).hexdigest()
    path = Path(config.output_dir) / PROBE_FILE
    chosen = _chosen_before(path, key)
    if chosen is None:
        steps = math.floor(PART * total_steps(config, steps_per_epoch(len(rows), config)))
        if steps < LEAST_STEPS:
            say(f"lr_probe: a tenth of this run is {steps} steps, which say nothing: keeps {config.learning_rate:g}")
            return config.model_copy(update={"lr_probe": False})
        runner = ShortRuns(config, base, machine, rows, steps)
        before = runner.loss_at(0.0)
        losses = climb(runner.loss_at, config.learning_rate)
        del runner
        gc.collect()
        chosen = lowest_good(losses, before)
        shown = {rate: loss if math.isfinite(loss) else None for rate, loss in sorted(losses.items())}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps(asdict(Probe(shown, chosen, key)), allow_nan=False, indent=1) + "\n", encoding="utf-8"
        )
    say(f"lr_probe: learning_rate {chosen:g} instead of {config.learning_rate:g}")
    return config.model_copy(update={"learning_rate": chosen, "lr_probe": False})


def climb(loss_at: Callable[[float], float], start: float) -> dict[float, float]:
    """Rates and their losses: from `start` up and down a ladder of `STEP`, on towards where it gets better, until it does not."""
    found = {0: loss_at(start)}
    for direction in (1, -1):
        place = direction
        while len(found) < MOST_RUNS:
            found[place] = loss_at(start * STEP**place)
            if not found[place] < found[place - direction]:
                break
            place += direction
        if found[direction] < found[0]:
            # The other side can only be worse.
            break
    return {start * STEP**place: loss for place, loss in found.items()}


def lowest_good(losses: dict[float, float], before: float) -> float:
    """The lowest rate that gains nearly as much as the best, where `before` is the loss without training.

    Raises NotANumberError where no rate gives a number.
    """
    best = min(losses.values())
    if not math.isfinite(best):
        raise NotANumberError("lr_probe: no rate gave a loss that is a number; start from a lower learning_rate")
    return min(rate for rate, loss in losses.items() if before - loss >= MOST_OF_IT * (before - best))


def probed_settings(config: Config, output_dir: Path) -> dict[str, object]:
    """What a finished run with `lr_probe` has given itself; nothing without it."""
    if not config.lr_probe:
        return {}
    chosen = _chosen_before(output_dir / PROBE_FILE)
    return {"lr_probe": False, "learning_rate": config.learning_rate if chosen is None else chosen}


def _chosen_before(path: Path, key: str | None = None) -> float | None:
    """The rate that was chosen before, for the run of that key where one is given."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return float(found["chosen"]) if key in (None, found["run"]) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


class ShortRuns:
    """Runs of a few steps on one loaded model, each from the same beginning."""

    def __init__(self, config: Config, base: Base, machine: Machine, rows: PackedRows, steps: int) -> None:
        """`steps` of the optimizer each, on the first rows; the rows after them are measured."""
        self.config, self.machine, self.steps = config, machine, steps
        taken = steps * config.micro_batch_size * config.gradient_accumulation_steps
        learned = learned_rows(rows)
        measured = range(max(0, learned - max(1, min(MEASURED_ROWS, learned - taken))), learned)
        self.trained: Subset[Row] = Subset(rows, range(min(taken, measured.start) or 1))
        self.measured: Subset[Row] = Subset(rows, list(measured))
        self.model: Any = load_for_training(config, base, machine)
        self.beginning = {
            name: parameter.detach().clone()
            for name, parameter in self.model.named_parameters()
            if parameter.requires_grad
        }

    def loss_at(self, rate: float) -> float:
        """The loss (nats a token) on the measured rows after a short run at this rate, 0 for none; infinity for no number."""
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                if name in self.beginning:
                    parameter.copy_(self.beginning[name])
        whole = total_steps(self.config, steps_per_epoch(len(self.trained), self.config))
        warmup = min(self.steps - 1, math.ceil(warmup_steps(self.config, whole) * PART))
        update: dict[str, object] = {
            "learning_rate": rate,
            "max_steps": self.steps,
            "warmup_steps": warmup,
            "warmup_ratio": None,
        }
        update |= {"save_strategy": "no", "saves_per_epoch": None, "load_best_model_at_end": False}
        update |= {"early_stopping_patience": None, "use_tensorboard": False, "wandb_project": None}
        config = self.config.model_copy(update=update)
        with tempfile.TemporaryDirectory() as folder:
            arguments = training_arguments(
                config, self.machine, Path(folder), steps_per_epoch=self.steps, evaluates=False
            )
            trainer = AdapterTrainer(
                config,
                model=self.model,
                args=arguments,
                train_dataset=self.trained,
                data_collator=Collator(flash=self.machine.flash, counted=True),
            )
            trainer.remove_callback(PrinterCallback)
            if rate:
                trainer.train()
            found = float(trainer.evaluate(self.measured)["eval_loss"])
        if rate:
            say(f"lr_probe: {rate:g} comes to {found:.3f} nats a token in {self.steps} steps")
        return found if math.isfinite(found) else math.inf
