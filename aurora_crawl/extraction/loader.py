"""The loader that fills an Article, whatever it is read from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from itemloaders import ItemLoader
from itemloaders.processors import Identity, MapCompose

from aurora_crawl.addresses import canonical_address
from aurora_crawl.items import Article, article_id


def squeeze(value: str | None) -> str | None:
    """The value with its runs of spaces as one; null where nothing is left, so that the loader leaves it out."""
    return " ".join(value.split()) or None if value else None


def _last(values: Iterable[Any]) -> Any:
    """The value that came last: what is loaded replaces the record's default."""
    kept = None
    for value in values:
        if value is not None:
            kept = value
    return kept


def _each_once(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


class ArticleLoader(ItemLoader):
    """Collects what is read of an article; `load_item` gives the Article.

    `authors` and `tags` take names; repeated ones count once. Names, titles and sections lose surplus spaces, and what is
    empty is left out. What needs no processing, such as the text, is not loaded but known.
    """

    default_item_class = Article
    # A processor for every field: for one without, the loader would look at the record's fields at each value.
    published_in = modified_in = Identity()
    title_out = section_out = published_out = modified_out = staticmethod(_last)

    title_in = section_in = authors_in = tags_in = MapCompose(squeeze)
    authors_out = tags_out = opt_out_out = removed_out = staticmethod(_each_once)

    known: Mapping[str, str | None] = MappingProxyType({})
    """Fields that are not read but known before: they need no processing."""

    def know(self, **fields: str | None) -> None:
        """Set fields that need no processing; they go before what is collected."""
        self.known = {**self.known, **fields}

    def load_item(self) -> Article:
        """The Article, with what was collected and what is known."""
        article: Article = super().load_item()
        for name, value in self.known.items():
            setattr(article, name, value)
        return article


def new_loader(url: str, *, site: str, site_url: str, route: str, license: str | None) -> ArticleLoader:
    """A loader for the article at `url`, with what is known before it is read."""
    loader = ArticleLoader()
    loader.known = {
        "id": article_id(canonical_address(url, site_url)),
        "url": url,
        "site": site,
        "route": route,
        "license": license,
        "crawled_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return loader
