"""When a host may be asked next: shared by every crawl on this machine, and remembered between them.

A small file a host, `DATA_DIR/hosts/HOST.json`: `next`, before which no request goes out, and `closed_until`, before which the
host does not want to be asked at all. Both in seconds since 1970.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aurora_crawl.files import waiting_lock

LONGEST_CLOSED = 7 * 86400.0
"""Seconds; a host that asks to be left alone for longer is asked again after a week."""
FARTHEST_TURN = 3600.0
"""Seconds; a turn that is booked farther ahead was booked by a clock that stood ahead."""
_SAME_TURN = 0.1
_LATEST = 1e11
"""Seconds since 1970, in the year 5138: beyond it no clock stands."""
_MOST = 4096
"""Characters of a host's file that are read."""


class HostClock:
    """The times of one host."""

    def __init__(self, data_dir: Path, host: str, clock: Callable[[], float] = time.time) -> None:
        self._path = data_dir / "hosts" / f"{re.sub(r'[^a-z0-9.-]', '_', host.lower())}.json"
        self._clock = clock

    def reserve(self, delay: float) -> float:
        """Take the next turn; how many seconds to wait for it. The turn after it comes `delay` seconds later."""
        now = self._clock()
        turn = now

        def book(times: dict[str, float]) -> None:
            nonlocal turn
            booked = times.get("next", 0.0)
            turn = max(now, booked if booked - now <= max(FARTHEST_TURN, delay) else 0.0)
            times["next"] = turn + delay

        self._change(book)
        return turn - now

    def give_back(self, turns: list[float], delay: float) -> None:
        """Free turns (seconds since 1970) that were booked and are not taken, as far as nobody booked one behind them."""

        def free(times: dict[str, float]) -> None:
            for turn in sorted(turns, reverse=True):
                if abs(times.get("next", 0.0) - (turn + delay)) > _SAME_TURN:
                    return
                times["next"] = turn

        self._change(free)

    def close_for(self, seconds: float) -> None:
        """The host does not want to be asked for so long."""
        now = self._clock()
        until = now + min(seconds, LONGEST_CLOSED)
        self._change(lambda times: times.update(closed_until=max(until, _bounded(times.get("closed_until", 0.0), now))))

    def reopen(self) -> None:
        """Forget what the host said of being left alone, and which turns are booked."""
        self._change(dict.clear)

    def closed_for(self) -> float:
        """For how many seconds the host does not want to be asked; 0 where it may be."""
        try:
            times = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return 0.0
        now = self._clock()
        return max(0.0, _bounded(_seconds(times, "closed_until"), now) - now)

    def _change(self, change: Callable[[dict[str, float]], None]) -> None:
        with waiting_lock(self._path) as file:
            try:
                read = json.loads(file.read(_MOST) or "{}")
            except ValueError:
                # Killed while writing: a turn is forgotten, nothing more.
                read = {}
            times = {key: _seconds(read, key) for key in ("next", "closed_until")}
            change(times)
            # In this order, so that who reads without the lock never finds nothing.
            line = json.dumps(times)
            file.seek(0)
            file.write(line)
            file.flush()
            file.truncate(len(line))


def _bounded(until: float, now: float) -> float:
    """A moment until which a host is left alone; none where only a wrong clock can have meant it."""
    return until if until - now <= LONGEST_CLOSED else 0.0


def _seconds(times: Any, key: str) -> float:
    value = times.get(key) if isinstance(times, dict) else None
    return float(value) if isinstance(value, int | float) and 0 <= value <= _LATEST else 0.0
