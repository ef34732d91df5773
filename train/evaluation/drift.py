"""How far an adapter moved from its base: the nats that it needs more for what the base writes by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from train.evaluation.columns import ADAPTER
from train.evaluation.metrics import CONFIDENCE, RESAMPLES, Interval


@dataclass(frozen=True, slots=True)
class DriftReport:
    """Nats a token on the base's own samples by column, and the adapter's less those of its own base with an interval.

    On samples of the base that difference is an estimate of the Kullback-Leibler divergence of the adapter from it.
    """

    samples: int
    tokens: int
    nats_per_token: dict[str, float]
    drift: float | None
    interval: Interval | None

    def lines(self) -> list[str]:
        """The figures for people."""
        if self.drift is None or self.interval is None:
            return [f"the base needs {next(iter(self.nats_per_token.values())):.3f} nats a token for its own samples"]
        low, high = self.interval
        return [
            f"drift: {self.drift:+.3f} nats a token ({low:+.3f} to {high:+.3f}) on {self.samples:,} samples of the base's own"
        ]


def drift_report(nats: Mapping[str, Sequence[float]], sizes: Sequence[int], own_base: str) -> DriftReport:
    """The report of the nats that each column needed for each sample; `own_base` wrote them, `sizes` are their tokens."""
    tokens = np.array(sizes, dtype=np.float64)
    by_column = {name: float(np.sum(found) / tokens.sum()) for name, found in nats.items()}
    if ADAPTER not in nats:
        return DriftReport(len(sizes), int(tokens.sum()), by_column, None, None)
    more = np.array(nats[ADAPTER]) - np.array(nats[own_base])
    draw = np.random.default_rng(0)
    drawn = [draw.integers(0, len(sizes), len(sizes)) for _ in range(RESAMPLES)]
    found = [float(more[taken].sum() / tokens[taken].sum()) for taken in drawn]
    bounds = np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return DriftReport(
        len(sizes), int(tokens.sum()), by_column, float(more.sum() / tokens.sum()), [float(bound) for bound in bounds]
    )
