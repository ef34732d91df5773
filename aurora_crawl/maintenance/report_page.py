"""The report's page, written from what is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from aurora_crawl.corpus.manifest import MANIFEST, read_manifest
from aurora_crawl.corpus.report import render
from aurora_crawl.corpus.survey import survey
from aurora_crawl.errors import StorageError
from aurora_crawl.files import write_whole
from aurora_crawl.messages import N_
from aurora_crawl.storage.totals import read_totals


def write_report(
    target: Path,
    data_dir: Path,
    *,
    corpus: Path | None,
    totals: Path | None,
    goal: int,
    samples: int,
    progress: Callable[[str, int, int], None],
) -> None:
    """Write the page to `target`. `corpus`: a folder that must be there; None takes DATA_DIR/corpus where there is one.

    Raises StorageError, CorpusError, BlockFileError, OSError.
    """
    counted = read_totals(totals) if totals else {}
    folder = corpus or data_dir / "corpus"
    manifest = read_manifest(folder) if corpus or (folder / MANIFEST).exists() else None
    surveys = survey(data_dir, data_dir / "articles", samples, progress)
    if not surveys:
        raise StorageError(N_("nothing is stored in {folder}; `scrapy crawl SITE` begins"), folder=data_dir)
    page = render(surveys, manifest, counted, goal, datetime.now().astimezone())
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, page)
