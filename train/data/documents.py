"""Documents out of shards, corpus folders, JSON and JSON Lines: each once, in its highest revision."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from train.config.load import DatasetKeys
from train.data.hub_dataset import hub_dataset
from train.data.record import Record, Records
from train.errors import DataError

Part = Literal["train", "validation"]

_LINES = (".jsonl", ".jsonl.gz", ".jsonl.part")
_LISTS = (".json", ".json.gz")
_NO_DATA = {"manifest.json", "dataset_info.json", "dataset_infos.json", "state.json"}
"""JSON files that describe data and hold none."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text and where it comes from; what a source does not say is empty or None.

    `id` is the source's, else the first 16 hex digits of the text's sha256; `published` is as the source has it;
    `repeats` is its data set's weight.
    """

    id: str
    text: str
    url: str = ""
    site: str = ""
    title: str = ""
    license: str | None = None
    published: str | None = None
    revision: int = 0
    repeats: float = 1.0


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """The files of one data set, by what they are for."""

    train: tuple[Path, ...]
    validation: tuple[Path, ...]


def source_files(entry: DatasetKeys) -> SourceFiles | None:
    """The files of a data set in this machine's folders; None where `path` names none, and so may be on the Hub.

    A folder with `train-*` files is a corpus, whose `validation-*` files are held out. A folder with a folder `articles`
    is a crawl's, and only that is read. Raises DataError for a folder or pattern without data, and for a missing file.
    """
    path = Path(entry.path).expanduser()
    if any(character in entry.path for character in "*?["):
        found = _matching(entry.path)
        if not found:
            raise DataError(f"datasets: {entry.path}: no file matches")
        return _by_part(found)
    if path.is_dir():
        folder = path / "articles" if (path / "articles").is_dir() else path
        if entry.data_files:
            names = [entry.data_files] if isinstance(entry.data_files, str) else entry.data_files
            found = [file for name in names for file in sorted(folder.glob(name))]
        else:
            found = sorted(file for file in folder.rglob("*") if _is_data(file))
        if not found:
            raise DataError(f"datasets: {entry.path}: no shard or JSON file in this folder")
        return _by_part(found)
    if path.is_file():
        if not path.name.endswith(_LINES + _LISTS):
            raise DataError(f"datasets: {entry.path}: should end in {', '.join(_LINES + _LISTS)}")
        return SourceFiles((path,), ())
    if path.is_absolute() or entry.path.startswith((".", "~")) or path.name.endswith(_LINES + _LISTS):
        raise DataError(f"datasets: {entry.path}: no such file or folder")
    return None


def _matching(pattern: str) -> list[Path]:
    path = Path(pattern).expanduser()
    root = Path(path.anchor) if path.is_absolute() else Path()
    return sorted(
        file for file in root.glob(str(path.relative_to(root) if path.is_absolute() else path)) if _is_data(file)
    )


def _is_data(file: Path) -> bool:
    return file.name.endswith(_LINES + _LISTS) and file.name not in _NO_DATA and file.is_file()


def _by_part(files: Iterable[Path]) -> SourceFiles:
    """The files of a corpus by their names' beginnings; files of another kind are all for training."""
    files = tuple(files)
    if not any(file.name.startswith("train-") for file in files):
        return SourceFiles(files, ())
    return SourceFiles(
        tuple(file for file in files if file.name.startswith("train-")),
        tuple(file for file in files if file.name.startswith(("validation-", "test-"))),
    )


def read_documents(entries: Iterable[DatasetKeys], part: Part = "train") -> list[Document]:
    """The documents of these data sets, in the order of the files; texts that are empty are left out.

    Of lines with the same `id` only the one of the highest `revision` counts, and of equal ones the first. Raises
    DataError for what cannot be read.
    """
    documents: dict[str, Document] = {}
    unnamed = 0
    for entry in entries:
        files = source_files(entry)
        records = _hub_records(entry, part) if files is None else _records(getattr(files, part))
        for where, record in records:
            document = _document(record, entry, where)
            if not document.text.strip():
                continue
            if "id" not in record:
                # Chunks of a list may repeat each other and are kept all the same.
                documents[f"unnamed {unnamed}"] = document
                unnamed += 1
            elif document.id not in documents or documents[document.id].revision < document.revision:
                documents[document.id] = document
    return list(documents.values())


def _records(files: Iterable[Path]) -> Records:
    """Every record of the files, with its place for error messages."""
    for file in files:
        try:
            yield from _list_records(file) if file.name.endswith(_LISTS) else _line_records(file)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{file}: is cut off or no gzip file ({error})") from error
        except UnicodeDecodeError as error:
            raise DataError(f"{file}: is not UTF-8 text ({error.reason} at byte {error.start})") from error
        except OSError as error:
            raise DataError(f"{file}: cannot be read ({error.strerror or error})") from error


def _line_records(file: Path) -> Records:
    with gzip.open(file, "rb") if file.name.endswith(".gz") else file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if file.name.endswith(".part") and not line.endswith(b"\n"):
                # A shard that is still being written, or whose crawl was killed: the next crawl mends it.
                return
            if line.strip():
                yield _parsed(line, f"{file}, line {number}")


def _parsed(line: bytes, where: str) -> tuple[str, Record]:
    try:
        record = json.loads(line)
    except ValueError as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "is not UTF-8 text"
        raise DataError(f"{where}: is no JSON ({reason})") from error
    if not isinstance(record, dict):
        raise DataError(f"{where}: should be an object with a text, not {type(record).__name__}")
    return where, record


def _list_records(file: Path) -> Records:
    raw = gzip.decompress(file.read_bytes()) if file.name.endswith(".gz") else file.read_bytes()
    try:
        records = json.loads(raw)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise DataError(f"{file}, line {error.lineno}: is no JSON ({error.msg})") from error
        # JSON Lines under the name of JSON, as many data sets have it.
        for number, line in enumerate(raw.splitlines(), start=1):
            if line.strip():
                yield _parsed(line, f"{file}, line {number}")
        return
    if isinstance(records, dict) and "text" in records:
        records = [records]
    if not isinstance(records, list):
        raise DataError(f"{file}: should be a list of objects with a text")
    for number, record in enumerate(records, start=1):
        if isinstance(record, str):
            record = {"text": record}
        if not isinstance(record, dict):
            raise DataError(f"{file}, entry {number}: should be an object with a text, not {type(record).__name__}")
        yield f"{file}, entry {number}", record


def _document(record: Record, entry: DatasetKeys, where: str) -> Document:
    text = record.get(entry.field)
    if not isinstance(text, str):
        found = "has no field" if entry.field not in record else f"has {type(text).__name__} in the field"
        raise DataError(f"{where}: {found} {entry.field}, where the text should be")
    revision = record.get("revision", 0)
    if not isinstance(revision, int):
        raise DataError(f"{where}: revision should be a whole number, not {revision!r}")
    return Document(
        id=str(record["id"]) if "id" in record else hashlib.sha256(text.encode()).hexdigest()[:16],
        text=text,
        url=str(record.get("url") or ""),
        site=str(record.get("site") or ""),
        title=str(record.get("title") or ""),
        license=record.get("license"),
        published=record.get("published"),
        revision=revision,
        repeats=entry.weight,
    )


def _hub_records(entry: DatasetKeys, part: Part) -> Records:
    """The records of a data set on the Hub; a held-out part only where its `split` is asked for by test_datasets."""
    if part == "train":
        yield from hub_dataset(entry)
