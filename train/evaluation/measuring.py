"""An evaluation from what is asked to its report: each model is loaded once and answers everything before the next comes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from train.adapter.card import rewrite_card
from train.adapter.evaluation_part import SamplePart
from train.adapter.load import adapter_config
from train.config.load import DatasetKeys
from train.console import say
from train.data.documents import Document, read_documents, source_files
from train.errors import DataError
from train.evaluation.card_figures import evaluation_part
from train.evaluation.columns import ADAPTER, AS_IT_IS, IN_4_BITS, Column, columns
from train.evaluation.contamination import contaminated
from train.evaluation.drift import DriftReport, drift_report
from train.evaluation.harness import harness_answers, require_harness
from train.evaluation.held_out import held_out_documents, trained_texts
from train.evaluation.items import Task
from train.evaluation.likelihood import log_likelihoods
from train.evaluation.metrics import ModelFigures, bits_per_byte, ratio_of, relative_bits, summary
from train.evaluation.perplexity import Measured, measure_all
from train.evaluation.report import AlsoReport, Report
from train.evaluation.scores import Answers, answers_of
from train.evaluation.suite import own_tasks, task_names
from train.evaluation.task_report import TaskReport, task_report, write_samples
from train.models.library_logs import quiet_libraries
from train.models.own_samples import continuation, own_samples

PROMPTS = ("A prefeitura anunciou na manhã desta quinta-feira que", "Os moradores do bairro pediram")
"""What base and adapter go on from on a card."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an evaluation is asked for: documents, tasks, drift, other texts; and how.

    `limit` counts documents, and items of each task. `task_text` is what our own tasks are made of, instead of the invented
    text; `include_path` holds lm-evaluation-harness's task files.
    """

    base_model: str | None = None
    adapter: Path | None = None
    datasets: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    task_text: Path | None = None
    include_path: Path | None = None
    log_samples: Path | None = None
    drift: int = 0
    also: tuple[str, ...] = ()
    window: int = 2048
    limit: int | None = None
    seed: int = 0
    scale: float = 1.0
    full_precision: bool = False
    card: bool = False


@dataclass(slots=True)
class Found:
    """What the columns answered so far, each by its name."""

    answers: dict[str, dict[str, Answers]] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    documents: dict[str, list[Measured]] = field(default_factory=dict)
    also: dict[str, dict[str, list[Measured]]] = field(default_factory=dict)
    nats: dict[str, list[float]] = field(default_factory=dict)
    samples: list[list[int]] = field(default_factory=list)
    written: dict[str, list[str]] = field(default_factory=dict)

    def answered(self, column: str, task: Task, answers: Answers) -> None:
        """Keeps what a column answered to a task."""
        self.tasks.setdefault(task.name, task)
        self.answers.setdefault(task.name, {})[column] = answers


def evaluate(asked: Asked) -> Report:
    """Measures what is asked for. Everything that can fail is tried before a model is loaded.

    Raises ConfigError for what cannot be had, DataError where no document is left to measure on.
    """
    quiet_libraries()
    for path in (*asked.datasets, *asked.also):
        source_files(DatasetKeys(path=path))
    own, others = task_names(asked.tasks) if asked.tasks else ([], [])
    if others:
        require_harness(others, asked.include_path)
    tasks = own_tasks(own, asked.task_text, seed=asked.seed, limit=asked.limit) if own else []
    config, base = adapter_config(
        asked.base_model, asked.adapter, datasets=list(asked.datasets) or None, full_precision=asked.full_precision
    )
    documents: list[Document] = []
    origin: str | None = None
    if asked.datasets:
        documents, origin = held_out_documents(config, asked.adapter, asked.limit)
        print(f"{len(documents):,} documents: {origin}", file=sys.stderr)
    also = {path: _other_texts(path) for path in asked.also}
    trained = (
        trained_texts(asked.adapter, config if asked.datasets else None) if asked.adapter and asked.tasks else None
    )
    held: dict[str, tuple[str, ...]] = {}
    if trained is not None:
        tasks = [_without_trained(task, trained, held) for task in tasks]

    found = Found()
    whole = bool(asked.tasks or asked.also)
    own_base = IN_4_BITS if config.load_in_4bit or config.load_in_8bit else AS_IT_IS
    for column in columns(config, base, asked.adapter, window=asked.window, scale=asked.scale, as_it_is=whole):
        say(f"measures: {column.name}")
        _ask(column, asked, found, tasks, others, documents, also, writes=column.name == own_base)
    if trained is not None:
        _leave_out(found, trained, held)
    if asked.log_samples is not None:
        for name, task in found.tasks.items():
            write_samples(asked.log_samples, task, found.answers[name])
    report = Report(
        base_model=config.base_model,
        adapter_path=str(asked.adapter) if asked.adapter else None,
        scale=asked.scale,
        base=summary(found.documents[own_base], documents) if documents else None,
        base_as_it_is=_as_it_is(found, documents, own_base),
        adapter=summary(found.documents[ADAPTER], documents) if documents and asked.adapter else None,
        ratio=ratio_of(found.documents[own_base], found.documents[ADAPTER]) if documents and asked.adapter else None,
        held_out=origin,
        tasks=_task_reports(found, held),
        contamination=_contamination_line(asked, trained),
        drift=_drift(found, own_base),
        also=[_also_report(path, by_column) for path, by_column in found.also.items()],
    )
    if asked.card and asked.adapter is not None:
        rewrite_card(asked.adapter, evaluation_part(report, _written(found, own_base)))
    return report


def _ask(
    column: Column,
    asked: Asked,
    found: Found,
    tasks: Sequence[Task],
    others: Sequence[str],
    documents: Sequence[Document],
    also: dict[str, list[Document]],
    *,
    writes: bool,
) -> None:
    """Puts everything to one column."""
    measurer, name, on = column.measurer, column.name, column.with_adapter
    for task in tasks:
        with measurer.adapter_on(on):
            found.answered(name, task, _answers(column, task))
    if others and asked.include_path is not None:
        for task, answers in harness_answers(column, others, asked.include_path, limit=asked.limit).values():
            found.answered(name, task, answers)
    if documents:
        found.documents[name] = measure_all(measurer, documents, with_adapter=on)
    for path, texts in also.items():
        found.also.setdefault(path, {})[name] = measure_all(measurer, texts, with_adapter=on)
    if asked.drift:
        if writes:
            with measurer.adapter_on(False):
                found.samples = own_samples(measurer.model, measurer.tokenizer, asked.drift, seed=asked.seed)
        found.nats[name] = measurer.nats_of(found.samples, with_adapter=on)
    if asked.card and (writes or on):
        with measurer.adapter_on(on):
            found.written[name] = [
                continuation(measurer.model, measurer.tokenizer, prompt, seed=asked.seed) for prompt in PROMPTS
            ]


def _written(found: Found, own_base: str) -> list[SamplePart]:
    return [
        SamplePart(prompt, before, after)
        for prompt, before, after in zip(PROMPTS, found.written[own_base], found.written[ADAPTER], strict=True)
    ]


def _answers(column: Column, task: Task) -> Answers:
    measurer = column.measurer
    requests = [(item.context, choice) for item in task.items for choice in item.choices]
    every = iter(log_likelihoods(measurer.model, measurer.tokenizer, requests, window=measurer.window))
    return answers_of(task, [[next(every) for _ in item.choices] for item in task.items])


def _other_texts(path: str) -> list[Document]:
    entry = [DatasetKeys(path=path)]
    documents = read_documents(entry, "validation") or read_documents(entry)
    if not documents:
        raise DataError(f"--also: {path}: no document with a text")
    return documents


def _without_trained(task: Task, trained: Sequence[str], held: dict[str, tuple[str, ...]]) -> Task:
    """The task without the items that training texts hold, whose texts are kept in `held`."""
    places = contaminated(task.items, trained)
    held[task.name] = tuple(dict.fromkeys(task.items[place].text for place in sorted(places)))
    left = task.without(places)
    if not left.items:
        raise DataError(f"--tasks: every item of {task.name} stands in the training data, none is left to ask")
    return left


def _leave_out(found: Found, trained: Sequence[str], held: dict[str, tuple[str, ...]]) -> None:
    """Takes the items of other programs' tasks that training texts hold out of what the columns answered."""
    for name in [name for name in found.tasks if name not in held]:
        task = found.tasks[name]
        places = contaminated(task.items, trained)
        found.tasks[name] = _without_trained(task, trained, held)
        found.answers[name] = {column: each.without(places) for column, each in found.answers[name].items()}


