"""How many articles a crawl hands out."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


class Limit:
    """How many articles a crawl may still hand out; null is no limit."""

    def __init__(self, most: int | None) -> None:
        self._left = most

    @property
    def reached(self) -> bool:
        """Whether no further article is wanted."""
        return self._left is not None and self._left <= 0

    def take(self) -> None:
        """One article was handed out."""
        if self._left is not None:
            self._left -= 1

    def at_most(self, count: int) -> int:
        """As many of so many as are still wanted."""
        return count if self._left is None else min(count, max(self._left, 0))

    def first(self, entries: list[T]) -> list[T]:
        """As many of the entries as are still wanted."""
        return entries[: self.at_most(len(entries))]
