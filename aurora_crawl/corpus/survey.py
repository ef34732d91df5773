"""What is stored of each site, read from its shards: counts by year, what was cut, and articles to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from aurora_crawl.corpus.token_budget import announced_to
from aurora_crawl.items import UNKNOWN_PROVENANCE, Article, join_paragraphs
from aurora_crawl.storage.articles import newest_articles
from aurora_crawl.storage.crawl_history import CrawlRecord, crawls_of
from aurora_crawl.storage.ledger import Ledger, State
from aurora_crawl.storage.shards import ShardFolder
from aurora_crawl.storage.verify import sites_in
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.boilerplate.recut import recut

CANDIDATES = 40
"""Articles of a site from which those to show are chosen."""

_BATCH = 5
"""So many times as many are held before they are sorted."""


@dataclass(slots=True)
class SiteSurvey:
    """A site: the newest revisions of its articles, in numbers, and some of them whole."""

    site: str
    articles: int = 0
    books: int = 0
    chapters: int = 0
    formats: Counter[str] = field(default_factory=Counter)
    """What the books were read from."""
    untold: int = 0
    """Texts of which nobody says where they are from."""
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
    samples: list[Article] = field(default_factory=list)

    @property
    def announced(self) -> int | None:
        """The most that a crawl was told the site holds; null where none was told."""
        return announced_to(self.crawls)


def survey(data_dir: Path, articles: Path, samples: int, progress: Callable[[str, int, int], None]) -> list[SiteSurvey]:
    """Look at every site under `data_dir`. Raises ShardError, LedgerError and BlockFileError for damaged files."""
    sites = sites_in(data_dir)
    found = []
    for number, site in enumerate(sites):
        progress("sites", number, len(sites))
        one = SiteSurvey(site)
        _read(one, articles / site)
        _ask_ledger(one, data_dir / "ledger" / f"{site}.sqlite")
        one.crawls = crawls_of(data_dir, site)
        rules = Boilerplate.general().with_file(data_dir / "boilerplate" / f"{site}.txt")
        one.samples = _chosen([_cut_again(article, rules) for article in one.samples], samples)
        found.append(one)
    progress("sites", len(sites), len(sites))
    return found


def _read(one: SiteSurvey, folder: Path) -> None:
    waiting: list[Article] = []
    for article in newest_articles(ShardFolder(folder).paths()):
        one.articles += 1
        one.words += article.words
        if article.kind == "book":
            one.books += 1
            one.chapters += len(article.chapters)
            one.formats[article.format or "?"] += 1
        one.untold += article.provenance == UNKNOWN_PROVENANCE
        one.by_year[(article.published or "")[:4]] += article.words
        one.licenses[article.license or "unknown"] += 1
        for removal in article.removed:
            one.rules[removal.rule] += 1
            one.removed_words += len(removal.text.split())
        waiting.append(article)
        if len(waiting) > _BATCH * CANDIDATES:
            waiting = sorted(waiting, key=_drawn)[:CANDIDATES]
    one.samples = sorted(waiting, key=_drawn)[:CANDIDATES]


def _drawn(article: Article) -> tuple[bool, bytes]:
    """First those from which something was cut, in an order that is by chance and the same every time."""
    return not article.removed, sha256(article.id.encode()).digest()


def _cut_again(article: Article, rules: Boilerplate) -> Article:
    """An article as a corpus takes it: cut by what was learned since it was stored, with what is cut no more put back."""
    if article.kind == "book":
        # As in cleaning: the blocks are those of newspapers' pages.
        return article
    kept, removed = recut(article.paragraphs, article.removed, article.title, rules)
    return replace(article, text=join_paragraphs(kept), removed=removed)


def _chosen(candidates: list[Article], count: int) -> list[Article]:
    """Articles that show as many different rules as there is room for."""
    chosen: list[Article] = []
    shown: set[str] = set()
    waiting = list(candidates)
    while waiting and len(chosen) < count:
        best = max(waiting, key=lambda article: len({one.rule for one in article.removed} - shown))
        waiting.remove(best)
        chosen.append(best)
        shown.update(one.rule for one in best.removed)
    return chosen


def _ask_ledger(one: SiteSurvey, path: Path) -> None:
    if path.is_file():
        ledger = Ledger(path)
        try:
            one.dropped, one.failed = ledger.reasons(State.DROPPED), ledger.reasons(State.FAILED)
            one.due = ledger.counts()["due"]
        finally:
            ledger.close()
