"""A budget of time for work on what strangers sent: beyond it the work ends with an error, whatever it is busy with."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import FrameType
from typing import ParamSpec, TypeVar

from aurora_crawl.messages import Message

PAGE_SECONDS = 8.0
"""Of this process alone, for reading or cleaning one page. Long reports take .5 s; the longest book of one page 3 s."""
Given = ParamSpec("Given")
Read = TypeVar("Read")
_AGAIN = 1.0
"""Seconds after which the end is asked for once more: a library may have caught the first."""


class OverBudget(Exception):  # noqa: N818 - what became of the work
    """The work took longer than it may."""

    def __init__(self, seconds: float = PAGE_SECONDS) -> None:
        super().__init__(Message("takes more than {seconds} s to read", seconds=f"{seconds:g}"))


@contextmanager
def within_budget(seconds: float | None = None) -> Iterator[None]:
    """Raises OverBudget in the middle of what takes longer than so many seconds (PAGE_SECONDS) of this process's time.

    By a signal, which Python heeds between two of its instructions, and its patterns too; a library's own loops are not
    interrupted, and end it where they return. So it holds in the main thread of a process only, and the outer of two budgets counts.
    """
    most = PAGE_SECONDS if seconds is None else seconds
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield
        return
    is_over = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal is_over
        is_over = True
        raise OverBudget(most)

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, most, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    if is_over:
        # Somebody caught it: what came of the work is not whole.
        raise OverBudget(most)


def bounded(read: Callable[Given, Read]) -> Callable[Given, Read]:
    """The same function within the budget of a page. It raises OverBudget beside what it raises by itself."""

    @wraps(read)
    def within(*args: Given.args, **kwargs: Given.kwargs) -> Read:
        with within_budget():
            return read(*args, **kwargs)

    return within
