"""A page or a file becomes paragraphs and what is known of them; no Scrapy here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aurora_crawl.extraction.article import Extracted, extract_article

__all__ = ["Extracted", "extract_article"]


def __getattr__(name: str) -> object:
    """Both are loaded when they are first asked for: every command knows sites, and few of them read a page."""
    if name not in __all__:
        raise AttributeError(name)
    from aurora_crawl.extraction.article import Extracted, extract_article

    return {"Extracted": Extracted, "extract_article": extract_article}[name]
