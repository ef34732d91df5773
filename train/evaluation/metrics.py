"""Measured documents as figures: perplexity, bits per byte, intervals, by site and year; base against adapter."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from train.data.documents import Document
from train.errors import DataError
from train.evaluation.perplexity import Measured

RESAMPLES = 1000
"""Draws of the bootstrap (Efron 1979), over documents because tokens of one document are no independent draws."""

CONFIDENCE = 0.95


Interval = list[float]
"""The lower and the upper bound, at `CONFIDENCE`."""


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The figures of one model on some documents: those of one site or one year."""

    perplexity: float
    bits_per_byte: float
    documents: int
    tokens: int


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """The figures of one model on all documents; `loss` in nats a token, `bytes` of UTF-8."""

    perplexity: float
    perplexity_interval: Interval
    bits_per_byte: float
    bits_per_byte_interval: Interval
    loss: float
    documents: int
    tokens: int
    bytes: int
    sites: dict[str, GroupFigures]
    years: dict[str, GroupFigures]


@dataclass(frozen=True, slots=True)
class Ratio:
    """The adapter's perplexity over the base's."""

    perplexity: float
    perplexity_interval: Interval


def ratio_of(base: Sequence[Measured], adapter: Sequence[Measured]) -> Ratio:
    """The adapter over the base. The interval is from the same draws for both: what a document is worth cancels out."""
    nats, tokens, _ = _columns(base)
    other, other_tokens, _ = _columns(adapter)
    return Ratio(
        perplexity=_perplexity(other, other_tokens) / _perplexity(nats, tokens),
        perplexity_interval=_interval(
            lambda chosen: _perplexity(other[chosen], tokens[chosen]) / _perplexity(nats[chosen], tokens[chosen]),
            len(base),
        ),
    )


def bits_per_byte(measured: Sequence[Measured]) -> float:
    """The bits that a model needs for a byte of the measured documents."""
    nats, _, sizes = _columns(measured)
    return _bits(nats, sizes)


def relative_bits(base: Sequence[Measured], other: Sequence[Measured]) -> tuple[float, Interval]:
    """How many bits per byte another model needs more than the base, as a part of the base's; from the same draws."""
    nats, _, sizes = _columns(base)
    others, _, _ = _columns(other)

    def change(chosen: np.ndarray) -> float:
        return _bits(others[chosen], sizes[chosen]) / max(1e-12, _bits(nats[chosen], sizes[chosen])) - 1

    return change(np.arange(len(base))), _interval(change, len(base))


def summary(measured: Sequence[Measured], documents: Sequence[Document]) -> ModelFigures:
    """The figures of one model. Raises DataError where nothing was foretold at all."""
    nats, tokens, sizes = _columns(measured)
    if not tokens.sum():
        raise DataError("datasets: no document has two tokens, so there is nothing to measure")
    return ModelFigures(
        perplexity=_perplexity(nats, tokens),
        perplexity_interval=_interval(lambda chosen: _perplexity(nats[chosen], tokens[chosen]), len(measured)),
        bits_per_byte=_bits(nats, sizes),
        bits_per_byte_interval=_interval(lambda chosen: _bits(nats[chosen], sizes[chosen]), len(measured)),
        loss=float(nats.sum() / tokens.sum()),
        documents=len(measured),
        tokens=int(tokens.sum()),
        bytes=int(sizes.sum()),
        sites=_grouped(measured, [document.site or "unknown" for document in documents]),
        years=_grouped(
            measured, [document.published[:4] if document.published else "unknown" for document in documents]
        ),
    )


def _columns(measured: Sequence[Measured]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.array([part.nats for part in measured], dtype=np.float64),
        np.array([part.tokens for part in measured], dtype=np.float64),
        np.array([part.bytes for part in measured], dtype=np.float64),
    )


def _perplexity(nats: np.ndarray, tokens: np.ndarray) -> float:
    # An untrained model can be worse than any float; JSON has no infinity.
    return math.exp(min(700.0, float(nats.sum() / max(1.0, tokens.sum()))))


def _bits(nats: np.ndarray, sizes: np.ndarray) -> float:
    return float(nats.sum() / math.log(2) / max(1.0, sizes.sum()))


def _interval(figure: Callable[[np.ndarray], float], count: int) -> Interval:
    draw = np.random.default_rng(0)
    found = [figure(draw.integers(0, count, count)) for _ in range(RESAMPLES)]
    return [float(value) for value in np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])]


def _grouped(measured: Sequence[Measured], names: Sequence[str]) -> dict[str, GroupFigures]:
    grouped: dict[str, GroupFigures] = {}
    for name in sorted(set(names)):
        nats, tokens, sizes = _columns([part for part, its in zip(measured, names, strict=True) if its == name])
        grouped[name] = GroupFigures(_perplexity(nats, tokens), _bits(nats, sizes), len(nats), int(tokens.sum()))
    return grouped
