"""A post as WordPress' REST API hands it out becomes an Article."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from aurora_crawl.addresses import resolved, same_site
from aurora_crawl.extraction.fragment import read_fragment
from aurora_crawl.extraction.loader import new_loader
from aurora_crawl.extraction.metadata import NO_SECTION
from aurora_crawl.extraction.passages import kept, removals
from aurora_crawl.extraction.plain_title import text_of_title
from aurora_crawl.items import Article, join_paragraphs

Post = dict[str, Any]
"""A post as the API tells it: plugins put into it, and leave out of it, what they like."""


def read_post(post: Post, *, site: str, site_url: str, license: str | None) -> Article:
    """The Article in a post with `_embed=author,wp:term`; fields that the site withholds stay empty.

    The dates carry the site's offset, which is the difference of a date and its `_gmt` twin.
    """
    loader = new_loader(post_address(post, site_url), site=site, site_url=site_url, route="rest", license=license)
    loader.add_value("title", text_of_title(_rendered(post, "title")))
    passages = read_fragment(_rendered(post, "content"))
    loader.add_value("text", join_paragraphs(kept(passages)))
    loader.add_value("removed", removals(passages))
    loader.add_value("published", _moment(post, "date"))
    loader.add_value("modified", _moment(post, "modified"))
    loader.add_value("authors", _authors(post))
    for taxonomy, name in _terms(post):
        if taxonomy == "category" and name.casefold() not in NO_SECTION:
            loader.add_value("section", name)
        elif taxonomy == "post_tag":
            loader.add_value("tags", name)
    article: Article = loader.load_item()
    return article


def post_address(post: Post, site_url: str) -> str:
    """The address of a post; where it tells none that may be asked for, that under which WordPress finds every post."""
    link = post.get("link")
    url = resolved(f"{site_url}/", link) if isinstance(link, str) and link.strip() else None
    return f"{site_url}/?p={post['id']}" if url is None or not same_site(url, site_url) else url


def is_protected(post: Post) -> bool:
    """Whether the text is kept back from those who do not know a password."""
    content = post.get("content")
    return isinstance(content, dict) and content.get("protected") is True


def _rendered(post: Post, field: str) -> str:
    value = post.get(field)
    text = value.get("rendered") if isinstance(value, dict) else value
    return text if isinstance(text, str) else ""


def _moment(post: Post, field: str) -> str | None:
    """ISO 8601 with the site's offset; in UTC where only that is known."""
    local, gmt = _parse(post.get(field)), _parse(post.get(f"{field}_gmt"))
    if gmt is None:
        return None if local is None else local.date().isoformat()
    offset = local - gmt if local is not None else timedelta()
    # A date that was edited by hand can differ by years from its twin; no zone does.
    offset = (
        timedelta() if abs(offset) > timedelta(hours=14) else timedelta(minutes=round(offset / timedelta(minutes=1)))
    )
    try:
        return (gmt + offset).replace(tzinfo=timezone(offset)).isoformat()
    except OverflowError:
        # The last day of the calendar, or the first.
        return gmt.date().isoformat()


def _parse(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None


def _authors(post: Post) -> list[str]:
    """The names of the authors; of the SEO plugin's where the site hides its users."""
    embedded = post.get("_embedded")
    names = [row["name"] for row in _rows(embedded, "author") if isinstance(row.get("name"), str)]
    if not names:
        head = post.get("yoast_head_json")
        author = head.get("author") if isinstance(head, dict) else None
        names = [author] if isinstance(author, str) else []
    return [text_of_title(name) for name in names]


def _rows(embedded: object, field: str) -> list[Post]:
    """The objects in a field of `_embedded`, also those in lists there; none where something else stands."""
    value = embedded.get(field) if isinstance(embedded, dict) else None
    if isinstance(value, dict):
        value = list(value.values()) if "name" not in value else [value]
    listed = value if isinstance(value, list) else []
    flat = [row for group in listed for row in (group if isinstance(group, list) else [group])]
    return [row for row in flat if isinstance(row, dict)]


def _terms(post: Post) -> list[tuple[str, str]]:
    """Taxonomy and name of each term of the post, in the order of the site."""
    rows = _rows(post.get("_embedded"), "wp:term")
    return [
        (row["taxonomy"], text_of_title(row["name"]))
        for row in rows
        if isinstance(row.get("taxonomy"), str) and isinstance(row.get("name"), str)
    ]
