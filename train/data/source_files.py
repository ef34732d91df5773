"""Which files of this machine a data set is, and what they are for: to train on, or held out."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from train.config.load import DatasetKeys
from train.data.record import Records
from train.errors import DataError

Part = Literal["train", "validation", "evaluation"]
"""What of a data set is read: to train on, its own validation part, or as one of `test_datasets`."""

LINES = (".jsonl", ".jsonl.gz", ".jsonl.part")
LISTS = (".json", ".json.gz")
_NO_DATA = {"manifest.json", "dataset_info.json", "dataset_infos.json", "state.json"}
"""JSON files that describe data and hold none."""

_NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
"""The parts of a data set, and the words in names of files and folders that `datasets.load_dataset` knows them by."""

_WORDS = {
    part: re.compile(rf"(?:^|[^0-9a-z]|\d)(?:{'|'.join(words)})(?:$|[^0-9a-z]|\d)", re.IGNORECASE)
    for part, words in _NAMES.items()
}
_SPLIT = re.compile(r"(train|validation|test|all)(?:\[(-?\d{1,15}%?)?:(-?\d{1,15}%?)?\])?")


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """The files of one data set, by what they are for."""

    train: tuple[Path, ...]
    validation: tuple[Path, ...]


def source_files(entry: DatasetKeys, key: str = "datasets") -> SourceFiles | None:
    """The files of a data set in this machine's folders; None where `path` names none, and so may be on the Hub.

    A folder is divided by the names of its files and folders as `datasets.load_dataset` divides it: `train-0.jsonl`,
    `validation.jsonl`, `test/a.jsonl`. Where none says `train`, what says nothing is trained on. A folder with a folder
    `articles` is a crawl's; only that is read, and all of it trained on. `split` names another part to train on. What is
    hidden is not read. Raises DataError, which names the configuration's `key`, for a folder, pattern or split without data, and
    for a missing file.
    """
    path = Path(entry.path).expanduser()
    if path.is_dir():
        folder = path / "articles" if (path / "articles").is_dir() else path
        found = _named(entry, folder, key) if entry.data_files else _all_in(folder)
        if not found:
            raise DataError(f"{key}: {entry.path}: no shard or JSON file in this folder")
        return _chosen(entry, {file: _part(file, folder) if folder == path else None for file in found}, key)
    if entry.data_files and (path.is_file() or _is_pattern(entry.path)):
        raise DataError(f"{key}: {entry.path}: data_files: name files within a folder, and path is none")
    if path.is_file():
        if not path.name.endswith(LINES + LISTS):
            raise DataError(f"{key}: {entry.path}: should end in {', '.join(LINES + LISTS)}")
        return _chosen(entry, {path: None}, key)
    if _is_pattern(entry.path):
        found = _matching(entry.path)
        if not found:
            raise DataError(f"{key}: {entry.path}: no file matches")
        return _chosen(entry, {file: _part(file, file.parent) for file in found}, key)
    if path.is_absolute() or entry.path.startswith((".", "~")) or path.name.endswith(LINES + LISTS):
        raise DataError(f"{key}: {entry.path}: no such file or folder")
    return None


def sliced(records: Records, entry: DatasetKeys) -> Records:
    """The records that the slice of `split` names, as in `train[:100]` or `train[10%:]`; all without one."""
    match = _SPLIT.fullmatch(entry.split)
    if match is None or "[" not in entry.split:
        return records
    listed = list(records)
    bounds = [_bound(text, len(listed)) for text in match.groups()[1:]]
    return itertools.islice(listed[bounds[0] : bounds[1]], None)


def _bound(text: str | None, count: int) -> int | None:
    if not text:
        return None
    return round(int(text[:-1]) / 100 * count) if text.endswith("%") else int(text)


def _chosen(entry: DatasetKeys, parts: dict[Path, str | None], key: str) -> SourceFiles:
    """The files by the parts that they say they are, where `split` asks for no other."""
    match = _SPLIT.fullmatch(entry.split)
    if match is None:
        raise DataError(
            f"{key}: {entry.path}: split: {entry.split} is not followed; train, test[:100], all[10%:] would be"
        )
    wanted = match[1]
    if wanted == "all":
        return SourceFiles(tuple(parts), ())
    trained = "train" if "train" in parts.values() else None
    if wanted != "train":
        trained = wanted
        if wanted not in parts.values():
            raise DataError(f"{key}: {entry.path}: split: no file here says that it is the part {wanted}")
    chosen = tuple(file for file, part in parts.items() if part == trained)
    held_out = tuple(file for file, part in parts.items() if part in ("validation", "test"))
    return SourceFiles(chosen, held_out if wanted == "train" else ())


def _part(file: Path, folder: Path) -> str | None:
    """The part that a file's name says, else that of the folder nearest to it."""
    for name in reversed(file.relative_to(folder).parts):
        for part, words in _WORDS.items():
            if words.search(name):
                return part
    return None


def _all_in(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.rglob("*")
        if not any(part.startswith(".") for part in file.relative_to(folder).parts) and _is_data(file)
    )


def _named(entry: DatasetKeys, folder: Path, key: str) -> list[Path]:
    """The files that `data_files` names, each once, in that order."""
    found: dict[Path, None] = {}
    for name in [entry.data_files] if isinstance(entry.data_files, str) else entry.data_files or []:
        # A name with brackets is a file before it is a pattern.
        try:
            matching = [folder / name] if name and (folder / name).is_file() else sorted(folder.glob(name))
        except (ValueError, NotImplementedError):
            matching = []
        matching = [file for file in matching if _is_data(file)]
        if not matching:
            raise DataError(f"{key}: {entry.path}: data_files: {name}: no file with texts in this folder")
        found |= dict.fromkeys(matching)
    return list(found)


def _is_pattern(path: str) -> bool:
    return any(character in path for character in "*?[")


def _matching(pattern: str) -> list[Path]:
    path = Path(pattern).expanduser()
    root = Path(path.anchor) if path.is_absolute() else Path()
    try:
        found = root.glob(str(path.relative_to(root) if path.is_absolute() else path))
        return sorted(file for file in found if _is_data(file))
    except (ValueError, NotImplementedError):
        return []


def _is_data(file: Path) -> bool:
    return file.name.endswith(LINES + LISTS) and file.name not in _NO_DATA and file.is_file()
