"""The figures of tasks side by side: three columns, chance, differences with their intervals, and what they say in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from train.evaluation.columns import ADAPTER, AS_IT_IS, IN_4_BITS, TITLES
from train.evaluation.items import Task
from train.evaluation.metrics import CONFIDENCE, Interval
from train.evaluation.scores import Answers, Comparison, Score, at_chance, chance_of, compare, score


@dataclass(frozen=True, slots=True)
class TaskReport:
    """A task's figures by column; `differences` are the adapter's against each other column; `left_out` names items that
    stand in the training data.
    """

    name: str
    metric: str
    higher_is_better: bool
    items: int
    chance: float | None
    columns: dict[str, Score]
    differences: dict[str, Comparison]
    verdict: str
    left_out: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The figures in lm-evaluation-harness's words."""
        return {
            "n": self.items,
            "chance": self.chance,
            "higher_is_better": self.higher_is_better,
            "columns": {name: self._column(each) for name, each in self.columns.items()},
            "differences": {
                name: {"difference": each.difference, "interval": each.interval}
                for name, each in self.differences.items()
            },
            "verdict": self.verdict,
            "left_out": list(self.left_out),
        }

    def _column(self, figures: Score) -> dict[str, object]:
        found: dict[str, object] = {f"{self.metric},none": figures.value, f"{self.metric}_interval": figures.interval}
        if figures.normalised is not None:
            found["acc_norm,none"] = figures.normalised
        if figures.answers_only is not None:
            found |= {"answers_only": figures.answers_only, "by_answer": figures.by_answer}
        return found


def task_report(task: Task, answers: Mapping[str, Answers], left_out: tuple[str, ...] = ()) -> TaskReport:
    """The report of what each column answered."""
    columns = {name: score(task, each) for name, each in answers.items()}
    differences = {
        f"{ADAPTER}-{name}": compare(task, answers[ADAPTER], each)
        for name, each in answers.items()
        if name != ADAPTER and ADAPTER in answers
    }
    chance = chance_of(task)
    verdict = _verdict(task, columns, differences)
    return TaskReport(
        task.name,
        task.metric,
        task.higher_is_better,
        len(task.items),
        chance,
        columns,
        differences,
        verdict,
        left_out,
    )


def _verdict(task: Task, columns: Mapping[str, Score], differences: Mapping[str, Comparison]) -> str:
    """What the figures say; nothing of better or worse where the base stands at chance."""
    base = AS_IT_IS if AS_IT_IS in columns else IN_4_BITS
    if at_chance(task, columns[base]):
        return "no signal: the base stands at chance"
    found = differences.get(f"{ADAPTER}-{base}")
    if found is None:
        return ""
    if not found.clear:
        return "no difference that this many items could show"
    return "the adapter is better" if (found.difference > 0) == task.higher_is_better else "the adapter is worse"


def lines_of(reports: list[TaskReport]) -> Iterator[str]:
    """The reports for people: a row a task, then what must be said of some."""
    if not reports:
        return
    names = [name for name in (AS_IT_IS, IN_4_BITS, ADAPTER) if any(name in report.columns for report in reports)]
    yield (
        f"{'task':<22}{'n':>6}{'chance':>8}" + "".join(f"{TITLES[name]:>24}" for name in names) + "  adapter less base"
    )
    for report in reports:
        percent = report.metric.startswith(("acc", "exact_match"))
        chance = "–" if report.chance is None else _number(report.chance, percent=percent)
        cells = "".join(_cell(report.columns.get(name), percent=percent) for name in names)
        base = AS_IT_IS if f"{ADAPTER}-{AS_IT_IS}" in report.differences else IN_4_BITS
        difference = report.differences.get(f"{ADAPTER}-{base}")
        shown = "" if difference is None or report.verdict.startswith("no signal") else _difference(difference, percent)
        yield f"{report.name[:21]:<22}{report.items:>6}{chance:>8}{cells}  {shown}"
    for report in reports:
        if report.verdict:
            yield f"{report.name}: {report.verdict}"
        for name, figures in report.columns.items():
            if figures.answers_only is not None:
                right = ", ".join(f"“{answer}” {100 * value:.0f} %" for answer, value in figures.by_answer.items())
                yield f"{report.name}: {TITLES[name]} nearly always answers “{figures.answers_only}”; right where it should be {right}"
        if report.left_out:
            first = "; ".join(f"“{text[:60]}”" for text in report.left_out[:3])
            more = f" and {len(report.left_out) - 3:,} more" if len(report.left_out) > 3 else ""
            yield f"{report.name}: left out, because the training data holds them: {first}{more}"
    yield f"intervals at {CONFIDENCE:.0%}, by the texts that items were made of; acc in %, bits_per_word: fewer are better"


def _number(value: float, *, percent: bool) -> str:
    return f"{100 * value:.1f}" if percent else f"{value:.2f}"


def _cell(figures: Score | None, *, percent: bool) -> str:
    if figures is None:
        return f"{'':>24}"
    low, high = (_number(bound, percent=percent) for bound in figures.interval)
    return f"{_number(figures.value, percent=percent)} ({low}–{high})".rjust(24)


def _difference(found: Comparison, percent: bool) -> str:
    low, high = _signed(found.interval, percent)
    return f"{100 * found.difference if percent else found.difference:+.2f} [{low}, {high}]"


def _signed(interval: Interval, percent: bool) -> list[str]:
    return [f"{100 * bound if percent else bound:+.2f}" for bound in interval]


def write_samples(folder: Path, task: Task, answers: Mapping[str, Answers]) -> None:
    """Writes a line an item, `samples_TASK.jsonl`: what was asked, what is right, each column's log-likelihoods and figure."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"samples_{task.name}.jsonl").open("w", encoding="utf-8") as lines:
        for place, item in enumerate(task.items):
            entry = {
                "doc_id": place,
                "arguments": [[item.context, choice] for choice in item.choices],
                "target": item.gold,
                "labels": list(item.labels),
                "kind": item.kind,
                "columns": {
                    name: {
                        task.metric: each.values[place],
                        "log_likelihoods": list(each.log_likelihoods[place]) if each.log_likelihoods else [],
                    }
                    for name, each in answers.items()
                },
            }
            lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
