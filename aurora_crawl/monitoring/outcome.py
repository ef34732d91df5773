"""A crawl's figures as one record, from which summary, progress, history, monitors and exit statuses are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aurora_crawl import stat_names as names
from aurora_crawl.errors import FAILED, INTERRUPTED

FINISHED = "finished"
STOPPED = names.STOPPED
"""What Scrapy says of a crawl that Ctrl-C or a signal ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a crawl has done so far, or in the end.

    `reason`: why it ended, a code. `kept`, `edited`, `unchanged`: articles stored as new, as a new revision, and found to be as
    they were. Counts by name: `found` (by what the ledger says: new, edited, known, …), `dropped`, `failed` (by reason), `removed`
    (by rule), `marked` (by mark), `refused` (by kind), `route_failed` (by route), `without` (by field). `left_alone`: why, by host.
    `expected`: what the route announces; `expected_before`, `done_before`: what earlier crawls were told, and decided.
    `waited`: seconds that requests waited, added up. `limit`: how many articles were asked for at most.
    """

    reason: str = ""
    halted_because: str = ""
    complaints: tuple[str, ...] = ()
    kept: int = 0
    edited: int = 0
    unchanged: int = 0
    found: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    removed: Mapping[str, int] = field(default_factory=dict)
    marked: Mapping[str, int] = field(default_factory=dict)
    masked: int = 0
    items: int = 0
    without: Mapping[str, int] = field(default_factory=dict)
    schema_errors: int = 0
    kept_in_all: int | None = None
    limit: int | None = None
    expected: int | None = None
    expected_before: int | None = None
    done_before: int = 0
    is_update: bool = False
    route_failed: Mapping[str, int] = field(default_factory=dict)
    blocks: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    left_alone: Mapping[str, str] = field(default_factory=dict)
    robots_forbidden: int = 0
    requests: int = 0
    responses: int = 0
    bytes: int = 0
    seconds: float = 0.0
    waited: float = 0.0

    @classmethod
    def of(cls, stats: Mapping[str, Any], reason: str = "") -> Outcome:
        """The record of a crawl's stats; `reason` is what Scrapy says at the end, where the stats do not say it yet."""

        def under(prefix: str) -> dict[str, Any]:
            return {key.removeprefix(prefix): value for key, value in stats.items() if key.startswith(prefix)}

        return cls(
            reason=str(stats.get(names.HALTED) or reason or stats.get(names.FINISH_REASON) or ""),
            halted_because=stats.get(names.HALTED_BECAUSE, ""),
            complaints=tuple(stats.get(names.MONITORS_FAILED, ())),
            kept=stats.get(names.KEPT, 0),
            edited=stats.get(names.EDITED, 0),
            unchanged=stats.get(names.UNCHANGED, 0),
            found=under(names.FOUND),
            dropped=under(names.DROPPED),
            failed=under(names.FAILED),
            removed=under(names.REMOVED),
            marked=under(names.MARKED),
            masked=stats.get(names.MASKED, 0),
            items=stats.get(names.ITEMS, 0),
            without=under(names.WITHOUT),
            schema_errors=stats.get(names.SCHEMA_ERRORS, 0),
            kept_in_all=stats.get(names.KEPT_IN_ALL),
            limit=stats.get(names.LIMIT),
            expected=stats.get(names.EXPECTED) or None,
            expected_before=stats.get(names.EXPECTED_BEFORE) or None,
            done_before=stats.get(names.DONE_BEFORE, 0),
            is_update=bool(stats.get(names.IS_UPDATE)),
            route_failed=under(names.ROUTE_FAILED),
            blocks=stats.get(names.BLOCKS, 0),
            refused=under(names.REFUSED),
            left_alone=under(names.LEFT_ALONE),
            robots_forbidden=stats.get(names.ROBOTS_FORBIDDEN, 0),
            requests=stats.get(names.REQUESTS, 0),
            responses=stats.get(names.RESPONSES, 0),
            bytes=stats.get(names.RESPONSE_BYTES, 0),
            seconds=float(stats.get(names.SECONDS) or 0),
            waited=(stats.get(names.WAITED_MS, 0) + stats.get(names.TURN_MS, 0)) / 1000,
        )

    @property
    def stored(self) -> int:
        """Articles that went into a shard."""
        return self.kept + self.edited

    @property
    def decided(self) -> int:
        """Articles whose fate this crawl decided."""
        return self.stored + self.unchanged + sum(self.dropped.values()) + sum(self.failed.values())

    @property
    def limit_reached(self) -> bool:
        """Whether the crawl ended because it had as many articles as were asked for."""
        return self.limit is not None and self.reason == FINISHED and self.decided >= self.limit

    @property
    def exit_status(self) -> int:
        """Of the command that ran the crawl: 0 after a complete one that no monitor complains of."""
        if self.reason == STOPPED:
            return INTERRUPTED
        return 0 if self.reason == FINISHED and not self.complaints else FAILED
