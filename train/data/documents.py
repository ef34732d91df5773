"""Documents out of shards, corpus folders, JSON and JSON Lines: each once, in its highest revision."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from train.config.load import DatasetKeys
from train.console import counting, say
from train.data.hub_dataset import hub_dataset
from train.data.record import Document, Record, Records, document_of, named
from train.data.source_files import LISTS, Part, sliced, source_files
from train.errors import DataError

__all__ = ["Document", "read_documents", "source_files"]


def read_documents(entries: Iterable[DatasetKeys], part: Part = "train", *, key: str = "datasets") -> list[Document]:
    """The documents of these data sets, in the order of the files; texts that are empty are left out.

    An id counts within what made it: a crawl's is the article's own and counts everywhere, any other (a row's number) within
    its file; elsewhere the same id with the same text is the same document. Of one id only the highest `revision` counts,
    and of equal ones the first; how many are left out is said. A document without an id is always kept. Raises DataError
    for what cannot be read; where there is nothing, it names the configuration's `key`.

    The part `evaluation` is each data set's validation part where it has one, else all that `split` names.
    """
    documents: dict[tuple[str, str], Document] = {}
    seen: set[tuple[str, str]] = set()
    repeated = 0
    for entry, where, record in _counted(entries, part, key):
        document = document_of(record, entry, where)
        if not document.text.strip():
            continue
        if not named(record):
            # Chunks of a list may repeat each other and are kept all the same.
            documents["", str(len(documents))] = document
            continue
        crawled = document.known_everywhere
        known_as = ("", f"id {document.id}") if crawled else (where.rpartition(", ")[0], document.id)
        text = (document.id, document.text_sha256)
        before = documents.get(known_as)
        if before is None and not crawled and text in seen:
            repeated += 1
            continue
        seen.add(text)
        repeated += before is not None
        if before is None or before.revision < document.revision:
            documents[known_as] = document
    if repeated:
        say(f"{repeated:,} documents are left out: the same id stands there already, in as high a revision or a higher")
    return list(documents.values())


def _counted(entries: Iterable[DatasetKeys], part: Part, key: str) -> Iterator[tuple[DatasetKeys, str, Record]]:
    """Every record of the data sets, with its own and its place, while it is shown how many there were."""
    with counting("reading", "documents") as count:
        for entry in entries:
            for where, record in _entry_records(entry, part, key):
                count(1)
                yield entry, where, record


def _entry_records(entry: DatasetKeys, part: Part, key: str) -> Records:
    files = source_files(entry, key)
    if part == "evaluation":
        part = "validation" if files and files.validation else "train"
    if files is None:
        return _hub_records(entry, part, key)
    records = _records(files.train if part == "train" else files.validation)
    return sliced(records, entry) if part == "train" else records


def _records(files: Iterable[Path]) -> Records:
    """Every record of the files, with its place for error messages."""
    for file in files:
        try:
            yield from _list_records(file) if file.name.endswith(LISTS) else _line_records(file)
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
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        reason = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else reason
        raise DataError(f"{where}: is no JSON ({reason})") from error
    except RecursionError:
        raise DataError(f"{where}: is nested too deep") from None
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
    except UnicodeDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file}: is no JSON that can be read ({error})") from None
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


def _hub_records(entry: DatasetKeys, part: Part, key: str) -> Records:
    """The records of a data set on the Hub; a held-out part only where its `split` is asked for by test_datasets."""
    if part == "train":
        yield from hub_dataset(entry, key)
