"""What a model answered, as figures: accuracy beside chance, bits a word, and two models against each other by a paired bootstrap."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from train.evaluation.items import Item, Task
from train.evaluation.metrics import CONFIDENCE, RESAMPLES, Interval

ONE_ANSWER = 0.95
"""The share of one answer from which a model is said to answer one thing only."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model made of a task's items, in their order.

    `values` is what is averaged: whether the right choice was the likeliest (1 or 0), or the bits of the only continuation;
    `normalised` the same as the first by log-likelihood per byte; `chosen` the likeliest choice's place;
    `log_likelihoods` those of the choices in nats.
    """

    values: tuple[float, ...]
    normalised: tuple[float, ...]
    chosen: tuple[int, ...]
    log_likelihoods: tuple[tuple[float, ...], ...]

    def without(self, places: set[int]) -> Answers:
        """The answers without those to the items at these places."""
        kept = [place for place in range(len(self.values)) if place not in places]
        return Answers(
            tuple(self.values[place] for place in kept),
            tuple(self.normalised[place] for place in kept if self.normalised),
            tuple(self.chosen[place] for place in kept),
            tuple(self.log_likelihoods[place] for place in kept if self.log_likelihoods),
        )


def answers_of(task: Task, log_likelihoods: Sequence[Sequence[float]]) -> Answers:
    """The answers that follow from the log-likelihoods of all choices; of equal ones the first, as lm-evaluation-harness has it."""
    values, normalised, chosen = [], [], []
    for item, found in zip(task.items, log_likelihoods, strict=True):
        best = int(np.argmax(found))
        chosen.append(best)
        if task.chooses:
            values.append(float(best == item.gold))
            sizes = [max(1, len(choice.encode())) for choice in item.choices]
            per_byte = [each / size for each, size in zip(found, sizes, strict=True)]
            normalised.append(float(int(np.argmax(per_byte)) == item.gold))
        else:
            values.append(-found[0] / math.log(2))
    return Answers(tuple(values), tuple(normalised), tuple(chosen), tuple(tuple(each) for each in log_likelihoods))


@dataclass(frozen=True, slots=True)
class Score:
    """One model's figure on a task, with its interval; `by_answer` is the accuracy by what would have been right.

    `by_answer` is there only where the model answers one thing (`answers_only`) nearly always.
    """

    value: float
    interval: Interval
    normalised: float | None
    answers_only: str | None
    by_answer: dict[str, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One model's figure less another's on the same items, with the interval of the paired bootstrap."""

    difference: float
    interval: Interval

    @property
    def clear(self) -> bool:
        """Whether the interval is without 0."""
        return self.interval[0] > 0 or self.interval[1] < 0


def score(task: Task, answers: Answers) -> Score:
    """One model's figures. The interval is by groups of items, which are no independent draws of each other."""
    only = _only_answer(task, answers) if task.chooses else None
    return Score(
        value=float(np.mean(answers.values)),
        interval=_interval(np.array(answers.values), task.items),
        normalised=float(np.mean(answers.normalised)) if answers.normalised else None,
        answers_only=only,
        by_answer=_by_answer(task, answers) if only is not None else {},
    )


def compare(task: Task, answers: Answers, other: Answers) -> Comparison:
    """The first model less the second; each draw takes the same items of both, so that what an item is worth cancels out."""
    differences = np.array(answers.values) - np.array(other.values)
    return Comparison(float(differences.mean()), _interval(differences, task.items))


def chance_of(task: Task) -> float | None:
    """The accuracy of guessing; None where nothing is chosen."""
    return float(np.mean([item.chance for item in task.items])) if task.chooses else None


def at_chance(task: Task, figures: Score) -> bool:
    """Whether a model's accuracy cannot be told from guessing."""
    chance = chance_of(task)
    return chance is not None and figures.interval[0] <= chance <= figures.interval[1]


def _interval(values: np.ndarray, items: Sequence[Item]) -> Interval:
    """The interval of the mean at `CONFIDENCE`, from draws of whole groups."""
    names = {name: place for place, name in enumerate(dict.fromkeys(item.group for item in items))}
    groups = np.array([names[item.group] for item in items])
    sums = np.bincount(groups, weights=values, minlength=len(names))
    counts = np.bincount(groups, minlength=len(names)).astype(np.float64)
    draw = np.random.default_rng(0)
    found = []
    for _ in range(RESAMPLES):
        taken = draw.integers(0, len(names), len(names))
        found.append(sums[taken].sum() / counts[taken].sum())
    return [float(value) for value in np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])]


def _label(item: Item, place: int) -> str:
    return item.labels[place] if item.labels else item.choices[place].strip()


def _only_answer(task: Task, answers: Answers) -> str | None:
    """The one answer that a model nearly always gives, where more than one would have been right."""
    right = {_label(item, item.gold) for item in task.items}
    possible = {_label(item, place) for item in task.items for place in range(len(item.choices))}
    if len(right) < 2 or len(possible) > len(task.items) / 2:
        return None
    given = Counter(_label(item, place) for item, place in zip(task.items, answers.chosen, strict=True))
    name, count = given.most_common(1)[0]
    return name if count >= ONE_ANSWER * len(task.items) else None


def _by_answer(task: Task, answers: Answers) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for item, value in zip(task.items, answers.values, strict=True):
        found.setdefault(_label(item, item.gold), []).append(value)
    return {name: float(np.mean(values)) for name, values in sorted(found.items())}
