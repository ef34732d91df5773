"""A crawl whose power goes while it closes a shard: python benchmarks/cut_at_closing.py crawl SITE …

Shards are small. The process ends, as if nothing of it had been, in one of the moments of a closing: before it, when the compressed file
stands beside the open one, when the manifest names it, or when the open one is gone and the ledger has not been told. Which one is drawn; a
tenth of the closings are left to end well, so that the crawl gets on.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from scrapy.cmdline import execute

from aurora_crawl.storage.shards import ShardFolder, ShardRecord
from aurora_crawl.storage.store import SiteStore

SHARD_BYTES = 60_000
MOMENTS = ("before", "compressed", "listed", "closed")
WELL = 0.1
"""Of the closings."""


def power_goes() -> None:
    """End at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Crawl, and die at a closing."""
    draw = random.Random()
    assert SiteStore.__init__.__kwdefaults__ is not None
    SiteStore.__init__.__kwdefaults__["shard_bytes"] = SHARD_BYTES
    finish, list_ = ShardFolder.finish, ShardFolder._list
    moment = ""

    def cut(at: str) -> None:
        if moment == at:
            power_goes()

    def listed(self: ShardFolder, record: ShardRecord) -> None:
        cut("compressed")
        list_(self, record)
        cut("listed")

    def finished(self: ShardFolder, name: str) -> ShardRecord | None:
        nonlocal moment
        moment = draw.choice(MOMENTS) if draw.random() > WELL else ""
        cut("before")
        record = finish(self, name)
        cut("closed")
        return record

    changed: Callable[[str, object], None] = lambda name, value: setattr(ShardFolder, name, value)  # noqa: E731
    changed("finish", finished)
    changed("_list", listed)
    sys.path.insert(0, str(Path.cwd()))
    execute(["scrapy", *sys.argv[1:]])


if __name__ == "__main__":
    main()
