"""One thing that is wrong with a site: a word for machines, what it is, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aurora_crawl.messages import Message


@dataclass(slots=True, frozen=True)
class Finding:
    """`kind` is the cause in a word or two; `what` and `to_do` are messages, filled with `values`. A finding that is no alarm is a hint."""

    kind: str
    what: str
    to_do: str
    values: Mapping[str, object] = field(default_factory=dict)
    is_alarm: bool = True

    def told(self) -> tuple[str, str]:
        """What it is, and what to do, in the reader's language."""
        return Message(self.what, **self.values).told(), Message(self.to_do, **self.values).told()
