"""Progress of commands that work in stages."""

from __future__ import annotations

from typing import Any

from tqdm import tqdm

from aurora_crawl.messages import N_, _

STAGES = (N_("reading"), N_("choosing"), N_("writing"), N_("shards"))
"""Of a corpus and of the report."""


class Bars:
    """A bar for each stage, with rate and time left; at the end of the block it is gone, whatever ended it."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._stage = ""

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def show(self, stage: str, done: int, total: int) -> None:
        """Show where a stage stands."""
        if self._bar is None or self._stage != stage:
            self._close()
            self._bar = tqdm(total=total, desc=_(stage), unit=_("file"), disable=None, leave=False)
            self._stage = stage
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
