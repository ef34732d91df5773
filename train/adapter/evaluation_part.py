"""What a card says of an evaluation: tasks, drift, other texts, and how the model writes before and after."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

EVALUATION_FILE = "evaluation.json"
"""Beside the adapter: the figures that its card shows, as `train.evaluate --card` measured them."""

Verdict = Literal["better", "worse", "no difference", "no signal", ""]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the bounds of its interval at 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TaskPart:
    """A task: `base`, `base_4bit` and `adapter` by their names in `columns`; `difference` is the adapter's less the base's."""

    name: str
    metric: str
    items: int
    chance: float | None
    columns: dict[str, Figure]
    difference: Figure | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class DriftPart:
    """Nats a token that the adapter needs more than its base for the base's own samples."""

    drift: Figure
    samples: int


@dataclass(frozen=True, slots=True)
class AlsoPart:
    """Bits per byte of other texts; `change` is the adapter's as a part of the base's."""

    name: str
    base: float
    adapter: float
    change: Figure


@dataclass(frozen=True, slots=True)
class SamplePart:
    """How base and adapter go on from a prompt."""

    prompt: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EvaluationPart:
    """All of it; what was not measured is empty."""

    tasks: tuple[TaskPart, ...] = ()
    drift: DriftPart | None = None
    also: tuple[AlsoPart, ...] = ()
    samples: tuple[SamplePart, ...] = ()
    perplexity: tuple[float, float] | None = None

    def write(self, folder: Path) -> None:
        """Writes it beside the adapter; the file appears whole."""
        path = folder / EVALUATION_FILE
        unfinished = path.with_name(f".{path.name}.part")
        unfinished.write_text(
            json.dumps(asdict(self), ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
        )
        unfinished.replace(path)
