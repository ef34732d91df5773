"""What is stored of each site, read from its shards: counts by year, what was cut, and articles to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from aurora_crawl.corpus.token_budget import announced_to
from aurora_crawl.items import join_paragraphs, split_paragraphs
from aurora_crawl.storage.crawl_history import CrawlRecord, crawls_of
from aurora_crawl.storage.ledger import Ledger, State
from aurora_crawl.storage.shards import read_shard, shards_of
from aurora_crawl.storage.verify import sites_in
from aurora_crawl.text.boilerplate.cut import Boilerplate

CANDIDATES = 40
"""Articles of a site from which those to show are chosen."""


@dataclass(slots=True)
class SiteSurvey:
    """A site: the newest revisions of its articles, in numbers, and some of them whole."""

    site: str
    articles: int = 0
    words: int = 0
    removed_words: int = 0
    by_year: Counter[str] = field(default_factory=Counter)
    """Words by year; "" where none is known."""
    rules: Counter[str] = field(default_factory=Counter)
    """How many pieces each rule cut."""
    licenses: Counter[str] = field(default_factory=Counter)
    dropped: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    due: int = 0
    crawls: list[CrawlRecord] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def announced(self) -> int | None:
        """The most that a crawl was told the site holds; null where none was told."""
        return announced_to(self.crawls)


def survey(data_dir: Path, articles: Path, samples: int, progress: Callable[[str, int, int], None]) -> list[SiteSurvey]:
    """Look at every site under `data_dir`. Raises ShardError, LedgerError and BlockFileError for damaged files."""
    found = {site: SiteSurvey(site) for site in sites_in(data_dir)}
    newest: dict[str, dict[str, int]] = {site: {} for site in found}
    shards = [(site, path) for site, path in shards_of(articles) if site in found]
    # The newest first: an older revision of an article that was seen is not counted.
    for number, (site, path) in enumerate(reversed(shards)):
        progress("shards", number, len(shards))
        _read(found[site], path, newest[site])
    progress("shards", len(shards), len(shards))
    for one in found.values():
        _ask_ledger(one, data_dir / "ledger" / f"{one.site}.sqlite")
        one.crawls = crawls_of(data_dir, one.site)
        rules = Boilerplate.general().with_file(data_dir / "boilerplate" / f"{one.site}.txt")
        one.samples = _chosen([_cut_again(record, rules) for record in one.samples], samples)
    return list(found.values())


def _read(one: SiteSurvey, path: Path, newest: dict[str, int]) -> None:
    latest: dict[str, dict[str, Any]] = {}
    for record in read_shard(path):
        if record["revision"] > newest.get(record["id"], -1):
            latest[record["id"]] = record
            newest[record["id"]] = record["revision"]
    for record in latest.values():
        one.articles += 1
        one.words += record["words"]
        one.by_year[(record["published"] or "")[:4]] += record["words"]
        one.licenses[record["license"] or "unknown"] += 1
        for removal in record["removed"]:
            one.rules[removal["rule"]] += 1
            one.removed_words += len(removal["text"].split())
    one.samples = sorted([*one.samples, *latest.values()], key=_drawn)[:CANDIDATES]


def _drawn(record: dict[str, Any]) -> tuple[bool, bytes]:
    """First those from which something was cut, in an order that is by chance and the same every time."""
    return not record["removed"], sha256(str(record["id"]).encode()).digest()


def _cut_again(record: dict[str, Any], rules: Boilerplate) -> dict[str, Any]:
    """An article as a corpus takes it: `removed_later` is what was learned since it was stored, with positions in its text."""
    kept, removed = rules.strip(split_paragraphs(record["text"]), record["title"])
    return {**record, "text": join_paragraphs(kept), "removed_later": [asdict(one) for one in removed]}


def _rules_of(record: dict[str, Any]) -> set[str]:
    return {removal["rule"] for removal in (*record["removed"], *record["removed_later"])}


def _chosen(candidates: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Articles that show as many different rules as there is room for."""
    chosen: list[dict[str, Any]] = []
    shown: set[str] = set()
    waiting = list(candidates)
    while waiting and len(chosen) < count:
        best = max(waiting, key=lambda record: len(_rules_of(record) - shown))
        waiting.remove(best)
        chosen.append(best)
        shown.update(_rules_of(best))
    return chosen


def _ask_ledger(one: SiteSurvey, path: Path) -> None:
    if path.is_file():
        ledger = Ledger(path)
        try:
            one.dropped, one.failed = ledger.reasons(State.DROPPED), ledger.reasons(State.FAILED)
            one.due = ledger.counts()["due"]
        finally:
            ledger.close()
