"""Training data, ready: read, divided, tokenised (or taken from the cache), and packed into rows."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from train.config.load import Config, DatasetKeys
from train.console import counting, say
from train.data.documents import Document, read_documents, source_files
from train.data.packing import PackedRows
from train.data.replay import replay_entries
from train.data.split import hold_out
from train.errors import DataError, first_line
from train.models.tokenizer import Encoder

CACHE_FORMAT = 2
"""Changes with what a folder of the cache holds, so that an older one is not read."""

SUMS_FILE = "sums.json"
"""The sha256 of the other files in a folder of the cache: what is cut or changed is not trained on."""

_CACHED = ("train.npy", "train.jsonl", "validation.npy", "validation.jsonl")

BATCH = 512
"""Documents tokenised at once: enough to keep all cores busy, little enough for the progress bar to move."""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document without its text, as the adapter's card and list of documents name it; `tokens` is its length."""

    id: str
    url: str
    site: str
    title: str
    license: str | None
    published: str | None
    revision: int
    repeats: float
    tokens: int
    text_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Documents as tokens: all documents' tokens one after the other, and who they are."""

    flat: np.ndarray
    documents: list[DocumentRecord]

    @property
    def lengths(self) -> np.ndarray:
        """The documents' lengths in tokens."""
        return np.array([document.tokens for document in self.documents], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows to train and to evaluate on, and what they were made of.

    `files` gives the sha256 of each file that was read; `cached` says whether the tokens came from the cache; `replayed` are the
    documents of `replay`, where they are texts.
    """

    train: PackedRows
    validation: PackedRows | None
    documents: list[DocumentRecord]
    held_out: list[DocumentRecord]
    files: dict[str, str]
    cached: bool
    replayed: list[DocumentRecord] = field(default_factory=list)


def divided_documents(config: Config) -> tuple[list[Document], list[Document]]:
    """Training and held-out documents: `test_datasets`, else the validation parts of `datasets`, else `val_set_size`.

    Raises DataError where the data cannot be read or holds no text.
    """
    training = read_documents(config.datasets)
    if config.test_datasets:
        held_out = read_documents(config.test_datasets, "evaluation", key="test_datasets")
        if not held_out:
            paths = ", ".join(entry.path for entry in config.test_datasets)
            raise DataError(f"test_datasets: {paths}: no document with a text")
    else:
        held_out = read_documents(config.datasets, "validation")
    if not training:
        raise DataError(f"datasets: {', '.join(entry.path for entry in config.datasets)}: no document with a text")
    if held_out:
        # A document can be in a crawl and in the validation part of its corpus: evaluation on it must stay honest.
        names = {name for document in held_out for name in document.names}
        every, training = len(training), [each for each in training if not each.names & names]
        if len(training) < every:
            say(f"{every - len(training):,} documents are not trained on: they are held out for evaluation, too")
    elif config.val_set_size:
        try:
            training, held_out = hold_out(training, config.val_set_size, seed=config.seed)
        except ValueError as error:
            raise DataError(str(error)) from error
    if not training:
        raise DataError("datasets: every document is held out, none is left to train on")
    return training, held_out


def prepare(config: Config, encoder: Encoder, *, write_cache: bool = True) -> Prepared:
    """The rows that `config` asks for; tokens are taken from `dataset_prepared_path` where they are there already.

    Raises DataError where the data cannot be read.
    """
    if config.dataset_processes:
        # The tokenizers' threads read it when the first text comes.
        os.environ["RAYON_NUM_THREADS"] = str(config.dataset_processes)
    _check_cache_place(config)
    files = data_files(config)
    folder = _cache_folder(config, encoder, files)
    found = _from_cache(folder) if folder else None
    if found is None:
        training, held_out = divided_documents(config)
        found = (tokenise(training, encoder), tokenise(held_out, encoder))
        if folder and write_cache:
            _to_cache(folder, found)
        cached = False
    else:
        cached = True
    trained, evaluated = found
    return Prepared(
        train=_rows(trained, config, packed=config.sample_packing),
        validation=_rows(evaluated, config, packed=config.eval_sample_packing) if evaluated.documents else None,
        documents=trained.documents,
        held_out=evaluated.documents,
        files=files,
        cached=cached,
    )


def data_entries(config: Config) -> list[tuple[str, DatasetKeys]]:
    """Every data set that a configuration names, with the key that it stands under."""
    by_key = {"datasets": config.datasets, "test_datasets": config.test_datasets, "replay": replay_entries(config)}
    return [(key, entry) for key, entries in by_key.items() for entry in entries]


def data_files(config: Config) -> dict[str, str]:
    """The sha256 of every file that the configuration's data sets name on this machine."""
    sums: dict[str, str] = {}
    for key, entry in data_entries(config):
        found = source_files(entry, key)
        for file in (*found.train, *found.validation) if found else ():
            with file.open("rb") as opened:
                sums[str(file)] = hashlib.file_digest(opened, "sha256").hexdigest()
    return sums


def tokenise(documents: Sequence[Document], encoder: Encoder) -> Tokens:
    """The documents' tokens; each ends in the end token and begins as the tokenizer begins a text."""
    parts: list[np.ndarray] = []
    lengths: list[int] = []
    with counting("tokenising", "documents", len(documents)) as count:
        for start in range(0, len(documents), BATCH):
            batch = documents[start : start + BATCH]
            flat, sizes = encoder.encode([document.text for document in batch])
            parts.append(flat)
            lengths += sizes.tolist()
            count(len(batch))
    records = [_record(document, size) for document, size in zip(documents, lengths, strict=True)]
    return Tokens(np.concatenate(parts) if parts else np.empty(0, dtype=np.uint16), records)


def _record(document: Document, tokens: int) -> DocumentRecord:
    return DocumentRecord(
        id=document.id,
        url=document.url,
        site=document.site,
        title=document.title,
        license=document.license,
        published=document.published,
        revision=document.revision,
        repeats=document.repeats,
        tokens=tokens,
        text_sha256=document.text_sha256,
    )


def _rows(tokens: Tokens, config: Config, *, packed: bool) -> PackedRows:
    flat, lengths = tokens.flat, tokens.lengths
    repeats = _times(tokens.documents, config.seed)
    if (repeats != 1).any():
        ends = np.cumsum(lengths)
        chosen = np.repeat(np.arange(len(lengths)), repeats)
        flat = np.concatenate([flat[ends[i] - lengths[i] : ends[i]] for i in chosen.tolist()] or [flat[:0]])
        lengths = lengths[chosen]
    if not len(lengths):
        raise DataError("datasets: their weights leave no document to train on")
    rows = PackedRows.pack(flat, lengths, config.sequence_len, seed=config.seed, packed=packed)
    if not len(rows):
        raise DataError("datasets: no document has two tokens, so there is nothing to learn; look at the texts")
    return rows


def _times(documents: Sequence[DocumentRecord], seed: int) -> np.ndarray:
    """How often each document occurs in an epoch: its weight, the part after the point by a draw from the seed."""
    weights = np.array([document.repeats for document in documents], dtype=np.float64)
    draws = np.random.default_rng(seed).random(len(weights))
    return (np.floor(weights) + (draws < weights % 1)).astype(np.int64)


def _cache_folder(config: Config, encoder: Encoder, files: dict[str, str]) -> Path | None:
    """The folder of these tokens in the cache; None without a cache, or where a data set's state cannot be known."""
    entries = [*config.datasets, *config.test_datasets]
    if not config.dataset_prepared_path or any(source_files(entry) is None for entry in entries):
        return None
    settings = {
        "format": CACHE_FORMAT,
        "files": files,
        "datasets": [entry.model_dump() for entry in config.datasets],
        "test_datasets": [entry.model_dump() for entry in config.test_datasets],
        "val_set_size": config.val_set_size,
        "seed": config.seed,
        "tokenizer": encoder.fingerprint,
    }
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:20]
    return Path(config.dataset_prepared_path) / key


