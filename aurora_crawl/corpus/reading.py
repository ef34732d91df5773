"""The first stage, shard by shard: each document cleaned once more, measured, signed, and written where the last stage finds it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np

from aurora_crawl.corpus.attribution import credited
from aurora_crawl.corpus.document_table import FACTS, write_facts
from aurora_crawl.corpus.minhash import signature
from aurora_crawl.corpus.options import UNKNOWN_LICENSE, Selection
from aurora_crawl.items import split_paragraphs
from aurora_crawl.storage.shards import FINISHED_SUFFIX, OPEN_SUFFIX, ShardError, encode, read_shard
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.language import MOSTLY, detect_mostly
from aurora_crawl.text.personal import without_personal_data
from aurora_crawl.text.quality import MARKS, measure

READING_VERSION = 2
"""One more whenever what is read out of a line changes: what an older program left unfinished is then read again."""


@dataclass(frozen=True, slots=True)
class ShardTask:
    """One shard to be read, an open one up to `first` lines: a crawl may be adding more.

    `lines` and `facts` are the files to write; `sites` are all sites' names and hosts, sorted.
    """

    site: str
    shard: Path
    first: int | None
    lines: Path
    facts: Path
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
    rules = _rules(task.blocks)
    unfinished = task.lines.with_name(f".{task.lines.name}.{uuid4().hex}.unfinished")
    with unfinished.open("wb") as file:
        for record in islice(read_shard(_standing(task.shard)), task.first):
            if count == len(facts):
                facts = np.concatenate([facts, np.zeros(len(facts), dtype=FACTS)])
            try:
                _fill(facts[count], record, rules, task, licenses)
            except (KeyError, TypeError, ValueError) as error:
                raise ShardError(
                    f"{task.shard}, line {count + 1}: not an article ({error}); run `scrapy verify`"
                ) from error
            line = encode(record)
            file.write(line)
            facts[count]["file"], facts[count]["offset"], facts[count]["length"] = task.number, offset, len(line)
            offset += len(line)
            count += 1
    unfinished.replace(task.lines)
    write_facts(task.facts, facts[:count])
    return count, tuple(licenses)


def _standing(shard: Path) -> Path:
    """The shard, or what a crawl has meanwhile closed it to: the same lines, and perhaps more behind them."""
    return shard if shard.exists() else shard.with_name(shard.name.removesuffix(OPEN_SUFFIX) + FINISHED_SUFFIX)


def _fill(fact: np.void, record: dict[str, Any], rules: Boilerplate, task: ShardTask, licenses: dict[str, int]) -> None:
    """Clean a record in place, and note what is to be known of it."""
    kept, removed = rules.strip(split_paragraphs(record["text"]), record["title"])
    cut = " ".join([*(one["text"] for one in record["removed"]), *(one.text for one in removed)])
    text = "\n\n".join(kept)
    if task.selection.mask_personal_data:
        record["title"], _ = without_personal_data(record["title"])
        text, _ = without_personal_data(text)
    score = record["quality"]["language_score"]
    if record["language"] is None or score is None:
        found = detect_mostly(kept, task.selection.language)
        record["language"], score = found.language, found.score
    words = text.split()
    quality = measure(text, score, task.selection.quality, pieces=words)
    # What was cut stays with the shards; a corpus holds what is trained on.
    record["text"], record["removed"], record["words"] = text, [], len(words)
    record["quality"] = {name: getattr(quality, name) for name in record["quality"]}
    license = record["license"] or UNKNOWN_LICENSE
    fact["id"] = record["id"]
    fact["license"] = licenses.setdefault(license, len(licenses))
    fact["revision"] = record["revision"]
    fact["published"] = _moment(record["published"])
    fact["words"] = record["words"]
    fact["is_wanted_language"] = record["language"] == task.selection.language and score >= MOSTLY
    fact["marks"] = sum(1 << bit for bit, mark in enumerate(MARKS) if mark in quality.marks)
    fact["credits"] = credited(kept, cut, task.site, task.sites)
    fact["hash"] = sha256(text.encode("utf-8", "replace")).digest()[:16]
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


def host_of(record: dict[str, Any]) -> str:
    """The host of an article's address, without `www.`."""
    return (urlsplit(record["url"]).hostname or "").removeprefix("www.")


@lru_cache(maxsize=64)
def _rules(path: Path) -> Boilerplate:
    return Boilerplate.general().with_file(path)
