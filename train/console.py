"""What a run says to people: each line once, whatever the number of processes."""

from __future__ import annotations

import os
import sys


def is_first() -> bool:
    """Whether this is the process that speaks and writes."""
    return int(os.environ.get("RANK", "0")) == 0


def say(line: str) -> None:
    """A line for people, once whatever the number of processes."""
    if is_first():
        print(line, file=sys.stderr, flush=True)