def _check_cache_place(config: Config) -> None:
    """Raises DataError where the cache's folder cannot be made: before the tokens that would go into it."""
    if not config.dataset_prepared_path:
        return
    path = Path(config.dataset_prepared_path).absolute()
    existing = next(each for each in (path, *path.parents) if each.exists())
    if not existing.is_dir():
        raise DataError(f"dataset_prepared_path: {existing} is a file, not a folder")
    if not os.access(existing, os.W_OK):
        raise DataError(f"dataset_prepared_path: {existing} cannot be written to")


def _to_cache(folder: Path, parts: tuple[Tokens, Tokens]) -> None:
    """Writes both parts under another name first: a folder under its own name is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", suffix=".part", dir=folder.parent))
    try:
        for name, tokens in zip(("train", "validation"), parts, strict=True):
            np.save(unfinished / f"{name}.npy", tokens.flat)
            with (unfinished / f"{name}.jsonl").open("w", encoding="utf-8") as lines:
                for document in tokens.documents:
                    lines.write(json.dumps(asdict(document), ensure_ascii=False) + "\n")
        (unfinished / SUMS_FILE).write_text(json.dumps(_sums(unfinished)), encoding="utf-8")
        if folder.is_dir() and not _is_whole(folder):
            shutil.rmtree(folder)
        try:
            unfinished.rename(folder)
        except OSError:
            # Another process of the same run was here first, with the same tokens.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _from_cache(folder: Path) -> tuple[Tokens, Tokens] | None:
    if not folder.is_dir():
        return None
    try:
        if not _is_whole(folder):
            raise ValueError("is not what was written")
        parts = []
        for name in ("train", "validation"):
            with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
                records = [DocumentRecord(**json.loads(line)) for line in lines]
            parts.append(Tokens(np.load(folder / f"{name}.npy", mmap_mode="r"), records))
    except (OSError, ValueError, TypeError, EOFError) as error:
        say(f"dataset_prepared_path: {folder} is not whole ({first_line(error)}): the data is tokenised anew")
        return None
    return parts[0], parts[1]


def _is_whole(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / SUMS_FILE).read_text(encoding="utf-8")) == _sums(folder))
    except (OSError, ValueError):
        return False


def _sums(folder: Path) -> dict[str, str]:
    """The sha256 of each file of the cache that holds tokens or documents."""
    sums = {}
    for name in _CACHED:
        with (folder / name).open("rb") as opened:
            sums[name] = hashlib.file_digest(opened, "sha256").hexdigest()
    return sums
