"""Measured documents as figures: perplexity, bits per byte, intervals, by site and year; base against adapter."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from train.data.documents import Document
from train.evaluation.perplexity import Measured

RESAMPLES = 1000
"""Draws of the bootstrap (Efron 1979), over documents because tokens of one document are no independent draws."""

CONFIDENCE = 0.95


def compare(
    base: Sequence[Measured], adapter: Sequence[Measured] | None, documents: Sequence[Document]
) -> dict[str, Any]:
    """The report of `train.evaluate`: `base`, `adapter` and `ratio` (adapter over base), as JSON's types.

    Each has `perplexity` and `bits_per_byte` with intervals at 95 %, and the same by site and year. Raises ValueError
    where nothing was foretold at all.
    """
    report: dict[str, Any] = {"base": summary(base, documents)}
    if adapter is not None:
        report["adapter"] = summary(adapter, documents)
        report["ratio"] = {
            "perplexity": report["adapter"]["perplexity"] / report["base"]["perplexity"],
            "perplexity_interval": _ratio_interval(base, adapter),
        }
    return report


def summary(measured: Sequence[Measured], documents: Sequence[Document]) -> dict[str, Any]:
    """The figures of one model."""
    nats, tokens, sizes = _columns(measured)
    if not tokens.sum():
        raise ValueError("no document has two tokens, so there is nothing to measure")
    return {
        "perplexity": _perplexity(nats, tokens),
        "perplexity_interval": _interval(lambda chosen: _perplexity(nats[chosen], tokens[chosen]), len(measured)),
        "bits_per_byte": _bits(nats, sizes),
        "bits_per_byte_interval": _interval(lambda chosen: _bits(nats[chosen], sizes[chosen]), len(measured)),
        "loss": float(nats.sum() / tokens.sum()),
        "documents": len(measured),
        "tokens": int(tokens.sum()),
        "bytes": int(sizes.sum()),
        "sites": _grouped(measured, [document.site or "unknown" for document in documents]),
        "years": _grouped(
            measured, [document.published[:4] if document.published else "unknown" for document in documents]
        ),
    }


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


def _interval(figure: Callable[[np.ndarray], float], count: int) -> list[float]:
    draw = np.random.default_rng(0)
    found = [figure(draw.integers(0, count, count)) for _ in range(RESAMPLES)]
    return [float(value) for value in np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])]


def _ratio_interval(base: Sequence[Measured], adapter: Sequence[Measured]) -> list[float]:
    """The interval of the ratio, from the same draws for both: what a document is worth cancels out."""
    nats, tokens, _ = _columns(base)
    other, _, _ = _columns(adapter)
    return _interval(
        lambda chosen: _perplexity(other[chosen], tokens[chosen]) / _perplexity(nats[chosen], tokens[chosen]), len(base)
    )


def _grouped(measured: Sequence[Measured], names: Sequence[str]) -> dict[str, dict[str, float]]:
    grouped: dict[str, dict[str, float]] = {}
    for name in sorted(set(names)):
        nats, tokens, sizes = _columns([part for part, its in zip(measured, names, strict=True) if its == name])
        grouped[name] = {
            "perplexity": _perplexity(nats, tokens),
            "bits_per_byte": _bits(nats, sizes),
            "documents": len(nats),
            "tokens": int(tokens.sum()),
        }
    return grouped


def table(report: dict[str, Any]) -> str:
    """The report for people."""
    base, adapter = report["base"], report.get("adapter")
    lines = [f"{'':<28}{'base':>28}" + (f"{'adapter':>28}{'ratio':>8}" if adapter else "")]

    def row(name: str, key: str, one: dict[str, Any], two: dict[str, Any] | None) -> None:
        cells = _cell(one, key) + (_cell(two, key) + f"{two[key] / one[key]:>8.3f}" if two else "")
        lines.append(f"{name[:27]:<28}{cells}")

    row("perplexity", "perplexity", base, adapter)
    row("bits per byte", "bits_per_byte", base, adapter)
    for kind in ("sites", "years"):
        if len(base[kind]) > 1:
            lines.append(f"perplexity by {kind[:-1]}")
            for name, figures in base[kind].items():
                row(
                    f"  {name} ({figures['documents']})",
                    "perplexity",
                    figures,
                    adapter[kind][name] if adapter else None,
                )
    lines.append(
        f"{base['documents']:,} documents, {base['tokens']:,} tokens; intervals at {CONFIDENCE:.0%}, by document"
    )
    return "\n".join(lines) + "\n"


def _cell(figures: dict[str, Any], key: str) -> str:
    interval = figures.get(f"{key}_interval")
    shown = f" ({interval[0]:.2f}–{interval[1]:.2f})" if interval else ""
    return f"{figures[key]:.2f}{shown}".rjust(28)
