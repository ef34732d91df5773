"""JSON-LD of a page: its objects, and the plain values in them, whatever their shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from aurora_crawl.extraction.tree import descendants

ARTICLE_TYPES = frozenset(
    "Article NewsArticle BlogPosting Report ReportageNewsArticle OpinionNewsArticle AnalysisNewsArticle ReviewNewsArticle "
    "BackgroundNewsArticle ScholarlyArticle TechArticle LiveBlogPosting SocialMediaPosting".split()
)
PAGE_TYPES = frozenset({"WebPage", "ItemPage"})
_DEEPEST_JSON = 6
_JSON = json.JSONDecoder(strict=False)


def objects(tree: etree._Element) -> Iterator[dict[str, Any]]:
    """Every JSON-LD object of a page, nested ones too; scripts that are not JSON are left aside."""
    for script in descendants(tree, "script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        try:
            value = _JSON.decode(script.text.strip().rstrip(";"))
        except (ValueError, RecursionError):
            continue
        yield from _walk(value, 0)


def _walk(value: object, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST_JSON:
        return
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            if isinstance(inner, dict | list):
                yield from _walk(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, depth + 1)


def as_list(value: object) -> list[Any]:
    """A list as it is, nothing as an empty one, and anything else as the only member of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def strings(value: object) -> list[str]:
    """The strings of a value or of a list of values."""
    return [one for one in as_list(value) if isinstance(one, str)]


def names_of(value: object, nodes: dict[str, dict[str, Any]]) -> list[str]:
    """The name of a person or an organisation: a plain string, an object with a name, or a reference into `nodes`."""
    if isinstance(value, dict):
        if not value.get("name") and value.get("@id") in nodes:
            value = nodes[value["@id"]]
        return [name for name in strings(value.get("name")) if name]
    return [value] if isinstance(value, str) else []
