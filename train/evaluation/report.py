"""The report of an evaluation: base and adapter side by side, as JSON and for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from train.evaluation.columns import ADAPTER, AS_IT_IS, IN_4_BITS, TITLES
from train.evaluation.drift import DriftReport
from train.evaluation.metrics import CONFIDENCE, GroupFigures, Interval, ModelFigures, Ratio
from train.evaluation.task_report import TaskReport, lines_of


@dataclass(frozen=True, slots=True)
class AlsoReport:
    """Bits per byte of other texts by column, and what the adapter needs more than the base, as a part of the base's."""

    path: str
    bits_per_byte: dict[str, float]
    change: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation came to; what was not asked for is None or empty.

    `base` and `adapter` are the figures on held-out documents, of the base in the bits that the adapter was trained on;
    `base_as_it_is` those of the base in full, where it was loaded. `held_out` says in words which documents these were.
    """

    base_model: str
    adapter_path: str | None
    scale: float = 1.0
    base: ModelFigures | None = None
    base_as_it_is: ModelFigures | None = None
    adapter: ModelFigures | None = None
    ratio: Ratio | None = None
    held_out: str | None = None
    tasks: list[TaskReport] = field(default_factory=list)
    contamination: str | None = None
    drift: DriftReport | None = None
    also: list[AlsoReport] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """The report as JSON has it; what is None or empty is left out."""
        values: dict[str, object] = {key: value for key, value in asdict(self).items() if value not in (None, [])}
        if self.tasks:
            values["tasks"] = {report.name: report.to_json() for report in self.tasks}
        return values

    def write(self, path: Path) -> None:
        """Writes the report as JSON; the file appears whole."""
        unfinished = path.with_name(f".{path.name}.part")
        text = json.dumps(self.to_json(), ensure_ascii=False, indent=1, allow_nan=False)
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(path)

    def table(self) -> str:
        """The report for people."""
        parts = [*lines_of(self.tasks), *([self.contamination] if self.contamination else [])]
        parts += self.drift.lines() if self.drift else []
        parts += [*_also_lines(self.also), *self._document_lines()]
        return "\n".join(parts) + "\n"

    def _document_lines(self) -> Iterator[str]:
        base, adapter = self.base, self.adapter
        if base is None:
            return
        yield f"{'':<28}{'base':>28}" + (f"{'adapter':>28}{'ratio':>8}" if adapter else "")
        yield _row(
            "perplexity",
            (base.perplexity, base.perplexity_interval),
            (adapter.perplexity, adapter.perplexity_interval) if adapter else None,
        )
        yield _row(
            "bits per byte",
            (base.bits_per_byte, base.bits_per_byte_interval),
            (adapter.bits_per_byte, adapter.bits_per_byte_interval) if adapter else None,
        )
        if self.base_as_it_is is not None:
            whole = self.base_as_it_is
            yield f"the base as it is, not in 4 bits: perplexity {whole.perplexity:.2f}, bits per byte {whole.bits_per_byte:.2f}"
        for kind, groups, other in (
            ("site", base.sites, adapter.sites if adapter else None),
            ("year", base.years, adapter.years if adapter else None),
        ):
            yield from _groups(kind, groups, other)
        yield f"{base.documents:,} documents, {base.tokens:,} tokens; intervals at {CONFIDENCE:.0%}, by document"


def _also_lines(reports: list[AlsoReport]) -> Iterator[str]:
    for report in reports:
        shown = ", ".join(
            f"{TITLES[name]} {report.bits_per_byte[name]:.3f}"
            for name in (AS_IT_IS, IN_4_BITS, ADAPTER)
            if name in report.bits_per_byte
        )
        change = ""
        if report.change is not None and report.interval is not None:
            low, high = report.interval
            change = f"; adapter {100 * report.change:+.2f} % [{100 * low:+.2f}, {100 * high:+.2f}] of the base"
        yield f"bits per byte of {report.path}: {shown}{change}"


def _groups(kind: str, base: dict[str, GroupFigures], adapter: dict[str, GroupFigures] | None) -> Iterator[str]:
    if len(base) < 2:
        return
    yield f"perplexity by {kind}"
    for name, figures in base.items():
        other = (adapter[name].perplexity, None) if adapter else None
        yield _row(f"  {name} ({figures.documents})", (figures.perplexity, None), other)


def _row(name: str, base: tuple[float, Interval | None], adapter: tuple[float, Interval | None] | None) -> str:
    cells = _cell(*base) + (_cell(*adapter) + f"{adapter[0] / base[0]:>8.3f}" if adapter else "")
    return f"{name[:27]:<28}{cells}"


def _cell(figure: float, interval: Interval | None) -> str:
    shown = f" ({interval[0]:.2f}–{interval[1]:.2f})" if interval else ""
    return f"{figure:.2f}{shown}".rjust(28)
