"""The first stage, shard by shard: each document cleaned once more, measured, signed, and written where the last stage finds it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path

import numpy as np

from aurora_crawl.corpus.attribution import credited
from aurora_crawl.corpus.containment import PARAGRAPHS, hashed_paragraphs
from aurora_crawl.corpus.document_table import FACTS, write_table
from aurora_crawl.corpus.minhash import signature
from aurora_crawl.corpus.options import UNKNOWN_LICENSE, Selection
from aurora_crawl.files import whole_file
from aurora_crawl.items import UNKNOWN_PROVENANCE, Article, Format
from aurora_crawl.messages import Message
from aurora_crawl.storage.articles import read_articles
from aurora_crawl.storage.shards import FINISHED_SUFFIX, OPEN_SUFFIX, ShardError, encode
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.clean import NOTHING_LEFT, Dropped, Rules, clean, is_in
from aurora_crawl.text.quality import MARKS, words_of

READING_VERSION = 4
"""One more whenever what is read out of a line changes: what an older program left unfinished is then read again."""

EDITIONS: tuple[Format | None, ...] = ("epub", "html", "docx", None, "pdf", "txt", "ocr")
"""Formats by how sure it is what in them is text: marked up, an article's page among them, before printed, before read from pictures.
Plain text mostly was one of these before, and does not say which."""


@dataclass(frozen=True, slots=True)
class ShardTask:
    """One shard to be read, an open one up to `first` lines: a crawl may be adding more.

    `lines`, `facts` and `paragraphs` are the files to write; `sites` are all sites' names and hosts, sorted.
    """

    site: str
    shard: Path
    first: int | None
    lines: Path
    facts: Path
    paragraphs: Path
    blocks: Path
    sites: tuple[tuple[str, str], ...]
    selection: Selection
    number: int


def task_key(shard_sha256: str, blocks: Path, selection: Selection, sites: Sequence[tuple[str, str]]) -> str:
    """What the result of reading a shard depends on, as sixteen hex digits: the same key, the same result."""
    rules = blocks.read_bytes() if blocks.is_file() else b""
    version = Boilerplate.general().version
    known = json.dumps([READING_VERSION, shard_sha256, version, list(sites), asdict(selection)], sort_keys=True)
    return sha256(known.encode() + rules).hexdigest()[:16]


def read_documents(task: ShardTask) -> tuple[int, tuple[str, ...]]:
    """Read a shard; how many documents it holds, and the licences among them.

    Raises ShardError for a broken line. Files appear whole or not at all, `facts` last: where it is, the task is done.
    """
    facts = np.zeros(1024, dtype=FACTS)
    licenses: dict[str, int] = {}
    count = offset = 0
    paragraphs: list[tuple[int, int, int]] = []
    rules = Rules(
        _boilerplate(task.blocks),
        task.selection.quality,
        task.selection.mask_personal_data,
        task.selection.language,
    )
    with whole_file(task.lines, has_rivals=True) as file:
        for article in islice(read_articles(_standing(task.shard)), task.first):
            if count == len(facts):
                facts = np.concatenate([facts, np.zeros(len(facts), dtype=FACTS)])
            cleaned = _document(article, rules)
            try:
                _fill(facts[count], cleaned, task, licenses)
            except ValueError as error:
                said = Message(
                    "{shard}, line {number}: not an article ({why}); run `scrapy verify`",
                    shard=task.shard,
                    number=count + 1,
                    why=error,
                )
                raise ShardError(said) from error
            hashes, facts[count]["letters"] = hashed_paragraphs(cleaned.paragraphs)
            paragraphs += [(count, *one) for one in hashes]
            # What was cut stays with the shards; a corpus holds what is trained on.
            line = encode(replace(cleaned, removed=[]) if cleaned.removed else cleaned)
            file.write(line)
            facts[count]["file"], facts[count]["offset"], facts[count]["length"] = task.number, offset, len(line)
            offset += len(line)
            count += 1
    write_table(task.paragraphs, np.array(paragraphs, dtype=PARAGRAPHS))
    write_table(task.facts, facts[:count])
    return count, tuple(licenses)


def _standing(shard: Path) -> Path:
    """The shard, or what a crawl has meanwhile closed it to: the same lines, and perhaps more behind them."""
    return shard if shard.exists() else shard.with_name(shard.name.removesuffix(OPEN_SUFFIX) + FINISHED_SUFFIX)


def _document(article: Article, rules: Rules) -> Article:
    """A stored article as its page would be cleaned now; one that is dropped is left out later, and counted until then."""
    outcome = clean(article, rules)
    if not isinstance(outcome, Dropped):
        return outcome
    return replace(outcome.article, text="") if outcome.reason in NOTHING_LEFT else outcome.article


def _fill(fact: np.void, article: Article, task: ShardTask, licenses: dict[str, int]) -> None:
    """Note what is to be known of a cleaned article. Raises ValueError for a date that is none."""
    words = words_of(article.text)
    fact["id"] = article.id
    fact["license"] = licenses.setdefault(article.license or UNKNOWN_LICENSE, len(licenses))
    fact["revision"] = article.revision
    fact["published"] = _moment(article.published)
    fact["words"] = len(words)
    fact["is_book"] = article.kind == "book"
    fact["is_untold"] = article.provenance == UNKNOWN_PROVENANCE
    fact["edition"] = EDITIONS.index(article.format if article.kind == "book" else None)
    fact["noise"] = (article.quality.noise or 0) if article.kind == "book" else 0
    fact["is_wanted_language"] = is_in(article, task.selection.language)
    fact["marks"] = sum(1 << bit for bit, mark in enumerate(MARKS) if mark in article.quality.marks)
    cut = " ".join(removal.text for removal in article.removed)
    # Editions of a book are chosen by their format; where one names a library it is no copy of its page.
    fact["credits"] = -1 if fact["is_book"] else credited(article.paragraphs, cut, task.site, task.sites)
    fact["hash"] = sha256(article.text.encode("utf-8", "replace")).digest()[:16]
    fact["signature"] = signature(words)


def _moment(published: str | None) -> str:
    """When an article was published, so that the order of the words is that of time: in UTC where an hour is told.

    Raises ValueError for what is no date. A day without an hour counts from its beginning, an unknown day as the last.
    """
    if not published:
        return "9999"
    moment = datetime.fromisoformat(published) if "T" in published else None
    if moment and moment.tzinfo:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    # Looked at, so that a line with something else is found here and not in the middle of the counting.
    int(published[:4])
    return published[:19]


@lru_cache(maxsize=64)
def _boilerplate(path: Path) -> Boilerplate:
    return Boilerplate.general().with_file(path)
