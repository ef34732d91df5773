"""Articles as shards hold them: read line by line, and of each id the revision that holds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from aurora_crawl.items import Article, NewerSchemaError, RecordError
from aurora_crawl.messages import N_
from aurora_crawl.storage.shards import ShardError, read_shard

Id = TypeVar("Id", bound=Hashable)
Line = TypeVar("Line")


def newest(lines: Iterable[tuple[Id, int]]) -> dict[Id, int]:
    """Of each id, the number of the line that holds, counted from 0 over `lines`, which are ids and revisions in their order.

    The highest revision holds; of several lines of one revision the last.
    """
    holding: dict[Id, tuple[int, int]] = {}
    for number, (id, revision) in enumerate(lines):
        if id not in holding or holding[id][0] <= revision:
            holding[id] = revision, number
    return {id: number for id, (_, number) in holding.items()}


def newest_by_id(lines: Iterable[Line], key: Callable[[Line], tuple[str, int]]) -> dict[str, Line]:
    """Of each id the line that holds; `key` tells a line's id and revision."""
    every = list(lines)
    return {id: every[number] for id, number in newest(map(key, every)).items()}


def read_articles(path: Path) -> Iterator[Article]:
    """The articles of a shard, open or closed, in their order.

    Raises ShardError, naming file and line, for damaged files, for lines that are no articles, and for those of a newer program.
    """
    for number, record in enumerate(read_shard(path), 1):
        try:
            yield Article.from_record(record)
        except NewerSchemaError as error:
            raise ShardError(N_("{path}, line {number}: {why}"), path=path, number=number, why=error) from error
        except RecordError as error:
            raise ShardError(
                N_("{path}, line {number}: not an article ({why}); run `scrapy verify`"),
                path=path,
                number=number,
                why=error,
            ) from error


def newest_articles(paths: Sequence[Path]) -> Iterator[Article]:
    """The articles of some shards of a site, of each the revision that holds, in the order of their lines.

    The shards are read twice, so that memory holds ids and no texts. Raises ShardError.
    """
    every = ((article.id, article.revision) for path in paths for article in read_articles(path))
    holding = sorted(newest(every).values(), reverse=True)
    number = 0
    for path in paths:
        for article in read_articles(path):
            if holding and holding[-1] == number:
                holding.pop()
                yield article
            number += 1
