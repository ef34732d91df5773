"""A site's stored data checked, mended where that is wished, and its small shards merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from aurora_crawl.storage.repair import compact_site, repair_site
from aurora_crawl.storage.verify import verify_site


@dataclass(slots=True)
class LookedAfter:
    """What was found of a site and done about it.

    `problems` were there at first, `left` are there now; `mended` is None where nothing was to be mended, `lost` what could not
    be. `waiting`: articles that the next crawl takes over by itself. `merged`: closed shards before and after; None where merging was not asked for, or something is wrong.
    """

    articles: int
    lines: int
    shards: int
    problems: list[str]
    left: list[str]
    mended: list[str] | None = None
    lost: list[str] = field(default_factory=list)
    merged: tuple[int, int] | None = None
    waiting: int = 0


def looked_after(data_dir: Path, site: str, *, repair: bool, compact: bool) -> LookedAfter:
    """Check a site; mend and merge where asked. Raises StorageError, OSError."""
    verdict = verify_site(data_dir, site)
    problems, mended, lost = verdict.problems, None, []
    if problems and repair:
        done = repair_site(data_dir, site)
        mended, lost = done.mended, done.lost
        verdict = verify_site(data_dir, site)
    found = LookedAfter(verdict.articles, verdict.lines, verdict.shards, problems, verdict.problems, mended, lost)
    found.waiting = verdict.waiting
    if compact and not found.left:
        found.merged = compact_site(data_dir, site)
    return found
