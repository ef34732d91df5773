"""What is stored of a site, as far as a checkup compares with it: some of its newest articles, and how many were announced."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from aurora_crawl.items import Article
from aurora_crawl.storage.articles import read_articles
from aurora_crawl.storage.crawl_history import crawls_of
from aurora_crawl.storage.shards import ShardError, shards_of

NEWEST = 50
"""Articles that are looked at."""


@dataclass(slots=True)
class Stored:
    """Some of a site's stored articles, the newest last; `announced`: the most that its routes ever announced, 0 for never."""

    articles: list[Article] = field(default_factory=list)
    announced: int = 0

    @property
    def route(self) -> str:
        """The route that brought most of them; empty where nothing is stored."""
        routes = Counter(article.route for article in self.articles)
        return routes.most_common(1)[0][0] if routes else ""

    @property
    def words(self) -> float:
        """Their mean length in words; 0 for none."""
        return sum(article.words for article in self.articles) / len(self.articles) if self.articles else 0.0

    @property
    def share_dated(self) -> float:
        """The share of them that has a day."""
        return sum(bool(article.published) for article in self.articles) / len(self.articles) if self.articles else 0.0

    @property
    def newest(self) -> str:
        """The day of the newest one, empty for none."""
        return max((article.published[:10] for article in self.articles if article.published), default="")


def stored_of(data_dir: Path, site: str) -> Stored:
    """What is stored of a site; nothing where its shards cannot be read, which `scrapy verify` says."""
    announced = max((crawl.expected or 0 for crawl in crawls_of(data_dir, site)), default=0)
    shards = [path for name, path in shards_of(data_dir / "articles") if name == site]
    newest: deque[Article] = deque(maxlen=NEWEST)
    try:
        for path in shards[-2:]:
            newest.extend(read_articles(path))
    except ShardError:
        newest.clear()
    return Stored(list(newest), announced)
