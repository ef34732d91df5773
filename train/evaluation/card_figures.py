"""The figures of a report as a card shows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from train.adapter.evaluation_part import AlsoPart, DriftPart, EvaluationPart, Figure, SamplePart, TaskPart, Verdict
from train.evaluation.columns import ADAPTER, AS_IT_IS, IN_4_BITS
from train.evaluation.metrics import Interval
from train.evaluation.report import AlsoReport, Report
from train.evaluation.task_report import TaskReport


def evaluation_part(report: Report, samples: Sequence[SamplePart]) -> EvaluationPart:
    """What a card says of an evaluation."""
    drift = report.drift
    return EvaluationPart(
        tasks=tuple(_task(each) for each in report.tasks),
        drift=DriftPart(_figure(drift.drift, drift.interval), drift.samples)
        if drift is not None and drift.drift is not None and drift.interval is not None
        else None,
        also=tuple(part for each in report.also if (part := _also(each)) is not None),
        samples=tuple(samples),
        perplexity=(report.base.perplexity, report.adapter.perplexity) if report.base and report.adapter else None,
    )


def _task(report: TaskReport) -> TaskPart:
    difference = report.differences.get(f"{ADAPTER}-{AS_IT_IS}") or report.differences.get(f"{ADAPTER}-{IN_4_BITS}")
    return TaskPart(
        name=report.name,
        metric=report.metric,
        items=report.items,
        chance=report.chance,
        columns={name: _figure(each.value, each.interval) for name, each in report.columns.items()},
        difference=_figure(difference.difference, difference.interval) if difference else None,
        verdict=_SHORT[report.verdict],
    )


_SHORT: dict[str, Verdict] = {
    "": "",
    "the adapter is better": "better",
    "the adapter is worse": "worse",
    "no difference that this many items could show": "no difference",
    "no signal: the base stands at chance": "no signal",
}


def _also(report: AlsoReport) -> AlsoPart | None:
    if report.change is None or report.interval is None:
        return None
    base = report.bits_per_byte.get(AS_IT_IS, report.bits_per_byte.get(IN_4_BITS, 0.0))
    return AlsoPart(
        Path(report.path).name, base, report.bits_per_byte[ADAPTER], _figure(report.change, report.interval)
    )


def _figure(value: float, interval: Interval) -> Figure:
    return Figure(value, interval[0], interval[1])
