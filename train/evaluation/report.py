"""The report of an evaluation: base and adapter side by side on documents that were not trained on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from train.adapter.load import adapter_config
from train.config.load import DatasetKeys
from train.data.documents import source_files
from train.evaluation.held_out import held_out_documents
from train.evaluation.metrics import CONFIDENCE, GroupFigures, Interval, ModelFigures, Ratio, ratio_of, summary
from train.evaluation.perplexity import Measurer, measure_all
from train.models.library_logs import quiet_libraries


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of the base, and of the adapter and its ratio to the base where there is one.

    `held_out` says in words which documents were measured on.
    """

    base: ModelFigures
    adapter: ModelFigures | None
    ratio: Ratio | None
    held_out: str
    base_model: str
    adapter_path: str | None

    def write(self, path: Path) -> None:
        """Writes the report as JSON; the file appears whole. What is None is left out."""
        values = {key: value for key, value in asdict(self).items() if value is not None}
        unfinished = path.with_name(f".{path.name}.part")
        unfinished.write_text(
            json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
        )
        unfinished.replace(path)

    def table(self) -> str:
        """The report for people."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        base, adapter = self.base, self.adapter
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
        for kind, groups, other in (
            ("site", base.sites, adapter.sites if adapter else None),
            ("year", base.years, adapter.years if adapter else None),
        ):
            yield from _groups(kind, groups, other)
        yield f"{base.documents:,} documents, {base.tokens:,} tokens; intervals at {CONFIDENCE:.0%}, by document"


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


def evaluate(
    base_model: str | None,
    adapter: Path | None,
    datasets: Sequence[str],
    *,
    window: int,
    limit: int | None = None,
    full_precision: bool = False,
) -> Report:
    """Measures base and adapter on the held-out documents of `datasets`, at most `limit`, `window` tokens at once.

    Raises ConfigError for a base or an adapter that cannot be had, DataError where no document is left to measure on.
    """
    quiet_libraries()
    for path in datasets:
        source_files(DatasetKeys(path=path))
    config, base = adapter_config(base_model, adapter, datasets=list(datasets), full_precision=full_precision)
    documents, origin = held_out_documents(config, adapter, limit)
    print(f"{len(documents):,} documents: {origin}", file=sys.stderr)
    of_base, of_adapter = measure_all(Measurer(config, base, adapter, window), documents)
    return Report(
        base=summary(of_base, documents),
        adapter=summary(of_adapter, documents) if of_adapter is not None else None,
        ratio=ratio_of(of_base, of_adapter) if of_adapter is not None else None,
        held_out=origin,
        base_model=config.base_model,
        adapter_path=str(adapter) if adapter else None,
    )
