"""`manifest.json` of a corpus: which shards, which settings, counts at every step, and the files with their hashes."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aurora_crawl.corpus.options import CorpusError
from aurora_crawl.messages import N_
from aurora_crawl.storage.shards import write_whole

MANIFEST = "manifest.json"
VERSION = 1


class ManifestError(CorpusError):
    """A manifest that cannot be read; the message names the file."""


@dataclass(frozen=True, slots=True)
class Count:
    """How much there is of something; `tokens` is null where none were counted."""

    documents: int
    words: int
    tokens: int | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a corpus is made of.

    `inputs` are the shards (site, name, documents, sha256), `steps` what was left and dropped at each step, `files` the
    corpus' own files (name, documents, words, tokens, bytes, sha256), `counts` documents, words and tokens by site, year and
    licence, `blocks` the sha256 of each site's file of learned blocks that was cut by.
    """

    settings: dict[str, Any]
    tokenizer: str | None
    inputs: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    files: list[dict[str, Any]]
    counts: list[dict[str, Any]]
    blocks: dict[str, str] = field(default_factory=dict)
    version: int = VERSION
    total: dict[str, Any] = field(default_factory=dict)

    def by(self, *keys: str) -> dict[tuple[str, ...], Count]:
        """Counts by some of `site`, `year` and `license`, in the order of their names."""
        found: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in self.counts:
            found[tuple(row[key] for key in keys)].append(row)
        return {name: self._sum(rows) for name, rows in sorted(found.items())}

    def sum(self) -> Count:
        """The whole corpus."""
        return self._sum(self.counts)

    def _sum(self, rows: list[dict[str, Any]]) -> Count:
        tokens = sum(row["tokens"] for row in rows) if self.tokenizer else None
        return Count(sum(row["documents"] for row in rows), sum(row["words"] for row in rows), tokens)

    def write(self, folder: Path) -> None:
        """Put the manifest into a corpus' folder."""
        row = {**asdict(self), "total": asdict(self.sum())}
        write_whole(folder / MANIFEST, json.dumps(row, ensure_ascii=False, indent=1) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a corpus. Raises ManifestError for a folder without one, or with a broken one."""
    path = folder / MANIFEST
    try:
        return Manifest(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise ManifestError(N_("{path}: no such file; `scrapy corpus` makes a corpus"), path=path) from error
    except (ValueError, TypeError, OSError) as error:
        raise ManifestError(N_("{path}: cannot be read ({why}); make the corpus anew"), path=path, why=error) from error
