"""Lines of several crawls at once: a place each in a terminal, in a log only what stays."""

from __future__ import annotations

import sys
from itertools import chain, repeat

from tqdm import tqdm


class LiveLines:
    """In a terminal, a line for each crawl that runs, below those of the crawls that have ended; in a log, only the latter."""

    def __init__(self, jobs: int) -> None:
        shown = range(jobs) if sys.stdout.isatty() else ()
        self._places = [tqdm(bar_format="{desc}", position=n, leave=False, file=sys.stdout) for n in shown]

    def __enter__(self) -> LiveLines:
        return self

    def __exit__(self, *error: object) -> None:
        for place in self._places:
            place.close()

    def say(self, line: str) -> None:
        """A line that stays."""
        tqdm.write(line, file=sys.stdout)
        sys.stdout.flush()

    def show(self, lines: list[str]) -> None:
        """Bring the lines of running crawls up to date."""
        for place, line in zip(self._places, chain(lines, repeat("")), strict=False):
            place.set_description_str(line)
