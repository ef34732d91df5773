"""The steps in which a WordPress is read through its REST API, and how far reading one has come."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from aurora_crawl.routes.rest_api import Query
from aurora_crawl.routes.route import Note, Scope, Window


@dataclass(slots=True, frozen=True)
class Position:
    """Where a step is read: `offset` posts lie behind, the highest id among them is `last`.

    `anchored`: the post just before `offset` was brought, so that it can serve as the anchor. `done`: how many posts the
    steps before held.
    """

    step: int = 0
    offset: int = 0
    last: int = 0
    done: int = 0
    anchored: bool = False

    def next_step(self) -> Position:
        """The beginning of the step after this one, which ends here."""
        return Position(step=self.step + 1, done=self.done + self.offset)

    def as_note(self) -> Note:
        """The position as the ledger keeps it."""
        return asdict(self)


def rest_steps(scope: Scope, changed_since: str | None) -> list[tuple[str, Query]]:
    """What is to be read, one after the other: a type of posts and the query that selects them."""
    window = _window(scope.window)
    if not changed_since:
        return [(type_, window) for type_ in scope.post_types]
    # A post that was written long ago and appears by timetable is published, yet not modified, since then.
    published = window | {"after": max(changed_since, window.get("after", ""))}
    queries = (window | {"modified_after": changed_since}, published)
    return [(type_, query) for type_ in scope.post_types for query in queries]


def _window(window: Window) -> Query:
    """The window in WordPress' parameters: both bounds exclusive, in the site's own time."""
    query: Query = {}
    if window.since:
        query["after"] = f"{window.since - timedelta(days=1)}T23:59:59"
    if window.until:
        query["before"] = f"{window.until + timedelta(days=1)}T00:00:00"
    return query
