"""What the ledger knows of an address and of a listing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """The last known fate of an address."""

    FOUND = "found"
    KEPT = "kept"
    DROPPED = "dropped"
    FAILED = "failed"
    FORGOTTEN = "forgotten"


class Finding(StrEnum):
    """What an address that a route reports means to this crawl."""

    NEW = "new"
    EDITED = "edited"
    KNOWN = "known"
    FORGOTTEN = "forgotten"


@dataclass(slots=True, frozen=True)
class Entry:
    """A row of the ledger.

    `due` says that the address is to be fetched (for the first time, again after a failure, or since it was edited);
    `key` is the route's own name for it (a WordPress post's type and number); `rules` the version of the rules that
    dropped it; `text_hash` the hash of the stored text, by which an edit is recognised within one route; `modified` what the
    route told. What a server says of a page (ETag, Last-Modified) is not kept: no request asks by it.
    """

    id: str
    url: str
    state: State
    due: bool
    route: str
    key: str | None = None
    reason: str | None = None
    rules: str | None = None
    tries: int = 0
    shard: str | None = None
    revision: int = 0
    text_hash: str | None = None
    modified: str | None = None


@dataclass(slots=True, frozen=True)
class Reading:
    """How far a listing was read.

    `position` is the route's own note of where to go on, null where it has nothing to go on with; `started_at` when the
    reading that `position` belongs to began; `completed_at` when the last reading that reached the end had begun:
    whatever the site changed since then is not yet known.
    """

    position: dict[str, Any] | None = None
    started_at: str | None = None
    completed_at: str | None = None
    expected: int | None = None
