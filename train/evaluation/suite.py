"""The quick suite: agreement of number and gender, and cloze, made of Portuguese text with a seed; no network, no data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from train.config.load import DatasetKeys
from train.data.documents import read_documents
from train.errors import ConfigError
from train.evaluation.agreement import agreement_task
from train.evaluation.cloze import cloze_task
from train.evaluation.items import Task
from train.evaluation.treebank import Sentence, read_treebank, treebank_task

QUICK = "pt"
"""The group's name, as lm-evaluation-harness has groups of tasks."""

INVENTED = Path(__file__).with_name("texts") / "invented-news.txt"
"""Short invented news of this project's own, which no model was trained on; the demo's newspaper is other text."""

TREEBANK = ".conllu"


@dataclass(frozen=True, slots=True)
class Source:
    """What items are made of: plain texts, and annotated sentences."""

    texts: tuple[str, ...] = ()
    sentences: tuple[Sentence, ...] = field(default=())


def _number(source: Source, seed: int, limit: int | None) -> Task:
    if source.sentences:
        return treebank_task("pt_number", "number", source.sentences, seed=seed, limit=limit)
    return agreement_task("pt_number", "number", source.texts, seed=seed, limit=limit)


def _gender(source: Source, seed: int, limit: int | None) -> Task:
    if source.sentences:
        return treebank_task("pt_gender", "gender", source.sentences, seed=seed, limit=limit)
    return agreement_task("pt_gender", "gender", source.texts, seed=seed, limit=limit)


def _cloze(source: Source, seed: int, limit: int | None) -> Task:
    texts = source.texts or tuple(text for text, _ in source.sentences)
    return cloze_task("pt_cloze", texts, seed=seed, limit=limit)


TASKS: dict[str, Callable[[Source, int, int | None], Task]] = {
    "pt_number": _number,
    "pt_gender": _gender,
    "pt_cloze": _cloze,
}
"""Our own tasks by name; any other name is lm-evaluation-harness's."""


def task_names(asked: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names, with commas between them or one by one, as our own tasks and as others', each once and in order."""
    names = [name.strip() for words in asked for name in words.split(",") if name.strip()]
    if not names:
        raise ConfigError(f"--tasks: names no task; {QUICK} is all of {', '.join(TASKS)}")
    own = [each for name in names for each in (TASKS if name == QUICK else (name,)) if each in TASKS]
    others = [name for name in names if name != QUICK and name not in TASKS]
    return list(dict.fromkeys(own)), list(dict.fromkeys(others))


def own_tasks(names: Sequence[str], made_of: Path | None, *, seed: int, limit: int | None) -> list[Task]:
    """Our own tasks, of the invented texts or of `made_of`: plain text, a treebank (`.conllu`), or shards as training reads them.

    Raises ConfigError where a task finds nothing to ask in it, DataError for a file that cannot be read.
    """
    source = read_source(made_of)
    tasks = [TASKS[name](source, seed, limit) for name in names]
    for task in tasks:
        if not task.items:
            raise ConfigError(f"--task_text: {made_of or INVENTED} gives no item for {task.name}; take more text")
    return tasks


def read_source(made_of: Path | None) -> Source:
    """The texts of a file, by its name; the invented ones where none is named."""
    path = made_of or INVENTED
    if not path.exists():
        raise ConfigError(f"--task_text: {path} is not there")
    if path.suffix == TREEBANK:
        return Source(sentences=tuple(read_treebank(path)))
    if path.suffix == ".txt":
        try:
            return Source(texts=(path.read_text(encoding="utf-8"),))
        except UnicodeDecodeError as error:
            raise ConfigError(f"--task_text: {path} is not UTF-8 text") from error
    return Source(texts=tuple(document.text for document in read_documents([DatasetKeys(path=str(path))])))
