"""Progress of commands that work in stages."""

from __future__ import annotations

from typing import Any

from tqdm import tqdm


class Bars:
    """A bar for each stage, with rate and time left."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._stage = ""

    def show(self, stage: str, done: int, total: int) -> None:
        """Show where a stage stands."""
        if self._bar is None or self._stage != stage:
            self.close()
            self._bar, self._stage = tqdm(total=total, desc=stage, unit="file", disable=None, leave=False), stage
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