def _task_reports(found: Found, held: dict[str, tuple[str, ...]]) -> list[TaskReport]:
    return [task_report(task, found.answers[name], held.get(name, ())) for name, task in found.tasks.items()]


def _contamination_line(asked: Asked, trained: Sequence[str] | None) -> str | None:
    if not asked.tasks or asked.adapter is None:
        return None
    if trained is None:
        return "the adapter's training data is not here (name it by --datasets): items were not looked for in it"
    return f"items were looked for in {len(trained):,} training texts, by sequences of 13 words"


def _as_it_is(found: Found, documents: list[Document], own_base: str) -> ModelFigures | None:
    if own_base == AS_IT_IS or AS_IT_IS not in found.documents:
        return None
    return summary(found.documents[AS_IT_IS], documents)


def _drift(found: Found, own_base: str) -> DriftReport | None:
    if not found.samples:
        return None
    return drift_report(found.nats, [len(sample) - 1 for sample in found.samples], own_base)


def _also_report(path: str, by_column: dict[str, list[Measured]]) -> AlsoReport:
    base = AS_IT_IS if AS_IT_IS in by_column else IN_4_BITS
    bits = {name: bits_per_byte(measured) for name, measured in by_column.items()}
    if ADAPTER not in by_column:
        return AlsoReport(path, bits, None, None)
    change, interval = relative_bits(by_column[base], by_column[ADAPTER])
    return AlsoReport(path, bits, change, interval)
