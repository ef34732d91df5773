"""What the ledger wants to know of a line of a shard."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(slots=True, frozen=True)
class LineFacts:
    """Of one line: where the article comes from, which edit it is, and the hash by which its text is recognised."""

    url: str
    route: str
    revision: int
    text_hash: str


def line_facts(record: dict[str, Any]) -> LineFacts:
    """The facts of a line. Raises KeyError for one that lacks a field."""
    return LineFacts(record["url"], record["route"], record["revision"], hash_of(record["title"], record["text"]))


def hash_of(title: str, text: str) -> str:
    """The hash by which two stored texts are the same: of title and text."""
    return sha256(f"{title}\n\n{text}".encode("utf-8", "replace")).hexdigest()[:32]
