"""The loader that fills an Article, whatever it is read from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from itemloaders import ItemLoader
from itemloaders.processors import Identity, MapCompose, TakeFirst

from aurora_crawl.addresses import canonical_address
from aurora_crawl.items import Article, article_id


def squeeze(value: str | None) -> str | None:
    """The value with its runs of spaces as one; None where nothing is left, so that the loader leaves it out."""
    return " ".join(value.split()) or None if value else None


def _each_once(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


class ArticleLoader(ItemLoader):
    """Collects what is read of an article; `load_item` gives the Article.

    Of several titles, dates or sections the first counts; `authors` and `tags` take names, repeated ones once. Names, titles
    and sections lose surplus spaces, and what is empty is left out.
    """

    default_item_class = Article
    # A processor for every field that is loaded: for one without, the loader would look at the record's fields at each value.
    text_in = published_in = modified_in = removed_in = Identity()
    title_in = section_in = authors_in = tags_in = MapCompose(squeeze)
    default_output_processor = TakeFirst()
    authors_out = tags_out = staticmethod(_each_once)
    removed_out = opt_out_out = Identity()


def new_loader(url: str, *, site: str, site_url: str, route: str, license: str | None) -> ArticleLoader:
    """A loader for the article at `url`, with what is known before it is read."""
    return ArticleLoader(
        item=Article(
            id=article_id(canonical_address(url, site_url)),
            url=url,
            site=site,
            route=route,
            license=license,
            crawled_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
    )
