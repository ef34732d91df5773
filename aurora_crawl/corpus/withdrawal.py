"""Taking documents out of a finished corpus: files, counts, manifest and card change together, in one step."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from aurora_crawl.corpus.dataset_card import card
from aurora_crawl.corpus.manifest import Manifest, read_manifest
from aurora_crawl.corpus.output_folder import fresh_folder, held, put_in_place
from aurora_crawl.corpus.token_count import NONE
from aurora_crawl.corpus.writing import Part, counts_of, write_lines
from aurora_crawl.storage.shards import write_whole

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
    found = {row["name"]: _held(corpus / row["name"], ids) for row in manifest.files}
    if not any(found.values()):
        return 0
    fresh = fresh_folder(corpus)
    files: list[dict[str, Any]] = []
    taken: list[Part] = []
    for row in manifest.files:
        if not found[row["name"]]:
            _same(corpus / row["name"], fresh / row["name"])
            files.append(row)
            continue
        stays, goes = _split(corpus / row["name"], fresh / row["name"], ids, manifest.tokenizer or NONE)
        taken.append(goes)
        if stays.documents:
            files.append({key: getattr(stays, key) for key in row})
        else:
            (fresh / row["name"]).unlink()
    _write(fresh, manifest, files, taken)
    put_in_place(fresh, corpus)
    return sum(found.values())


def _held(path: Path, ids: Collection[str]) -> int:
    return sum(json.loads(line)["id"] in ids for line in _lines(path))


def _split(source: Path, target: Path, ids: Collection[str], tokenizer: str) -> tuple[Part, Part]:
    """Write the lines that stay; what they are, and what those that go are."""
    stays = write_lines(target, (line for line in _lines(source) if json.loads(line)["id"] not in ids), tokenizer)
    aside = target.with_name(f".{target.name}.gone")
    goes = write_lines(aside, (line for line in _lines(source) if json.loads(line)["id"] in ids), tokenizer)
    aside.unlink()
    return stays, goes


def _write(folder: Path, manifest: Manifest, files: list[dict[str, Any]], taken: list[Part]) -> None:
    gone = {(row["site"], row["year"], row["license"]): row for row in counts_of(taken)}
    counts = []
    for row in manifest.counts:
        minus = gone.get((row["site"], row["year"], row["license"]), {})
        left = {**row, **{key: row[key] - minus.get(key, 0) for key in ("documents", "words", "tokens")}}
        if left["documents"]:
            counts.append(left)
    steps = [row for row in manifest.steps if row["name"] != STEP]
    before = sum(row["dropped"][STEP] for row in manifest.steps if row["name"] == STEP)
    number = before + sum(part.documents for part in taken)
    total = {key: sum(row[key] for row in counts) for key in ("documents", "words")}
    steps.append({"name": STEP, **total, "dropped": {STEP: number}})
    left_over = replace(manifest, steps=steps, files=files, counts=counts)
    write_whole(folder / "README.md", card(left_over))
    left_over.write(folder)


def _same(source: Path, target: Path) -> None:
    """The file under a second name; a copy where the file system knows no second names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        yield from file
