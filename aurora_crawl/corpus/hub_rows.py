"""Rows of wanted hosts out of data sets of web pages in Parquet (FineWeb-2 and its like), into shards with their provenance.

Of a row group the addresses are read first; its texts only where one of them is wanted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from aurora_crawl.addresses import canonical_address, refusal
from aurora_crawl.corpus.hub import HubError
from aurora_crawl.items import ArchivedAt, Article, article_id
from aurora_crawl.messages import N_
from aurora_crawl.storage.ledger import Finding
from aurora_crawl.storage.shard_line import text_hash
from aurora_crawl.storage.store import SiteStore
from aurora_crawl.text.clean import Dropped, Rules, clean

ROUTE = "hub"
ROWS = 2000
"""Texts that memory holds at a time."""
_LONGEST_TITLE = 200
_SHOWN_TITLE = 80
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})")
_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_HOST = re.compile(r"https?://(?:[^/?#@\s]*@)?(?:www\.)?([a-z0-9.-]+)", re.IGNORECASE)


@dataclass(slots=True, frozen=True)
class HubRow:
    """A row: the page's address, its text, and which file and crawl it comes from."""

    url: str
    text: str
    moment: str
    file: str


@dataclass(slots=True)
class Taken:
    """How many rows were looked at, and what became of the wanted ones."""

    rows: int = 0
    stored: int = 0
    passed: Counter[str] | None = None


def files_in(dataset: str) -> list[str]:
    """The Parquet files of a data set: of a folder, a file, or `OWNER/NAME[/FOLDER]` on the Hub. Raises HubError."""
    local = Path(dataset)
    if local.is_file():
        return [str(local)]
    if local.is_dir():
        return sorted(map(str, local.rglob("*.parquet")))
    if not _NAME.match(dataset):
        raise HubError(N_("--hub {dataset}: no folder, and no data set OWNER/NAME"), dataset=dataset)
    try:
        from huggingface_hub import HfFileSystem

        found = sorted(HfFileSystem().glob(f"datasets/{dataset}/**/*.parquet"))
    except Exception as error:  # the library has many classes for what fails
        raise HubError(N_("--hub {dataset}: cannot be listed ({why})"), dataset=dataset, why=error) from error
    return [f"hf://{path}" for path in found]


def rows_of(file: str, hosts: Collection[str], seen: Callable[[int], None]) -> Iterator[HubRow]:
    """The rows of wanted hosts in a file; `seen` hears how many rows each row group has. Raises HubError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = frozenset(hosts)
    try:
        with _opened(file) as source:
            parquet = pq.ParquetFile(source)
            names = set(parquet.schema_arrow.names)
            if not {"url", "text"} <= names:
                raise HubError(N_("{file}: has no columns url and text"), file=file)
            more = [name for name in ("date", "dump") if name in names]
            for group in range(parquet.num_row_groups):
                urls = parquet.read_row_group(group, columns=["url"]).column("url").to_pylist()
                seen(len(urls))
                places = [n for n, url in enumerate(urls) if isinstance(url, str) and _is_of(url, wanted)]
                if not places:
                    continue
                table = parquet.read_row_group(group, columns=["url", "text", *more])
                for start in range(0, len(places), ROWS):
                    part = table.take(pa.array(places[start : start + ROWS])).to_pylist()
                    yield from (_row(row, file) for row in part if isinstance(row["text"], str))
    except (OSError, pa.ArrowException) as error:
        raise HubError(N_("{file}: cannot be read ({why})"), file=file, why=error) from error


def take(
    rows: Iterator[HubRow],
    data_dir: Path,
    site_of: Callable[[str], str],
    rules_of: Callable[[str], Rules],
    taken: Taken,
) -> None:
    """Store rows as articles of their hosts' sites; what a crawl or an archive has brought stays. Raises StoreError."""
    passed = taken.passed = taken.passed or Counter()
    held: dict[str, tuple[SiteStore, Rules]] = {}
    try:
        for row in rows:
            if refusal(row.url) is not None:
                passed["no address"] += 1
                continue
            site = site_of(row.url)
            if site not in held:
                if len(held) >= _MOST_OPEN:
                    held.pop(next(iter(held)))[0].close()
                held[site] = SiteStore(data_dir, site), rules_of(site)
            store, rules = held[site]
            article = _article(row, site)
            if store.ledger.find(article.id, row.url, ROUTE) is not Finding.NEW:
                passed["known"] += 1
                continue
            outcome = clean(article, rules)
            if isinstance(outcome, Dropped):
                passed[outcome.reason] += 1
                store.ledger.drop(article.id, reason=outcome.reason)
            elif store.kept_with_text(text_hash(outcome)) is not None:
                passed["duplicate"] += 1
                store.ledger.drop(article.id, reason="duplicate")
            else:
                store.keep(outcome)
                taken.stored += 1
    finally:
        for store, _ in held.values():
            store.close()


_MOST_OPEN = 50
"""Stores; each has five files open, and a process may have 1,024."""


def host_in(url: str) -> str:
    """The host of an address, without `www.`."""
    found = _HOST.match(url)
    return found[1].lower() if found else ""


def _is_of(url: str, hosts: frozenset[str]) -> bool:
    host = host_in(url)
    while host:
        if host in hosts:
            return True
        host = host.partition(".")[2]
    return False


def _row(row: Mapping[str, Any], file: str) -> HubRow:
    date = str(row.get("date") or "")
    moment = date if _INSTANT.fullmatch(date) else datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return HubRow(row["url"], row["text"], moment, f"{file} {row['dump']}" if row.get("dump") else file)


def _article(row: HubRow, site: str) -> Article:
    """The article in a row: these data sets have no titles, and most texts begin with theirs."""
    first, _, rest = row.text.strip().partition("\n")
    has_title = bool(rest.strip()) and len(first) <= _LONGEST_TITLE
    title = first.strip() if has_title else f"{first[:_SHOWN_TITLE].rsplit(' ', 1)[0]}…"
    body = rest if has_title else row.text
    return Article(
        article_id(canonical_address(row.url, f"https://{host_in(row.url)}")),
        row.url,
        site,
        title,
        "\n\n".join(line.strip() for line in body.splitlines() if line.strip()),
        route=ROUTE,
        capture=ArchivedAt(row.file, row.moment),
        crawled_at=row.moment,
    )


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if not file.startswith("hf://"):
        with Path(file).open("rb") as source:
            yield source
        return
    from huggingface_hub import HfFileSystem

    with HfFileSystem().open(file.removeprefix("hf://"), "rb", block_size=1 << 22) as remote:
        yield remote
