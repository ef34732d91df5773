"""A site's stored articles for people: as today's rules would cut them, searched, and written as a table."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from aurora_crawl.addresses import canonical_address
from aurora_crawl.errors import WrongCommand
from aurora_crawl.files import whole_file
from aurora_crawl.items import Article, article_id
from aurora_crawl.maintenance.learn import block_path
from aurora_crawl.messages import N_
from aurora_crawl.storage.articles import newest_articles
from aurora_crawl.storage.shards import shards_of
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.boilerplate.recut import recut

Cell = str | int | list[str] | None
"""What a table holds of an article in one place."""

COLUMNS = (
    "id url site title text authors published modified section tags language license kind route crawled_at revision words removed"
).split()
"""Of a table, in their order; `removed` is what was cut, each piece with the name of its rule before it."""
LISTS = ("authors", "tags", "removed")
ROWS_AT_A_TIME = 500
"""Articles that a table takes from memory at a time."""
_FORMULA = re.compile(r"[=+@\t\r]|-(?=[\d=+@(-])")
"""How a cell begins that a spreadsheet would calculate, and a stranger may have written."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a list of articles shows of one."""

    id: str
    published: str
    words: int
    title: str


def stored_articles(data_dir: Path, site: str) -> Iterator[Article]:
    """The newest revision of every stored article of a site, its text as today's rules cut it.

    A block that was struck out of the site's file since gives its text back. Raises WrongCommand where nothing is stored,
    ShardError, BlockFileError.
    """
    articles = data_dir / "articles"
    paths = [path for name, path in shards_of(articles) if name == site]
    if not paths:
        raise WrongCommand(N_("no articles of {site} in {folder}"), site=site, folder=articles)
    rules = Boilerplate.general().with_file(block_path(data_dir, site))
    for article in newest_articles(paths):
        kept, removed = recut(article.paragraphs, article.removed, article.title, rules)
        text = "\n\n".join(kept)
        words = article.words if text == article.text else len(text.split())
        yield replace(article, text=text, removed=removed, words=words)


def matching(articles: Iterable[Article], search: str) -> Iterator[Article]:
    """The articles whose title or text holds every word; accents and capitals make no difference."""
    words = _folded(search).split()
    for article in articles:
        text = _folded(f"{article.title}\n{article.text}") if words else ""
        if all(word in text for word in words):
            yield article


def newest_first(articles: Iterable[Article]) -> list[Shown]:
    """A line of each article, the one that was published last first."""
    lines = [Shown(one.id, (one.published or "")[:10], one.words, one.title) for one in articles]
    return sorted(lines, key=lambda line: (line.published, line.id), reverse=True)


def the_article(articles: Iterable[Article], name: str, site: str, site_url: str) -> Article:
    """The article with an id or an address. Raises WrongCommand where there is none."""
    wanted = {name, article_id(canonical_address(name, site_url))}
    for article in articles:
        if article.id in wanted or article.url == name:
            return article
    raise WrongCommand(N_("{site} has no article {name}; `scrapy articles {site}` lists them"), site=site, name=name)


def write_csv(articles: Iterable[Article], path: Path) -> int:
    """A table for spreadsheets: UTF-8 with a mark that they know it by, lists separated by semicolons; how many rows.

    A cell that a spreadsheet would take for a formula begins with an apostrophe. Raises OSError.
    """
    count = 0
    with whole_file(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        rows = csv.writer(text)
        rows.writerow(COLUMNS)
        for article in articles:
            rows.writerow([_cell(value) for value in _row(article).values()])
            count += 1
        text.flush()
        text.detach()
    return count


def write_parquet(articles: Iterable[Article], path: Path) -> int:
    """A table for programs, in Parquet; how many rows. Raises OSError, and WrongCommand where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise WrongCommand(N_("--parquet needs pyarrow: pip install 'aurora-br[corpus]'")) from error
    kinds = dict.fromkeys(COLUMNS, pyarrow.string())
    kinds |= dict.fromkeys(LISTS, pyarrow.list_(pyarrow.string()))
    kinds |= dict.fromkeys(("revision", "words"), pyarrow.int32())
    schema = pyarrow.schema(list(kinds.items()))
    count, rows = 0, iter(articles)
    with whole_file(path) as file, parquet.ParquetWriter(file, schema) as table:
        while some := [_row(article) for article in islice(rows, ROWS_AT_A_TIME)]:
            table.write_table(pyarrow.Table.from_pylist(some, schema))
            count += len(some)
    return count


def _row(article: Article) -> dict[str, Cell]:
    """An article's columns."""
    cut = [f"{removal.rule}: {removal.text}" for removal in article.removed]
    return {name: cut if name == "removed" else getattr(article, name) for name in COLUMNS}


def _cell(value: Cell) -> str:
    text = "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
