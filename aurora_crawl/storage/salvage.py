"""As much of a damaged shard as can be read."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from aurora_crawl.items import Article, NewerSchemaError
from aurora_crawl.messages import N_, Message
from aurora_crawl.storage.shard_line import LineFacts, line_facts
from aurora_crawl.storage.shards import OPEN_SUFFIX, ShardError

DAMAGED_SUFFIX = ".damaged"
"""What is appended to the name of a file that is kept aside because it is damaged."""


@dataclass(slots=True)
class ReadShard:
    """What could be read of a shard."""

    path: Path
    good: list[bytes] = field(default_factory=list)
    facts: list[tuple[str, LineFacts]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_what_can_be(path: Path) -> ReadShard:
    """As much of a shard as can be read, and what is wrong with the rest. Raises ShardError for lines of a newer program."""
    shard = ReadShard(path)
    is_open = path.name.endswith(OPEN_SUFFIX)
    number = 0
    try:
        with path.open("rb") if is_open else gzip.open(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                if is_open and not line.endswith(b"\n"):
                    break
                try:
                    article = Article.from_record(json.loads(line))
                    shard.facts.append((article.id, line_facts(article)))
                    shard.good.append(line)
                except NewerSchemaError as error:
                    raise ShardError(N_("{path}, line {number}: {why}"), path=path, number=number, why=error) from error
                except ValueError as error:
                    shard.problems.append(
                        Message(
                            "{name}, line {number}: not an article ({why})", name=path.name, number=number, why=error
                        )
                    )
    except (EOFError, OSError, zlib.error) as error:
        shard.problems.append(
            Message("{name}: cannot be read after line {number} ({why})", name=path.name, number=number, why=error)
        )
    if not is_open and not path.stat().st_size:
        # To gzip this is no damage.
        shard.problems.append(f"{path.name}: empty")
    return shard


def put_aside(path: Path) -> Path:
    """Copy a damaged file to where a person can look at it; where that is."""
    aside = path.with_name(path.name + DAMAGED_SUFFIX)
    aside.write_bytes(path.read_bytes())
    return aside
