"""What a run says to people: each line once, whatever the number of processes; and how far something has come."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from tqdm import tqdm

INTERVAL = 15.0
"""Seconds between two lines where the output is no terminal."""


def is_first() -> bool:
    """Whether this is the process that speaks and writes."""
    return int(os.environ.get("RANK", "0")) == 0


def say(line: str) -> None:
    """A line for people, once whatever the number of processes."""
    if is_first():
        # Above a bar, where one is shown.
        tqdm.write(fitted(line, sys.stderr), file=sys.stderr)
        sys.stderr.flush()


def fitted(text: str, out: TextIO, indent: str = "") -> str:
    """The text as a terminal shows it: its lines end between words, and go on behind their own indent and `indent`.

    For anything but a terminal as it is; a word that is longer than a line, such as a path, stays whole.
    """
    if not out.isatty():
        return text
    columns = max(shutil.get_terminal_size().columns - 1, 20)
    return "\n".join(_wrapped(line, columns, indent) if len(line) > columns else line for line in text.split("\n"))


def _wrapped(line: str, columns: int, indent: str) -> str:
    own = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line.strip(),
        columns,
        initial_indent=own,
        subsequent_indent=own + indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


@contextmanager
def counting(
    what: str, unit: str, total: int | None = None, *, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[int], object]]:
    """Gives a function to be told of each piece that is done, and shows how far it has come and how long it will take.

    A bar on a terminal; elsewhere a line every `INTERVAL` seconds, so that what is done at once says nothing. `total` None
    is a number that nobody knows before the end.
    """
    if not is_first() or sys.stderr.isatty():
        with tqdm(total=total, desc=what, unit=f" {unit}", disable=not is_first(), leave=False) as bar:
            yield bar.update
        return
    began = said = clock()
    done = 0

    def count(pieces: int = 1) -> None:
        nonlocal done, said
        done += pieces
        now = clock()
        if now - said >= INTERVAL:
            said = now
            of = f" of {total:,}" if total else ""
            left = f", {duration((total - done) * (now - began) / done)} left" if total and done else ""
            say(f"{what}: {done:,}{of} {unit}{left}")

    yield count


def duration(seconds: float) -> str:
    """Seconds as people say them: `48 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
