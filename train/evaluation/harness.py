"""Tasks of lm-evaluation-harness (the extra `lm-eval`), read from local files and asked of the model that is loaded here."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from train.data.record import Record
from train.errors import ConfigError, MissingLibraryError, first_line
from train.evaluation.columns import Column
from train.evaluation.items import Item, Task
from train.evaluation.scores import Answers, answers_of
from train.models.hub import stay_offline

_METRICS = ("acc", "exact_match", "f1", "acc_norm")
"""Of several figures of a task the first of these is compared; else the first that there is."""


def require_harness(names: Sequence[str], include_path: Path | None) -> None:
    """Raises MissingLibraryError without lm-eval, ConfigError where no folder of task files is named."""
    if include_path is None:
        raise ConfigError(
            f"--tasks: {names[0]} is none of this program's tasks; name the folder that holds its YAML file by --include_path"
        )
    if not include_path.is_dir():
        raise ConfigError(f"--include_path: {include_path} is no folder")
    if importlib.util.find_spec("lm_eval") is None:
        raise MissingLibraryError(
            f"--tasks: {names[0]} is asked through lm-evaluation-harness: pip install 'aurora-br[lm-eval]'"
        )


def harness_answers(
    column: Column, names: Sequence[str], include_path: Path, *, limit: int | None
) -> dict[str, tuple[Task, Answers]]:
    """Each task's items and what the column's model answered, from lm-evaluation-harness's own samples.

    Raises ConfigError for a task that cannot be read or run.
    """
    # Nothing is fetched: what a task needs lies in its folder.
    stay_offline()
    import lm_eval
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    measurer = column.measurer
    with measurer.adapter_on(column.with_adapter), _caching(measurer.causal):
        try:
            found = lm_eval.simple_evaluate(
                model=HFLM(
                    pretrained=measurer.model,
                    tokenizer=measurer.tokenizer,
                    backend="causal",
                    max_length=measurer.window,
                    batch_size=8,
                ),
                tasks=list(names),
                limit=limit,
                log_samples=True,
                bootstrap_iters=0,
                task_manager=TaskManager(include_path=str(include_path), include_defaults=False),
            )
        except (KeyError, ValueError, OSError, TypeError, ImportError) as error:
            raise ConfigError(f"--tasks: {', '.join(names)}: {first_line(error)}") from error
    better = found.get("higher_is_better", {})
    return {name: _answers(name, samples, better.get(name, {})) for name, samples in found["samples"].items()}


@contextmanager
def _caching(model: Any) -> Iterator[None]:
    """Texts that are written, not only read, take a cache of keys and values; it is put back as it was."""
    before, model.config.use_cache = model.config.use_cache, True
    try:
        yield
    finally:
        model.config.use_cache = before


def _answers(name: str, samples: Sequence[Record], better: dict[str, bool]) -> tuple[Task, Answers]:
    samples = sorted(samples, key=lambda sample: int(sample["doc_id"]))
    metric = _metric(samples[0])
    items = tuple(_item(sample) for sample in samples)
    task = Task(name, items, metric, higher_is_better=better.get(metric) is not False)
    values = tuple(float(sample[metric]) for sample in samples)
    if not task.chooses:
        return task, Answers(values, (), tuple(0 for _ in items), ())
    likelihoods = [[float(answer[0]) for answer in sample["filtered_resps"]] for sample in samples]
    own = answers_of(task, likelihoods)
    return task, Answers(values, own.normalised, own.chosen, own.log_likelihoods)


def _metric(sample: Record) -> str:
    named = [metric for metric in sample.get("metrics", ()) if isinstance(sample.get(metric), int | float)]
    if not named:
        raise ConfigError("--tasks: a task has no figure for each item, so nothing can be compared")
    return next((metric for metric in _METRICS if metric in named), named[0])


def _item(sample: Record) -> Item:
    """An item as the harness put it to the model: continuations where it chose between some, else what was right."""
    asked = [(str(words[0]), words[1] if len(words) > 1 else "") for words in _arguments(sample)]
    group, target = str(sample["doc_id"]), sample["target"]
    if len(asked) > 1 and isinstance(target, int) and 0 <= target < len(asked):
        same = all(context == asked[0][0] for context, _ in asked)
        contexts = ("",) * len(asked) if same else tuple(context for context, _ in asked)
        choices = tuple(before + str(choice) for before, (_, choice) in zip(contexts, asked, strict=True))
        return Item(asked[0][0] if same else "", choices, target, group)
    return Item(asked[0][0], (str(target),), 0, group)


def _arguments(sample: Record) -> list[Sequence[Any]]:
    """What was asked for each answer; samples hold it as lists, or as the harness writes them into its files."""
    found = sample["arguments"]
    if isinstance(found, dict):
        return [tuple(part.values()) for part in found.values()]
    return list(found)
