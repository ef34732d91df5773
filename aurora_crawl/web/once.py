"""What is asked of each host once a crawl: whoever needs it waits for the one answer, and all get the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class OncePerHost(Generic[Answer]):
    """Answers by host. Not a Twisted Deferred: of those that wait for one, only the first would be given its result."""

    def __init__(self) -> None:
        self._asked: dict[str, asyncio.Task[Answer]] = {}

    async def of(self, host: str, ask: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """What `ask` returns or raises, called for the first who wants to know it of this host."""
        if host not in self._asked:
            self._asked[host] = asyncio.ensure_future(ask())
        # Who stops waiting stops only itself.
        return await asyncio.shield(self._asked[host])

    def known(self, host: str) -> Answer | None:
        """What is known of a host by now; None while nobody has asked, or no answer has come."""
        asked = self._asked.get(host)
        return asked.result() if asked is not None and asked.done() and asked.exception() is None else None
