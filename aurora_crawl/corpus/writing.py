"""The third stage, file by file: the chosen lines, packed, with their hashes and counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from hashlib import file_digest
from itertools import groupby
from operator import itemgetter
from os import SEEK_END
from pathlib import Path

from aurora_crawl.corpus.chapters import documents_by_chapter
from aurora_crawl.corpus.manifest import CorpusFile, CountKey, GroupCount
from aurora_crawl.corpus.options import UNKNOWN_LICENSE
from aurora_crawl.corpus.token_count import NONE, counter
from aurora_crawl.files import whole_file, write_whole
from aurora_crawl.items import UNKNOWN_PROVENANCE, Article
from aurora_crawl.storage.shards import encode, packed
from aurora_crawl.storage.typed_json import from_json
from aurora_crawl.text.clean import Rules
from aurora_crawl.text.quality import Thresholds

GZIP_LEVEL = 5
"""Measured on news: 2 to 3 % larger than level 6, in half the time."""

Sums = dict[CountKey, list[int]]
"""Documents, words and tokens."""


@dataclass(frozen=True, slots=True)
class PartTask:
    """A file of the corpus to be written: its lines as (work file, offset, length), in their order.

    With `chapters`, the thresholds by which they are measured, the chapters of books are lines of their own.
    """

    target: Path
    record: Path
    lines: tuple[tuple[Path, int, int], ...]
    tokenizer: str
    chapters: Thresholds | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the corpus, and what is in it by what they are counted by, in its order."""

    file: CorpusFile
    counts: list[GroupCount]


def write_part(task: PartTask) -> Part:
    """Write a file, or take the one that an earlier build of the same corpus finished."""
    if task.record.is_file() and task.target.is_file():
        return from_json(Part, json.loads(task.record.read_text("utf-8")))
    part = write_lines(task.target, _split(_lines(task.lines), task.chapters), task.tokenizer)
    write_whole(task.record, json.dumps(asdict(part)), has_rivals=True)
    return part


def write_lines(target: Path, lines: Iterable[bytes], tokenizer: str) -> Part:
    """Write lines as a file of a corpus, which appears whole or not at all. The same lines give the same bytes."""
    count = counter(tokenizer) if tokenizer != NONE else None
    sums: Sums = {}
    with whole_file(target, has_rivals=True) as file:
        with packed(file, GZIP_LEVEL) as pack:
            for line in lines:
                pack.write(line)
                article = Article.from_record(json.loads(line))
                found = sums.setdefault(_key_of(article), [0, 0, 0])
                found[0] += 1
                found[1] += article.words
                found[2] += count(article.text) if count else 0
        size = file.seek(0, SEEK_END)
        file.seek(0)
        digest = file_digest(file, "sha256").hexdigest()
    documents, words, tokens = (sum(column) for column in zip(*sums.values(), strict=True)) if sums else (0, 0, 0)
    return Part(CorpusFile(target.name, documents, words, tokens if count else None, size, digest), _in_order(sums))


def counts_of(parts: Iterable[Part]) -> list[GroupCount]:
    """Documents, words and tokens of all parts together, by all that they are counted by."""
    sums: Sums = {}
    for row in (row for part in parts for row in part.counts):
        found = sums.setdefault(row.key, [0, 0, 0])
        for column, value in enumerate((row.documents, row.words, row.tokens)):
            found[column] += value
    return _in_order(sums)


def _key_of(article: Article) -> CountKey:
    provenance = UNKNOWN_PROVENANCE if article.provenance == UNKNOWN_PROVENANCE else ""
    year, license = (article.published or "")[:4], article.license or UNKNOWN_LICENSE
    return (article.site, year, license, article.kind, provenance)


def _in_order(sums: Sums) -> list[GroupCount]:
    # By their JSON, as manifests have always had them.
    return [_count_of(key, sums[key]) for key in sorted(sums, key=json.dumps)]


def _count_of(key: CountKey, sums: list[int]) -> GroupCount:
    site, year, license, kind, provenance = key
    documents, words, tokens = sums
    return GroupCount(site, year, license, documents, words, tokens, kind, provenance)


def _split(lines: Iterable[bytes], thresholds: Thresholds | None) -> Iterator[bytes]:
    """The lines, with those of books as lines of their chapters where there are thresholds to measure these by."""
    if thresholds is None:
        yield from lines
        return
    rules = Rules(thresholds=thresholds)
    for line in lines:
        article = Article.from_record(json.loads(line))
        yield from [line] if article.kind != "book" else map(encode, documents_by_chapter(article, rules))


def _lines(places: tuple[tuple[Path, int, int], ...]) -> Iterator[bytes]:
    """The lines at these places; one work file is open at a time."""
    for source, of_source in groupby(places, key=itemgetter(0)):
        with source.open("rb") as file:
            for _, offset, length in of_source:
                file.seek(offset)
                yield file.read(length)
