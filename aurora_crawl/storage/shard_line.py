"""What the ledger wants to know of a line of a shard."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from aurora_crawl.items import Article


@dataclass(slots=True, frozen=True)
class LineFacts:
    """Of one line: where the article comes from, which edit it is, and the hash by which its text is recognised."""

    url: str
    route: str
    revision: int
    text_hash: str


def line_facts(article: Article) -> LineFacts:
    """The facts of an article's line."""
    return LineFacts(article.url, article.route, article.revision, text_hash(article))


def text_hash(article: Article) -> str:
    """The hash by which two stored texts are the same: of title and text."""
    return sha256(f"{article.title}\n\n{article.text}".encode("utf-8", "replace")).hexdigest()[:32]


def body_hash(article: Article) -> str:
    """The hash of the text alone, by which walls and error pages are the same whatever titles they have."""
    return sha256(article.text.encode("utf-8", "replace")).hexdigest()[:32]
