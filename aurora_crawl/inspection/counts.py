"""Numbers that are known only within bounds: how many articles a site holds, how long they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt


@dataclass(slots=True, frozen=True)
class Estimate:
    """A number, and the bounds between which it lies: certain where the three are one, else meant as nine times in ten."""

    value: float
    low: float
    high: float

    @classmethod
    def exact(cls, value: float) -> Estimate:
        """What was counted."""
        return cls(value, value, value)

    @property
    def is_exact(self) -> bool:
        """Whether it was counted."""
        return self.low == self.high

    def times(self, other: Estimate) -> Estimate:
        """The product of two that know nothing of each other: relative errors add as squares."""
        value = self.value * other.value
        if not value:
            return Estimate.exact(0)

        def error(of_one: float, of_other: float) -> float:
            return sqrt(of_one**2 + of_other**2)

        down = error(1 - self.low / self.value, 1 - other.low / other.value)
        up = error(self.high / self.value - 1, other.high / other.value - 1)
        return Estimate(value, value * max(0.0, 1 - down), value * (1 + up))

    def scaled(self, factor: float) -> Estimate:
        """The number and its bounds, so many times."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


def total(parts: list[Estimate]) -> Estimate:
    """The sum of numbers that know nothing of each other: their errors add as squares."""
    value = sum(one.value for one in parts)
    down = sqrt(sum((one.value - one.low) ** 2 for one in parts))
    up = sqrt(sum((one.high - one.value) ** 2 for one in parts))
    wider = _WIDER if len(parts) > 1 else 1.0
    return Estimate(value, value - wider * down, value + wider * up)


def mean_of(sample: list[float]) -> Estimate | None:
    """The mean of what a sample was drawn from, nine times in ten within the bounds; None for an empty sample.

    Of a few newest articles; so the bounds are a quarter at least: an archive's older texts may be longer or shorter.
    """
    if not sample:
        return None
    mean = sum(sample) / len(sample)
    spread = sqrt(sum((one - mean) ** 2 for one in sample) / max(1, len(sample) - 1))
    error = max(_NINE_IN_TEN * spread / sqrt(len(sample)), _LEAST_ERROR * mean)
    return Estimate(mean, max(0.0, mean - error), mean + error)


_NINE_IN_TEN = 1.645
"""Standard errors on either side of a mean."""
_LEAST_ERROR = 0.25
_WIDER = 1.3
"""Bounds of parts are flat, those of a sum are not: so much wider they hold it nineteen times in twenty."""
