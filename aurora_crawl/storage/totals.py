"""How many articles a site says it holds: a line a route, as `scrapy discover --count` writes it and a corpus reads it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from aurora_crawl.errors import StorageError
from aurora_crawl.messages import N_

How = Literal["announced", "counted"]


class TotalsError(StorageError):
    """A file of totals that cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Announced:
    """How many articles a route of a site leads to, and how that is known."""

    site: str
    route: str
    announced: int
    how: How = "announced"
    """`announced`: the site says so. `counted`: so many addresses were found in its sitemaps or lists."""

    def as_line(self) -> str:
        """As a line of JSON, without its end."""
        return json.dumps(asdict(self))

    @classmethod
    def from_line(cls, line: str) -> Announced:
        """The inverse of `as_line`. Raises ValueError."""
        match json.loads(line):
            case {"site": str(site), "route": str(route), "announced": int(announced), **more} if announced >= 0:
                return cls(site, route, announced, "counted" if more.get("how") == "counted" else "announced")
        raise ValueError("no line of totals")


def read_totals(path: Path) -> dict[str, int]:
    """The most that any route of each site announces, from the output of `scrapy discover --count`. Raises TotalsError."""
    totals: dict[str, int] = {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TotalsError(N_("--totals {path}: cannot be read ({why})"), path=path, why=error) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = Announced.from_line(line)
            except (ValueError, RecursionError) as error:
                said = N_("--totals {path}, line {number}: not a line of `scrapy discover SITE --count`")
                raise TotalsError(said, path=path, number=number) from error
            totals[row.site] = max(totals.get(row.site, 0), row.announced)
    return totals
