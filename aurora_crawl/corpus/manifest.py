"""`manifest.json` of a corpus: which shards, which settings, counts at every step, and the files with their hashes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from aurora_crawl.corpus.options import CorpusError, Selection
from aurora_crawl.files import write_whole
from aurora_crawl.messages import N_
from aurora_crawl.storage.typed_json import from_json

MANIFEST = "manifest.json"
VERSION = 1

Key = Literal["site", "year", "license", "kind", "provenance"]
CountKey = tuple[str, str, str, str, str]
"""Site, year, licence, kind and provenance of documents that are counted together."""


class ManifestError(CorpusError):
    """A manifest that cannot be read; the message names the file."""


@dataclass(frozen=True, slots=True)
class Count:
    """How much there is of something; `tokens` is None where none were counted."""

    documents: int
    words: int
    tokens: int | None


@dataclass(frozen=True, slots=True)
class Input:
    """A shard that was read, with the hash of what was read of it."""

    site: str
    name: str
    documents: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the selection: the documents and words that are left after it, and how many went, by reason."""

    name: str
    documents: int
    words: int
    dropped: dict[str, int]


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file of the corpus; `tokens` is None where none were counted, `bytes` and `sha256` are of the packed file."""

    name: str
    documents: int
    words: int
    tokens: int | None
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class GroupCount:
    """How much of the corpus is of one site, one year ("" for none), one licence, one kind (article, book) and one provenance.

    `provenance` is "unknown" for texts of which nobody says where they are from, else ""; `tokens` is 0 where none were counted.
    """

    site: str
    year: str
    license: str
    documents: int
    words: int
    tokens: int
    kind: str = "article"
    provenance: str = ""

    @property
    def key(self) -> CountKey:
        """What is the same in all of it."""
        return (self.site, self.year, self.license, self.kind, self.provenance)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a corpus is made of.

    `steps` tells what was left and dropped, in their order; `blocks` the sha256 of each site's file of learned blocks that was
    cut by; `total` is written for who reads the file, and counted from `counts`.
    """

    settings: Selection
    tokenizer: str | None
    inputs: list[Input]
    steps: list[Step]
    files: list[CorpusFile]
    counts: list[GroupCount]
    blocks: dict[str, str] = field(default_factory=dict)
    version: int = VERSION

    def by(self, key: Key) -> dict[str, Count]:
        """Counts by site, year or another key, in the order of their names."""
        found: dict[str, list[GroupCount]] = defaultdict(list)
        for row in self.counts:
            found[getattr(row, key)].append(row)
        return {name: self._sum(rows) for name, rows in sorted(found.items())}

    def sum(self) -> Count:
        """The whole corpus."""
        return self._sum(self.counts)

    def _sum(self, rows: Iterable[GroupCount]) -> Count:
        every = list(rows)
        tokens = sum(row.tokens for row in every) if self.tokenizer else None
        return Count(sum(row.documents for row in every), sum(row.words for row in every), tokens)

    def write(self, folder: Path) -> None:
        """Put the manifest into a corpus' folder."""
        row = {**asdict(self), "total": asdict(self.sum())}
        write_whole(folder / MANIFEST, json.dumps(row, ensure_ascii=False, indent=1) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a corpus. Raises ManifestError for a folder without one, with a broken one, or with a newer one."""
    path = folder / MANIFEST
    try:
        manifest = from_json(Manifest, json.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise ManifestError(N_("{path}: no such file; `scrapy corpus` makes a corpus"), path=path) from error
    except (ValueError, OSError) as error:
        raise ManifestError(N_("{path}: cannot be read ({why}); make the corpus anew"), path=path, why=error) from error
    if manifest.version > VERSION:
        said = N_("{path}: written by a newer program (version {version}): update this program")
        raise ManifestError(said, path=path, version=manifest.version)
    return manifest
