"""Taking documents out of a finished corpus: files, counts, manifest and card change together, in one step."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from aurora_crawl.corpus.dataset_card import card
from aurora_crawl.corpus.manifest import CorpusFile, GroupCount, Manifest, Step, read_manifest
from aurora_crawl.corpus.output_folder import held
from aurora_crawl.corpus.token_count import NONE
from aurora_crawl.corpus.writing import Part, counts_of, write_lines
from aurora_crawl.files import fresh_folder, put_in_place, write_whole
from aurora_crawl.items import work_of

STEP = "forgotten"


def forget_in_corpus(corpus: Path, ids: Collection[str]) -> int:
    """Take documents out, and away what builds that were ended left beside it; how many documents there were.

    A corpus that holds none of them stays as it is, byte for byte. Raises PlaceError while a corpus is being built there,
    ManifestError for a broken manifest, TokenizerError where the tokens of what stays cannot be counted again, OSError when
    the disk is full.
    """
    if corpus.exists():
        # Before it is looked at whether this is a corpus at all: one with a broken manifest must not pass for something else.
        read_manifest(corpus)
    with held(corpus) as work:
        count = _without(corpus, ids) if corpus.exists() else 0
        shutil.rmtree(work)
    return count


def _without(corpus: Path, ids: Collection[str]) -> int:
    manifest = read_manifest(corpus)
    found = {file.name: _held(corpus / file.name, ids) for file in manifest.files}
    if not any(found.values()):
        return 0
    fresh = fresh_folder(corpus)
    files: list[CorpusFile] = []
    taken: list[Part] = []
    for file in manifest.files:
        if not found[file.name]:
            _same(corpus / file.name, fresh / file.name)
            files.append(file)
            continue
        stays, goes = _split(corpus / file.name, fresh / file.name, ids, manifest.tokenizer or NONE)
        taken.append(goes)
        if stays.file.documents:
            files.append(stays.file)
        else:
            (fresh / file.name).unlink()
    _write(fresh, manifest, files, taken)
    put_in_place(fresh, corpus)
    return sum(found.values())


def _held(path: Path, ids: Collection[str]) -> int:
    return sum(work_of(json.loads(line)["id"]) in ids for line in _lines(path))


def _split(source: Path, target: Path, ids: Collection[str], tokenizer: str) -> tuple[Part, Part]:
    """Write the lines that stay; what they are, and what those that go are."""
    stays = write_lines(
        target, (line for line in _lines(source) if work_of(json.loads(line)["id"]) not in ids), tokenizer
    )
    aside = target.with_name(f".{target.name}.gone")
    goes = write_lines(aside, (line for line in _lines(source) if work_of(json.loads(line)["id"]) in ids), tokenizer)
    aside.unlink()
    return stays, goes


def _write(folder: Path, manifest: Manifest, files: list[CorpusFile], taken: list[Part]) -> None:
    gone = {row.key: row for row in counts_of(taken)}
    counts = [_less(row, gone.get(row.key)) for row in manifest.counts]
    counts = [row for row in counts if row.documents]
    number = sum(part.file.documents for part in taken)
    number += sum(step.dropped[STEP] for step in manifest.steps if step.name == STEP)
    left = Step(STEP, sum(row.documents for row in counts), sum(row.words for row in counts), {STEP: number})
    steps = [*(step for step in manifest.steps if step.name != STEP), left]
    left_over = replace(manifest, steps=steps, files=files, counts=counts)
    write_whole(folder / "README.md", card(left_over))
    left_over.write(folder)


def _less(row: GroupCount, gone: GroupCount | None) -> GroupCount:
    if gone is None:
        return row
    return replace(
        row,
        documents=row.documents - gone.documents,
        words=row.words - gone.words,
        tokens=row.tokens - gone.tokens,
    )


def _same(source: Path, target: Path) -> None:
    """The file under a second name; a copy where the file system knows no second names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        yield from file
