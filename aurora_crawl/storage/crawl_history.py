"""What became of each crawl of a site: a line a crawl in `DATA_DIR/monitor/SITE.jsonl`, the newest last."""

from __future__ import annotations

import json
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from aurora_crawl.files import write_whole
from aurora_crawl.storage.typed_json import from_json

MOST = 200
"""Crawls that are remembered."""


@dataclass(slots=True, frozen=True)
class CrawlRecord:
    """A crawl that ended: `ended_at` (ISO 8601), why it ended, what it counted, and what its monitors said."""

    ended_at: str
    reason: str
    kept: int = 0
    edited: int = 0
    unchanged: int = 0
    requests: int = 0
    bytes: int = 0
    seconds: float = 0.0
    expected: int | None = None
    found: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()


def note_crawl(data_dir: Path, site: str, record: CrawlRecord) -> None:
    """Add a crawl. Raises OSError when the disk is full."""
    path = _path(data_dir, site)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = deque(_lines(path), MOST)
    lines.append(json.dumps(asdict(record), ensure_ascii=False))
    write_whole(path, "\n".join(lines) + "\n")


def crawls_of(data_dir: Path, site: str) -> list[CrawlRecord]:
    """The crawls of a site that ended, the newest last; a line that cannot be read is left out."""
    found = []
    for line in _lines(_path(data_dir, site)):
        with suppress(ValueError):
            found.append(from_json(CrawlRecord, json.loads(line)))
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _path(data_dir: Path, site: str) -> Path:
    return data_dir / "monitor" / f"{site}.jsonl"
