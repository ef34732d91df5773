"""The results of a census: a line an outlet, written when it is counted; a census that was ended goes on behind them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from aurora_crawl.files import sync_file
from aurora_crawl.inspection.census import Counted
from aurora_crawl.inspection.counts import Estimate, total
from aurora_crawl.storage.typed_json import from_json


@dataclass(slots=True, frozen=True)
class CensusSum:
    """What a census comes to: outlets counted, unknown, opted out; articles and tokens; requests, and hours with all hosts at once."""

    counted: int
    unknown: int
    opted_out: int
    articles: Estimate
    tokens: Estimate
    requests: int
    hours: float

    def missing(self, goal: int) -> tuple[float, float, float]:
        """Tokens that are missing to a goal: as estimated, at best, at worst; never below none."""
        worst, best = goal - self.tokens.low, goal - self.tokens.high
        return max(0.0, goal - self.tokens.value), max(0.0, best), max(0.0, worst)


class CensusFile:
    """`DATA_DIR/census/NAME.jsonl`: what was counted, by host."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counted: dict[str, Counted] = {}
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError:
            lines = []
        for line in lines:
            try:
                row = from_json(Counted, json.loads(line))
            except (ValueError, TypeError):
                # The line that a kill cut; its outlet is counted again, from its answers.
                continue
            self.counted[row.host] = row

    def add(self, row: Counted) -> None:
        """Write an outlet's line; it is on the disk when this returns."""
        self.counted[row.host] = row
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            if file.tell() and not _ends_a_line(self.path):
                file.write(b"\n")
            file.write(json.dumps(asdict(row), ensure_ascii=False).encode() + b"\n")
            sync_file(file)

    def forget(self) -> None:
        """Begin anew."""
        self.counted.clear()
        self.path.unlink(missing_ok=True)


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def sum_of(rows: Sequence[Counted], *, obeys_opt_outs: bool) -> CensusSum:
    """What these outlets come to; those that opted out are counted apart where that is obeyed."""
    open_ones = [row for row in rows if not (row.opt_out and obeys_opt_outs)]
    known = [row for row in open_ones if row.articles is not None]
    return CensusSum(
        counted=len(known),
        unknown=len(open_ones) - len(known),
        opted_out=len(rows) - len(open_ones),
        articles=total([row.articles for row in known if row.articles]),
        tokens=total([row.tokens for row in known if row.tokens]),
        requests=sum(row.requests for row in known),
        hours=max((row.requests * row.delay for row in known), default=0.0) / 3600,
    )
